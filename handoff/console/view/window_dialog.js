// Promise a patient a call, or move one: the windows that can be kept, and for a new one the number and what it is about.
import { asTrouble } from "../desk.js";
import { html, useEffect, useState } from "../vendor.js";
import { words } from "../words.js";
import { Dialog } from "./dialog.js";

/** @typedef {{from: string, to: string, title: string}} Window */

/** @param {{item: import("../types.d.ts").Item, desk: import("../desk.js").Desk, onDone: () => void}} props */
export function WindowDialog({ item, desk, onDone }) {
  const isNew = !item.callback;
  const [windows, setWindows] = useState(/** @type {Window[] | null} */ (null));
  const [chosen, setChosen] = useState(-1);
  const [trouble, setTrouble] = useState("");

  useEffect(() => {
    desk
      .call("windows", {})
      .then((answer) => setWindows(answer.windows))
      .catch((error) => setTrouble(asTrouble(error).message));
  }, []);

  /** @param {SubmitEvent} event */
  async function submit(event) {
    event.preventDefault();
    const window = windows?.[chosen];
    if (!window) return setTrouble(words.call.noWindow);
    const form = new FormData(/** @type {HTMLFormElement} */ (event.currentTarget));
    const when = { from: window.from, to: window.to };
    try {
      if (isNew) await desk.call("plan_callback", { conversation: item.conversation, number: String(form.get("number")), about: String(form.get("about")), ...when });
      else await desk.call("move_callback", { callback: item.callback?.id, ...when });
      desk.say(words.call.told);
      onDone();
    } catch (error) {
      setTrouble(asTrouble(error).message);
    }
  }

  return html`
    <${Dialog} title=${isNew ? words.call.planTitle : words.call.moveTitle} onDone=${onDone}>
      <form onSubmit=${submit}>
        ${isNew &&
        html`<label for="call-number">${words.call.number}</label>
          <input id="call-number" name="number" type="tel" autocomplete="off" required maxLength="100" />`}
        <fieldset>
          <legend>${words.call.window}</legend>
          ${windows === null && html`<p class="quiet">${words.loading}</p>`}
          ${windows?.length === 0 && html`<p>${words.call.closed}</p>`}
          ${windows?.map(
            (window, place) =>
              html`<label key=${window.from} class="choice"><input type="radio" name="window" checked=${chosen === place} onChange=${() => setChosen(place)} /> ${window.title}</label>`,
          )}
        </fieldset>
        ${isNew &&
        html`<label for="call-about">${words.call.aboutOptional}</label>
          <textarea id="call-about" name="about" rows="2" maxLength="500"></textarea>`}
        <p class="quiet">${words.call.tellsPatient}</p>
        <p class=${trouble ? "trouble" : "no-trouble"} role="alert">${trouble}</p>
        <div class="dialog-end">
          <button type="button" onClick=${onDone}>${words.cancel}</button>
          <button type="submit" class="primary">${isNew ? words.call.promise : words.call.moveDo}</button>
        </div>
      </form>
    <//>
  `;
}
