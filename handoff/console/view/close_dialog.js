// How did it end? An outcome, and a note for colleagues.
import { asTrouble } from "../desk.js";
import { html, useState } from "../vendor.js";
import { words } from "../words.js";
import { Dialog } from "./dialog.js";

/** @param {{item: import("../types.d.ts").Item, desk: import("../desk.js").Desk, onDone: () => void}} props */
export function CloseDialog({ item, desk, onDone }) {
  const [outcome, setOutcome] = useState("");
  const [trouble, setTrouble] = useState("");

  /** @param {SubmitEvent} event */
  async function submit(event) {
    event.preventDefault();
    if (outcome === "") return setTrouble(words.closing.missing);
    const form = new FormData(/** @type {HTMLFormElement} */ (event.currentTarget));
    try {
      await desk.close(item.conversation, outcome, String(form.get("note") ?? "").trim());
      onDone();
    } catch (error) {
      setTrouble(asTrouble(error).message);
    }
  }

  return html`
    <${Dialog} title=${words.closing.title} onDone=${onDone}>
      <form onSubmit=${submit}>
        <fieldset>
          <legend>${words.closing.outcome}</legend>
          ${Object.entries(words.closing.outcomes).map(
            ([value, label]) =>
              html`<label key=${value} class="choice"><input type="radio" name="outcome" value=${value} checked=${outcome === value} onChange=${() => setOutcome(value)} /> ${label}</label>`,
          )}
        </fieldset>
        <label for="note">${words.closing.note}</label>
        <textarea id="note" name="note" rows="3" maxLength="2000" aria-describedby="note-hint"></textarea>
        <p id="note-hint" class="quiet">${words.closing.noteHint}</p>
        <p class=${trouble ? "trouble" : "no-trouble"} role="alert">${trouble}</p>
        <div class="dialog-end">
          <button type="button" onClick=${onDone}>${words.cancel}</button>
          <button type="submit" class="primary">${words.closing.confirm}</button>
        </div>
      </form>
    <//>
  `;
}
