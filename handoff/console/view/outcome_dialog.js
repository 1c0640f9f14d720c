// How did the call go? One of four, and a note for colleagues.
import { asTrouble } from "../desk.js";
import { html, useState } from "../vendor.js";
import { words } from "../words.js";
import { Dialog } from "./dialog.js";

/** @param {{item: import("../types.d.ts").Item, desk: import("../desk.js").Desk, byHand: boolean, onDone: () => void}} props */
export function OutcomeDialog({ item, desk, byHand, onDone }) {
  const [outcome, setOutcome] = useState("");
  const [trouble, setTrouble] = useState("");

  /** @param {SubmitEvent} event */
  async function submit(event) {
    event.preventDefault();
    if (outcome === "") return setTrouble(words.call.missing);
    const note = String(new FormData(/** @type {HTMLFormElement} */ (event.currentTarget)).get("note") ?? "").trim();
    try {
      await desk.call("log_attempt", { callback: item.callback?.id, outcome, note });
      desk.say(words.call.written);
      onDone();
    } catch (error) {
      setTrouble(asTrouble(error).message);
    }
  }

  return html`
    <${Dialog} title=${words.call.outcomeTitle} onDone=${onDone}>
      ${byHand && html`<p class="dial">${words.call.byHand} <a href=${`tel:${item.callback?.number}`}><strong>${item.callback?.number}</strong></a></p>`}
      <form onSubmit=${submit}>
        <fieldset>
          <legend>${words.call.outcome}</legend>
          ${Object.entries(words.call.outcomes).map(
            ([value, label]) =>
              html`<label key=${value} class="choice"><input type="radio" name="outcome" value=${value} checked=${outcome === value} onChange=${() => setOutcome(value)} /> ${label}</label>`,
          )}
        </fieldset>
        <label for="call-note">${words.closing.note}</label>
        <textarea id="call-note" name="note" rows="3" maxLength="2000" aria-describedby="call-note-hint"></textarea>
        <p id="call-note-hint" class="quiet">${words.closing.noteHint}</p>
        <p class=${trouble ? "trouble" : "no-trouble"} role="alert">${trouble}</p>
        <div class="dialog-end">
          <button type="button" onClick=${onDone}>${words.cancel}</button>
          <button type="submit" class="primary">${words.call.save}</button>
        </div>
      </form>
    <//>
  `;
}
