// Texts and calls in one thread, the newest below.
import { clock, length } from "../times.js";
import { html, useLayoutEffect, useRef } from "../vendor.js";
import { words } from "../words.js";
import { Picture } from "./picture.js";

/** @typedef {import("../types.d.ts").Text} Text */
/** @typedef {import("../types.d.ts").Call} Call */

/** @param {{who: import("../types.d.ts").Who, phone: import("../types.d.ts").Phone, ours: string}} props */
export function Log({ who, phone, ours }) {
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const items = [...phone.texts, ...phone.calls].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  const newest = items.at(-1);
  useLayoutEffect(() => {
    if (box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [newest?.sid, newest?.state, phone.call?.state]);
  return html`
    <div class="log" ref=${box} role="log" tabindex="0" aria-label=${words.thread}>
      ${items.length === 0 && html`<p class="empty quiet">${words.empty[who](ours)}</p>`}
      <ol>
        ${items.map((item) => ("body" in item ? html`<${TextItem} key=${item.sid} text=${item} />` : html`<${CallItem} key=${item.sid} call=${item} />`))}
      </ol>
    </div>
  `;
}

/** @param {{text: Text}} props */
function TextItem({ text }) {
  const { mark, bad } = markOf(text);
  return html`<li class="said" data-mine=${text.mine} data-state=${bad ? "failed" : text.mine || text.reached ? "there" : "away"}>
    <p class="text" dir="auto">
      ${text.media > 0 && html`<span class="media"><${Picture} /> ${words.pictures(text.media)}</span>`}
      ${text.body}
    </p>
    <p class="mark"><time dateTime=${text.at}>${clock(text.at)}</time> <span class=${bad ? "over" : ""}>${mark}</span></p>
  </li>`;
}

/** @param {Text} text @returns {{mark: string, bad: boolean}} */
function markOf(text) {
  if (text.mine) {
    if (text.taken === null) return { mark: words.mark.sending, bad: false };
    if (text.taken === 0) return { mark: words.mark.unreachable, bad: true };
    return text.taken < 300 ? { mark: words.mark.delivered, bad: false } : { mark: words.mark.refused(text.taken), bad: true };
  }
  if (text.reached) return { mark: "", bad: false };
  if (text.state !== "undelivered" && text.state !== "failed") return { mark: words.mark.onItsWay, bad: false };
  return { mark: words.mark.never(words.errors[text.error ?? 0] ?? words.otherError(text.error)), bad: true };
}

/** @param {{call: Call}} props */
function CallItem({ call }) {
  return html`<li class="called" data-state=${call.state}>
    <p><span aria-hidden="true">☎</span> ${outcome(call)} <time class="quiet" dateTime=${call.at}>${clock(call.at)}</time></p>
    ${call.said.length > 0 && html`<blockquote>${call.said.map((words, place) => html`<p key=${place} dir="auto">${words}</p>`)}</blockquote>`}
  </li>`;
}

/** @param {Call} call */
function outcome(call) {
  if (call.mailbox) return call.alive ? words.call.taking : call.said.length > 0 ? words.call.voicemail : words.call.emptyVoicemail;
  if (call.state === "completed") return words.call.done(length(call.seconds));
  if (call.state === "busy") return words.call.declined;
  return call.state === "failed" ? words.call.failed : words.call.missed;
}
