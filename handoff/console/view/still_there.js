// Nobody has touched this console for long: whoever is there says so with any key, or is signed out.
import { secondsLeft } from "../times.js";
import { html } from "../vendor.js";
import { words } from "../words.js";
import { Dialog } from "./dialog.js";

/** @param {{desk: import("../desk.js").Desk, now: number}} props */
export function StillThere({ desk, now }) {
  if (desk.signOutAt === null) return null;
  const stay = () => desk.isThere();
  return html`
    <${Dialog} id="still-there" title=${words.idle.title} onDone=${stay}>
      <p id="still-there-why">${words.idle.why}</p>
      <p class="countdown">${words.idle.left(secondsLeft(desk.signOutAt, now))}</p>
      <div class="dialog-end"><button class="primary" aria-describedby="still-there-why" onClick=${stay}>${words.idle.stay}</button></div>
    <//>
  `;
}
