// A new password; the old one is asked for unless this session came by a one-time link.
import { html, useState } from "../vendor.js";
import { words } from "../words.js";
import { FormDialog } from "./form_dialog.js";

const SHORTEST = 10;

/** @param {{desk: import("../desk.js").Desk, onDone: () => void}} props */
export function PasswordDialog({ desk, onDone }) {
  const [byCode] = useState(desk.byCode);

  /** @type {import("./form_dialog.js").Send} */
  async function send({ old, fresh }) {
    if (fresh.length < SHORTEST) return words.password.short;
    await desk.setPassword(byCode ? null : old, fresh);
  }

  return html`
    <${FormDialog} title=${words.password.title} confirm=${words.password.save} send=${send} onDone=${onDone}>
      <input class="unseen" type="text" name="username" autocomplete="username" tabindex="-1" aria-hidden="true" readOnly value=${desk.me?.name} />
      ${!byCode && html`<label for="old">${words.password.old}</label><input id="old" name="old" type="password" autocomplete="current-password" required />`}
      <label for="fresh">${words.password.fresh}</label>
      <input id="fresh" name="fresh" type="password" autocomplete="new-password" aria-describedby="fresh-rule" required />
      <p id="fresh-rule" class="quiet">${words.password.rule}</p>
    <//>
  `;
}
