// Did it come to a person at the right time? The rules are made better from these answers.
import { asTrouble } from "../desk.js";
import { html } from "../vendor.js";
import { words } from "../words.js";

/** @param {{desk: import("../desk.js").Desk, item: import("../types.d.ts").Item}} props */
export function Arrival({ desk, item }) {
  if (!item.can.includes("mark")) return null;
  /** @param {string} mark */
  const give = (mark) => desk.mark(item.conversation, mark).catch((error) => desk.say(asTrouble(error).message, true));
  return html`<section>
    <h3 id="arrival-title">${words.arrival.title}</h3>
    <div class="marks" role="group" aria-labelledby="arrival-title">
      ${Object.entries(words.arrival.marks).map(
        ([mark, label]) => html`<button key=${mark} data-mark=${mark} aria-pressed=${String(item.mark === mark)} onClick=${() => give(mark)}>${label}</button>`,
      )}
    </div>
  </section>`;
}
