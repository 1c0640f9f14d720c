// The phone of this member of staff: it rings first when they phone a patient.
import { asTrouble } from "../desk.js";
import { html, useState } from "../vendor.js";
import { words } from "../words.js";
import { Dialog } from "./dialog.js";

/** @param {{desk: import("../desk.js").Desk, onDone: () => void}} props */
export function PhoneDialog({ desk, onDone }) {
  const [trouble, setTrouble] = useState("");

  /** @param {SubmitEvent} event */
  async function submit(event) {
    event.preventDefault();
    const number = String(new FormData(/** @type {HTMLFormElement} */ (event.currentTarget)).get("number") ?? "");
    try {
      await desk.call("set_phone", { number });
      desk.say(number.trim() ? words.phone.saved : words.phone.removed);
      onDone();
    } catch (error) {
      setTrouble(asTrouble(error).message);
    }
  }

  return html`
    <${Dialog} title=${words.phone.title} onDone=${onDone}>
      <form onSubmit=${submit}>
        <label for="own-number">${words.phone.number}</label>
        <input id="own-number" name="number" type="tel" autocomplete="tel" maxLength="100" defaultValue=${desk.me?.phone ?? ""} aria-describedby="own-number-hint" />
        <p id="own-number-hint" class="quiet">${words.phone.hint}</p>
        <p class=${trouble ? "trouble" : "no-trouble"} role="alert">${trouble}</p>
        <div class="dialog-end">
          <button type="button" onClick=${onDone}>${words.cancel}</button>
          <button type="submit" class="primary">${words.phone.save}</button>
        </div>
      </form>
    <//>
  `;
}
