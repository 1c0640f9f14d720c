// Somebody waits: cannot be overlooked and does not go away until they are taken.
import { isSafety } from "../queue.js";
import { length } from "../times.js";
import { html } from "../vendor.js";
import { words } from "../words.js";

/** @param {{waiting: import("../types.d.ts").Item[], available: boolean, now: number, onOpen: () => void}} props */
export function AlertBar({ waiting, available, now, onOpen }) {
  if (waiting.length === 0) return null;
  const safety = waiting.some(isSafety);
  const oldest = waiting.map((item) => item.waiting_since).reduce((a, b) => (a !== null && (b === null || a < b) ? a : b));
  return html`
    <section class=${safety ? "alert safety" : "alert"} aria-label=${words.queue.waiting}>
      <span class="alert-mark" aria-hidden="true">${safety ? "!" : waiting.length}</span>
      <p>
        ${safety && html`<strong>${words.alert.safety}</strong>`}
        <span>${words.alert.count(waiting.length)}</span>
        ${oldest && html`<span class="quiet">${words.alert.longest(length(oldest, now))}</span>`}
        ${!available && html`<span>${words.alert.away}</span>`}
      </p>
      <button onClick=${onOpen}>${words.alert.open} <kbd>Alt N</kbd></button>
    </section>
  `;
}
