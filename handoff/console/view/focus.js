// Nobody who works with the keyboard is lost: where what had the focus goes, its pane's heading has it, or what had it before.
import { useEffect, useLayoutEffect, useRef } from "../vendor.js";

const PANES = [".context", ".thread", ".queue"];

/** Can it be seen, and does it take the focus? @param {Element | null | undefined} found */
export function focused(found) {
  if (!(found instanceof HTMLElement) || found === document.body || !found.checkVisibility()) return false;
  found.focus();
  return document.activeElement === found;
}

/** Looks after each drawing. A dialog sees to its own. */
export function useFocusKept() {
  const now = useRef(/** @type {{place: Element, pane: string | undefined} | null} */ (null));
  const before = useRef(/** @type {Element | null} */ (null));

  useEffect(() => {
    /** @param {FocusEvent} event */
    function note({ target }) {
      if (!(target instanceof Element)) return;
      if (now.current?.pane) before.current = now.current.place;
      now.current = target.closest("dialog") ? null : { place: target, pane: PANES.find((pane) => target.closest(pane)) };
    }
    addEventListener("focusin", note);
    return () => removeEventListener("focusin", note);
  }, []);

  useLayoutEffect(() => {
    const lost = now.current;
    if (!lost || lost.place.isConnected || document.activeElement !== document.body) return;
    const headings = [lost.pane ?? "", ".thread", ".queue"].map((pane) => pane && document.querySelector(`${pane} h2`)).filter((found) => found !== "");
    (lost.pane ? headings : [before.current, ...headings]).some(focused);
  });
}
