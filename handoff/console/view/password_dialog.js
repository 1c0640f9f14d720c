// A new password; the old one is asked for unless this session came by a one-time link.
import { asTrouble } from "../desk.js";
import { html, useState } from "../vendor.js";
import { words } from "../words.js";
import { Dialog } from "./dialog.js";

const SHORTEST = 10;

/** @param {{desk: import("../desk.js").Desk, onDone: () => void}} props */
export function PasswordDialog({ desk, onDone }) {
  const [trouble, setTrouble] = useState("");
  const [byCode] = useState(desk.byCode);

  /** @param {SubmitEvent} event */
  async function submit(event) {
    event.preventDefault();
    const form = new FormData(/** @type {HTMLFormElement} */ (event.currentTarget));
    const fresh = String(form.get("fresh"));
    if (fresh.length < SHORTEST) return setTrouble(words.password.short);
    try {
      await desk.setPassword(byCode ? null : String(form.get("old")), fresh);
      onDone();
    } catch (error) {
      setTrouble(asTrouble(error).message);
    }
  }

  return html`
    <${Dialog} title=${words.password.title} onDone=${onDone}>
      <form onSubmit=${submit}>
        <input class="unseen" type="text" name="username" autocomplete="username" tabindex="-1" aria-hidden="true" readOnly value=${desk.me?.name} />
        ${!byCode &&
        html`<label for="old">${words.password.old}</label><input id="old" name="old" type="password" autocomplete="current-password" required />`}
        <label for="fresh">${words.password.fresh}</label>
        <input id="fresh" name="fresh" type="password" autocomplete="new-password" aria-describedby="fresh-rule" required />
        <p id="fresh-rule" class="quiet">${words.password.rule}</p>
        <p class=${trouble ? "trouble" : "no-trouble"} role="alert">${trouble}</p>
        <div class="dialog-end">
          <button type="button" onClick=${onDone}>${words.cancel}</button>
          <button type="submit" class="primary">${words.password.save}</button>
        </div>
      </form>
    <//>
  `;
}
