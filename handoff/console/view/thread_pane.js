// The middle: one conversation, what can be done with it, and the reply.
import { isMine, isWaiting, lostPages } from "../queue.js";
import { html } from "../vendor.js";
import { words } from "../words.js";
import { Log } from "./log.js";
import { OfferBar } from "./offer_bar.js";
import { Reply } from "./reply.js";

/**
 * @param {{desk: import("../desk.js").Desk, item: import("../types.d.ts").Item | undefined, onTake: () => void, onHandBack: () => void, onPark: () => void, onTransfer: () => void, now: number, onRejected: () => void, onClose: () => void, onBack: () => void, onDetails: () => void}} props
 */
export function ThreadPane({ desk, item, now, onTake, onHandBack, onPark, onTransfer, onRejected, onClose, onBack, onDetails }) {
  const thread = desk.thread;
  if (!thread) {
    return html`<section class="thread" id="thread" aria-label=${words.thread.label}>
      <div class="empty"><strong>${words.thread.none}</strong><p>${words.thread.noneHint}</p></div>
    </section>`;
  }
  const can = item?.can ?? [];
  const lost = item ? [...new Set(lostPages(item).map(words.lostPage))] : [];
  const others = thread.viewing.filter((name) => name !== desk.me?.name);
  const title = item ? words.title(item) : words.thread.label;
  return html`
    <section class="thread" id="thread" aria-label=${words.thread.label} aria-busy=${!thread.isLoaded && !thread.trouble}>
      <header class="thread-top">
        <button class="back" onClick=${onBack}><span aria-hidden="true">‹</span> ${words.thread.back}</button>
        <div class="thread-title">
          <h2 tabindex="-1">${title}</h2>
          <p class="quiet">
            ${item ? words.place(item, desk.me?.id ?? "") : words.thread.gone}
          </p>
        </div>
        <div class="thread-acts">
          ${can.includes("take") &&
          html`<button class="primary" onClick=${onTake}>${item && words.takes(item, desk.me?.id ?? "")} <kbd>Alt T</kbd></button>`}
          ${can.includes("hand_back") && html`<button onClick=${onHandBack}>${words.thread.handBack}</button>`}
          ${can.includes("park") && html`<button onClick=${onPark}>${words.thread.park}</button>`}
          ${can.includes("transfer") && html`<button onClick=${onTransfer}>${words.thread.transfer}</button>`}
          ${can.includes("close") && html`<button onClick=${onClose}>${words.thread.close}</button>`}
          <button class="details-button" onClick=${onDetails}>${words.thread.about}</button>
        </div>
      </header>
      ${item?.offer && html`<${OfferBar} desk=${desk} item=${item} now=${now} onRejected=${onRejected} />`}
      ${item?.note && html`<${PassedOn} note=${item.note} title=${isWaiting(item) && isMine(item, desk.me?.id ?? "") ? words.thread.ownNote : words.thread.note} />`}
      ${lost.length > 0 && html`<p class="trouble lost-pages" role="alert">${lost.join(" ")}</p>`}
      ${others.length > 0 && html`<p class="viewers">${words.thread.viewing(others)}</p>`}
      ${thread.trouble && html`<p class="trouble" role="alert">${thread.trouble.message}</p>`}
      ${!thread.isLoaded && !thread.trouble && html`<p class="empty">${words.thread.loading}</p>`}
      ${thread.isLoaded && html`<${Log} desk=${desk} thread=${thread} />`}
      ${thread.isLoaded && html`<${Reply} desk=${desk} thread=${thread} item=${item} />`}
    </section>
  `;
}

/** What whoever passed it on wrote for whoever is asked or takes it. @param {{note: string, title: string}} props */
function PassedOn({ note, title }) {
  return html`<section class="passed-on" tabindex="0" aria-label=${title}>
    <strong>${title}</strong>
    <p dir="auto">${note}</p>
  </section>`;
}
