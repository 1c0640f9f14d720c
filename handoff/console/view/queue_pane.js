// The list: what waits, what is with this person, what is with colleagues, what is to be answered.
import { dueOf, inOrder } from "../calls.js";
import { isMine, isSafety, isWaiting, lostPages, waitsFor } from "../queue.js";
import { hour, length, moment } from "../times.js";
import { html } from "../vendor.js";
import { words } from "../words.js";

/** @typedef {import("../types.d.ts").Item} Item */

/** @param {{desk: import("../desk.js").Desk, now: number, onOpen: (id: string) => void, onTake: (id: string) => void}} props */
export function QueuePane({ desk, now, onOpen, onTake }) {
  const items = desk.queue.items;
  const me = desk.me?.id ?? "";
  /** A due one is for everybody to see, though a colleague may be writing with that patient. @param {Item} item */
  const isCall = (item) => item.callback != null && !isWaiting(item) && !isMine(item, me) && (item.owner !== "staff" || dueOf(item.callback, now) !== "later");
  const isLoading = items.length === 0 && desk.line !== "live";
  /** @type {[string, Item[]][]} */
  const groups = [
    [words.queue.waiting, items.filter((item) => waitsFor(item, me))],
    [words.queue.calls, inOrder(items.filter(isCall), now)],
    [words.queue.mine, items.filter((item) => isMine(item, me) && !waitsFor(item, me))],
    [words.queue.cases, items.filter((item) => !isWaiting(item) && !item.callback && item.owner !== "staff")],
    [words.queue.others, items.filter((item) => item.owner === "staff" && !isMine(item, me) && !isWaiting(item) && !isCall(item))],
  ];
  return html`
    <section class="queue" id="queue" aria-labelledby="queue-title" aria-busy=${isLoading}>
      <h2 id="queue-title" tabindex="-1">${words.queue.title} <span class="count">${items.length}</span></h2>
      ${isLoading && html`<p class="empty">${words.queue.loading}</p>`}
      ${items.length === 0 && !isLoading && html`<div class="empty"><strong>${words.queue.empty}</strong><p>${words.queue.emptyHint}</p></div>`}
      ${groups.map(
        ([title, found]) =>
          found.length > 0 &&
          html`<section key=${title} class="group">
            <h3>${title} <span class="count">${found.length}</span></h3>
            <ul>
              ${found.map((item) => html`<${Row} key=${item.conversation} desk=${desk} item=${item} now=${now} onOpen=${onOpen} onTake=${onTake} />`)}
            </ul>
          </section>`,
      )}
    </section>
  `;
}

/** @param {{desk: import("../desk.js").Desk, item: Item, now: number, onOpen: (id: string) => void, onTake: (id: string) => void}} props */
function Row({ desk, item, now, onOpen, onTake }) {
  const me = desk.me?.id ?? "";
  const isOpen = desk.thread?.conversation === item.conversation;
  const unread = isOpen ? 0 : desk.unread(item);
  const reasons = [...new Set(item.reasons.map((found) => found.reason))];
  const others = reasons.filter((reason) => reason !== "unsafe").map(words.reason).join(" · ");
  const danger = item.reasons.findLast((found) => found.reason === "unsafe" && found.words !== "");
  const why = danger ? html`<q dir="auto">${danger.words}</q>${others && ` · ${others}`}` : others || words.state(item.state);
  const lost = lostPages(item);
  const since = isWaiting(item) ? item.waiting_since : item.since;
  const isOver = item.case?.due_at ? Date.parse(item.case.due_at) < now : false;
  return html`
    <li class="item" data-safety=${isSafety(item)} data-state=${item.state} data-open=${isOpen} data-conversation=${item.conversation}>
      <button class="row" aria-current=${isOpen ? "true" : undefined} onClick=${() => onOpen(item.conversation)}>
        <span class="row-top">
          ${isSafety(item) && html`<span class="tag safety"><span aria-hidden="true">▲</span> ${words.queue.safety}</span>`}
          ${item.page && html`<span class="tag called">${words.queue.called(item.page.who)}</span>`}
          ${lost.length > 0 && html`<span class="tag lost">${words.queue.lost(lost, item.page?.texts?.length ?? lost.length)}</span>`}
          ${item.offer?.mine && html`<span class="tag to-you">${words.offer.row}</span>`}
          ${!isSafety(item) && item.priority === 1 && isWaiting(item) && html`<span class="tag">${words.queue.urgent}</span>`}
          <span class="why">${why}</span>
          ${unread > 0 && html`<span class="unread"><span class="unseen">${words.queue.unread(unread)}</span><span aria-hidden="true">${unread}</span></span>`}
        </span>
        <span class="last" dir="auto">
          ${item.last_line
            ? html`<span class="quiet">${words.who(item.last_line.author === "staff" ? (item.staff?.name ?? "staff") : item.last_line.author)}: </span>${item.last_line.text}`
            : words.queue.nothing}
        </span>
        <span class="row-end quiet">
          ${(item.staff || !isWaiting(item)) && html`<span>${words.place(item, me)}</span>`}
          ${since && html`<span class="wait">${(isWaiting(item) ? words.queue.waits : words.queue.since)(length(since, now))}</span>`}
          ${item.callback && html`<${Promised} callback=${item.callback} me=${me} now=${now} />`}
          ${!item.callback && item.case?.due_at && html`<span class=${isOver ? "over" : ""}>${words.queue.due(moment(item.case.due_at))}${isOver ? `, ${words.context.overdue}` : ""}</span>`}
        </span>
      </button>
      ${isWaiting(item) && item.can.includes("take") &&
      html`<button class=${isMine(item, me) ? "take retake" : "take"} onClick=${() => onTake(item.conversation)} aria-label=${`${words.takes(item, me)}: ${reasons.map(words.reason).join(", ")}`}>
        ${words.takes(item, me)}
      </button>`}
    </li>
  `;
}

/** @param {{callback: import("../types.d.ts").Callback, me: string, now: number}} props */
function Promised({ callback, me, now }) {
  const due = dueOf(callback, now);
  const { staff, attempts } = callback;
  return html`<span class="promised">
    <span class="tag" data-due=${due}>${words.call.due[due]}</span>
    <span>${words.queue.call(moment(callback.window_from), hour(callback.window_to))}</span>
    <span>${words.queue.ending(callback.ending)}</span>
    ${attempts > 0 && html`<span>${words.queue.tried(attempts)}</span>`}
    ${staff && html`<span class="holder">${staff.id === me ? words.queue.youHold : words.queue.holder(staff.name)}</span>`}
  </span>`;
}
