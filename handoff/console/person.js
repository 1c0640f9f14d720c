// What only a person does at a console. Scrolling is not of it: the thread scrolls by itself when somebody writes.
const ACTS = ["keydown", "pointerdown", "pointermove", "wheel", "touchmove"];

/** Call `act` whenever somebody does something on this page. @param {() => void} act */
export function watchPerson(act) {
  let place = "";
  /** A pointer that rests is told of too, when what lies under it changes: only one that was elsewhere before has moved. @param {Event} event */
  const hear = (event) => {
    const before = place;
    if (event instanceof PointerEvent) place = `${event.screenX} ${event.screenY}`;
    if (event.type !== "pointermove" || (before !== "" && before !== place)) act();
  };
  for (const kind of ACTS) addEventListener(kind, hear, { capture: true, passive: true });
}
