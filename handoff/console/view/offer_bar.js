// What is offered to this person now: take it, or say why not; or whom it is before.
import { asTrouble } from "../desk.js";
import { secondsLeft } from "../times.js";
import { html } from "../vendor.js";
import { words } from "../words.js";

/** @param {{desk: import("../desk.js").Desk, item: import("../types.d.ts").Item, now: number, onRejected: () => void}} props */
export function OfferBar({ desk, item, now, onRejected }) {
  const offer = item.offer;
  if (!offer) return null;
  const left = secondsLeft(offer.until, now);
  if (!offer.mine) return html`<p class="offer">${words.offer.before(offer.name, item.staff?.id === desk.me?.id)}</p>`;
  /** @param {string} reason */
  const reject = (reason) => desk.reject(item.conversation, reason).then(onRejected, (error) => desk.say(asTrouble(error).message, true));
  return html`<div class="offer mine" role="group" aria-labelledby="offer-title">
    <p id="offer-title"><strong>${words.offer.mine(offer.call)}</strong> <span class="quiet">${words.offer.left(left)}</span></p>
    <div class="marks">
      <span class="quiet">${words.offer.cannot}</span>
      ${Object.entries(words.offer.reasons).map(([reason, label]) => html`<button key=${reason} data-reason=${reason} onClick=${() => reject(reason)}>${label}</button>`)}
    </div>
  </div>`;
}
