// The phone of this member of staff: it rings first when they phone a patient.
import { html } from "../vendor.js";
import { words } from "../words.js";
import { FormDialog } from "./form_dialog.js";

/** @param {{desk: import("../desk.js").Desk, onDone: () => void}} props */
export function PhoneDialog({ desk, onDone }) {
  /** @type {import("./form_dialog.js").Send} */
  async function send({ number }) {
    await desk.call("set_phone", { number });
    desk.say(number.trim() ? words.phone.saved : words.phone.removed);
  }

  return html`
    <${FormDialog} title=${words.phone.title} confirm=${words.phone.save} send=${send} onDone=${onDone}>
      <label for="own-number">${words.phone.number}</label>
      <input id="own-number" name="number" type="tel" autocomplete="tel" maxLength="100" defaultValue=${desk.me?.phone ?? ""} aria-describedby="own-number-hint" />
      <p id="own-number-hint" class="quiet">${words.phone.hint}</p>
    <//>
  `;
}
