// A promised call: the number, when, what about, how often it was tried; and what this person may do with it.
import { dueOf, mayCall } from "../calls.js";
import { hour, moment } from "../times.js";
import { html } from "../vendor.js";
import { words } from "../words.js";

/** @typedef {import("../types.d.ts").Item} Item */
/** @typedef {"outcome" | "move" | "plan"} Which */

/** @param {{desk: import("../desk.js").Desk, item: Item, now: number, attempt: (act: () => unknown) => Promise<void>, onCall: () => void, onShow: (which: Which) => void}} props */
export function CallPanel({ desk, item, now, attempt, onCall, onShow }) {
  const callback = item.callback;
  if (!callback) {
    return item.can.includes("plan_call") ? html`<section><button onClick=${() => onShow("plan")}>${words.call.plan}</button></section>` : null;
  }
  const me = desk.me?.id ?? "";
  const isMine = callback.staff?.id === me;
  const due = dueOf(callback, now);
  const may = mayCall(item, me);
  const live = callback.leg === null ? "" : callback.leg === "ringing_staff" && !isMine ? words.call.ringsColleague : words.call.legs[callback.leg];

  /** @param {string} event */
  function ask(event) {
    void attempt(() => desk.call(event, { callback: callback?.id }));
  }

  return html`<section class="call" data-due=${due}>
    <h3>${words.call.title} <span class="tag" data-due=${due}>${words.call.due[due]}</span></h3>
    ${live && html`<p class="call-live">${live}</p>`}
    <dl class="facts">
      <div><dt>${words.call.number}</dt><dd><a href=${`tel:${callback.number}`}>${callback.number}</a></dd></div>
      <div><dt>${words.call.window}</dt><dd>${moment(callback.window_from)} – ${hour(callback.window_to)}</dd></div>
      ${callback.about && html`<div class="long"><dt>${words.call.about}</dt><dd dir="auto">${callback.about}</dd></div>`}
      <div><dt>${words.call.tries}</dt><dd>${words.call.triesOf(callback.attempts)}</dd></div>
      ${callback.next_at && html`<div><dt>${words.call.next}</dt><dd>${moment(callback.next_at)}</dd></div>`}
      <div><dt>${words.context.owner}</dt><dd>${callback.staff ? (isMine ? words.queue.withYou : callback.staff.name) : words.context.nobody}</dd></div>
    </dl>
    ${callback.state === "escalated" && html`<p>${words.call.escalated}</p>`}
    <div class="call-acts">
      ${may && callback.leg === null && html`<button class="primary" onClick=${onCall}>${words.call.now}</button>`}
      ${may && callback.staff === null && html`<button onClick=${() => ask("claim_callback")}>${words.call.claim}</button>`}
      ${may && html`<button onClick=${() => onShow("outcome")}>${words.call.write}</button>`}
      ${item.can.includes("call") && callback.leg === null && html`<button onClick=${() => onShow("move")}>${words.call.move}</button>`}
      ${isMine && callback.state === "claimed" && callback.leg === null && html`<button onClick=${() => ask("release_callback")}>${words.call.release}</button>`}
    </div>
  </section>`;
}
