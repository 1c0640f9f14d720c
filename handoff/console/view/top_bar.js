// Who is here, and the choices of this person.
import { html, useState } from "../vendor.js";
import { words } from "../words.js";

/**
 * @param {{desk: import("../desk.js").Desk, alarm: import("../alarm.js").Alarm, attempt: (act: () => unknown) => Promise<void>, onShow: (which: "keys" | "password" | "phone") => void}} props
 */
export function TopBar({ desk, alarm, attempt, onShow }) {
  const [, draw] = useState(0);
  const again = () => draw((count) => count + 1);
  const me = desk.me;

  /** A menu does not stay open behind one's back. @param {any} event */
  function leaveMenu(event) {
    if (event.type === "focusout" ? event.relatedTarget && !event.currentTarget.contains(event.relatedTarget) : event.key === "Escape") {
      if (event.type === "keydown") event.currentTarget.querySelector("summary").focus();
      event.currentTarget.open = false;
    }
  }

  function signOut() {
    if (desk.outbox?.isEmpty === false && !confirm(words.top.unsent)) return;
    void attempt(() => desk.signOut());
  }

  return html`
    <header class="top">
      <h1 class="brand">${words.app} <span>${words.desk}</span></h1>
      <button
        class="switch"
        role="switch"
        aria-checked=${String(me?.available ?? false)}
        title=${words.top.availableHint}
        onClick=${() => attempt(() => desk.setAvailable(!me?.available))}
      >
        <span class="knob" aria-hidden="true"></span>${me?.available ? words.top.available : words.top.away}
      </button>
      <details class="menu" onKeyDown=${leaveMenu} onFocusOut=${leaveMenu}>
        <summary>${me?.name}</summary>
        <div class="menu-list">
          <label><input type="checkbox" checked=${alarm.sound} onChange=${(/** @type {any} */ event) => (alarm.setSound(event.target.checked), again())} /> ${words.top.sound}</label>
          <label title=${alarm.isBlocked ? words.top.notifyBlocked : ""}>
            <input
              type="checkbox"
              checked=${alarm.notify}
              disabled=${alarm.isBlocked}
              onChange=${(/** @type {any} */ event) => alarm.setNotify(event.target.checked).then(again)}
            />
            ${words.top.notify}
          </label>
          <button onClick=${() => onShow("keys")}>${words.top.keys} <kbd>Alt /</kbd></button>
          <button onClick=${() => onShow("phone")}>${words.top.phone}</button>
          <button onClick=${() => onShow("password")}>${words.top.password}</button>
          <button onClick=${signOut}>${words.top.signOut}</button>
        </div>
      </details>
    </header>
  `;
}
