// A dialog that is one form, and the fields that more than one of them has. What goes wrong is said in it; sent, it closes.
import { asTrouble } from "../desk.js";
import { html, useState } from "../vendor.js";
import { words } from "../words.js";
import { Dialog } from "./dialog.js";

/**
 * @typedef {(given: Record<string, string>) => Promise<string | void>} Send
 * Takes the fields by name, as they were typed. Answers the sentence that says what is missing, or nothing once it is done; throws what went wrong.
 */

/** @param {{title: string, confirm: string, send: Send, onDone: () => void, onSent?: () => void, unread?: string, top?: unknown, children?: unknown}} props
 *   `onSent`: instead of `onDone`, where something else follows once it is done. `unread`: what went wrong while the form's own choices were
 *   asked for. `top`: what stands above the form. */
export function FormDialog({ title, confirm, send, onDone, onSent = onDone, unread = "", top, children }) {
  const [wrong, setWrong] = useState("");
  const trouble = wrong || unread;

  /** @param {SubmitEvent} event */
  async function submit(event) {
    event.preventDefault();
    const fields = new FormData(/** @type {HTMLFormElement} */ (event.currentTarget));
    try {
      const missing = await send(Object.fromEntries([...fields].map(([name, value]) => [name, String(value)])));
      if (missing) setWrong(missing);
      else onSent();
    } catch (error) {
      setWrong(asTrouble(error).message);
    }
  }

  return html`
    <${Dialog} title=${title} onDone=${onDone}>
      ${top}
      <form onSubmit=${submit}>
        ${children}
        <p class=${trouble ? "trouble" : "no-trouble"} role="alert">${trouble}</p>
        <div class="dialog-end">
          <button type="button" onClick=${onDone}>${words.cancel}</button>
          <button type="submit" class="primary">${confirm}</button>
        </div>
      </form>
    <//>
  `;
}

/** One of a few, below each other or `inline`. @param {{legend: string, name: string, choices: [value: string, label: string][], inline?: boolean, children?: unknown}} props */
export function Choices({ legend, name, choices, inline = false, children }) {
  return html`
    <fieldset class=${inline ? "inline" : ""}>
      <legend>${legend}</legend>
      ${children}
      ${choices.map(([value, label]) => html`<label key=${value} class="choice"><input type="radio" name=${name} value=${value} /> ${label}</label>`)}
    </fieldset>
  `;
}

/** A note for colleagues. @param {{hint: string}} props */
export function Note({ hint }) {
  return html`
    <label for="note">${words.closing.note}</label>
    <textarea id="note" name="note" rows="3" maxLength="2000" aria-describedby="note-hint"></textarea>
    <p id="note-hint" class="quiet">${hint}</p>
  `;
}
