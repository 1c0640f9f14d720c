// All that was said, with day dividers; older lines on request. Stays at the end unless somebody scrolled up to read.
import { dayOf, hour } from "../times.js";
import { html, useEffect, useLayoutEffect, useRef, useState } from "../vendor.js";
import { words } from "../words.js";
import { Pictures, unopened } from "./pictures.js";

/** @typedef {import("../types.d.ts").Message} Message */

const PAGE = 100;

/** @param {{desk: import("../desk.js").Desk, thread: import("../thread.js").Thread}} props */
export function Log({ desk, thread }) {
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const atEnd = useRef(true);
  const top = useRef(0);
  const [shown, setShown] = useState(PAGE);
  const [hasNew, setNew] = useState(false);
  const unsent = (desk.outbox?.of(thread.conversation) ?? []).filter((one) => !thread.messages.some((message) => message.client_id === one.client_id));
  const hidden = Math.max(0, thread.messages.length - shown);
  const typing = [...thread.typing.values()].filter(({ author, name }) => author !== "staff" || name !== desk.me?.name);

  const isMine = (/** @type {Message} */ message) => message.author === "staff" && message.name === desk.me?.name;
  const lastMine = thread.messages.findLast(isMine)?.seq;

  // A bar that comes or a keyboard that opens must not hide the newest line.
  useEffect(() => {
    if (!box.current) return undefined;
    const watch = new ResizeObserver(() => atEnd.current && toEnd());
    watch.observe(box.current);
    return () => watch.disconnect();
  }, []);

  useLayoutEffect(() => {
    if (!box.current) return;
    if (atEnd.current) box.current.scrollTop = box.current.scrollHeight;
    else setNew(true);
  }, [thread.last, unsent.length, typing.length]);

  // Who writes wants to see it.
  useLayoutEffect(() => {
    atEnd.current = true;
    toEnd();
  }, [unsent.at(-1)?.client_id, lastMine]);

  /** Only somebody who scrolls up leaves the end: a box that grew shorter meanwhile also sends a scroll event. */
  function scrolled() {
    if (!box.current) return;
    const { scrollHeight, scrollTop, clientHeight } = box.current;
    if (scrollHeight - scrollTop - clientHeight < 60) atEnd.current = true;
    else if (scrollTop < top.current) atEnd.current = false;
    top.current = scrollTop;
    if (atEnd.current) setNew(false);
  }

  function toEnd() {
    if (box.current) box.current.scrollTop = box.current.scrollHeight;
  }

  /** Keep the line that is being read where it is. */
  function showOlder() {
    const height = box.current?.scrollHeight ?? 0;
    setShown(shown + PAGE);
    requestAnimationFrame(() => box.current && (box.current.scrollTop += box.current.scrollHeight - height));
  }

  return html`
    <div class="log-box">
      <div class="log" role="region" tabindex="0" aria-label=${words.thread.log} ref=${box} onScroll=${scrolled}>
        ${hidden > 0 && html`<button class="older" onClick=${showOlder}>${words.thread.older(Math.min(PAGE, hidden))}</button>`}
        <ol>
          ${withDays(thread.messages.slice(hidden)).map(([day, message]) => [
            day && html`<li class="day" key=${`day ${message.seq}`}><span>${day}</span></li>`,
            html`<${Said} key=${message.id} desk=${desk} message=${message} mine=${isMine(message)} fate=${message.seq === lastMine} delivery=${thread.deliveries[message.id]} pictures=${thread.pictures[message.id] ?? unopened(message)} />`,
          ])}
          ${unsent.map((one) => html`<${NotYet} key=${one.client_id} desk=${desk} one=${one} />`)}
        </ol>
        <p class="typing" data-on=${typing.length > 0}>
          ${typing.map(({ author, name }) => (author === "staff" ? words.thread.replying(name ?? "") : words.thread.patientTyping)).join(" ")}
        </p>
      </div>
      ${hasNew && html`<button class="to-end" onClick=${toEnd}>${words.thread.newOnes} <span aria-hidden="true">↓</span></button>`}
    </div>
  `;
}

/** @param {{desk: import("../desk.js").Desk, message: Message, mine: boolean, fate: boolean, delivery?: import("../types.d.ts").Delivery, pictures: import("../types.d.ts").Picture[]}} props */
function Said({ desk, message, mine, fate, delivery, pictures }) {
  const who = words.author(message);
  return html`
    <li class="said" data-author=${message.author} data-mine=${mine} data-seq=${message.seq}>
      <p class="by"><span class="who">${who}</span> <time dateTime=${message.at}>${hour(message.at)}</time></p>
      <p class="text" dir="auto">${message.text}</p>
      <${Pictures} desk=${desk} pictures=${pictures} />
      ${message.buttons.length > 0 &&
      html`<ul class="offered" aria-label=${words.thread.offered}>
        ${message.buttons.map(
          (button) =>
            html`<li key=${button.id} data-pressed=${button.id === message.pressed}>
              ${button.id === message.pressed && html`<span aria-hidden="true">✓ </span>`}${button.title}${button.id === message.pressed &&
              html`<span class="unseen"> (${words.thread.chosen})</span>`}
            </li>`,
        )}
      </ul>`}
      ${delivery
        ? html`<p class="fate by-text" data-delivery=${delivery.state}>${words.delivery(delivery)}</p>`
        : fate && html`<p class="fate">${words.reply.sent}</p>`}
    </li>
  `;
}

/** @param {{desk: import("../desk.js").Desk, one: import("../types.d.ts").Unsent}} props */
function NotYet({ desk, one }) {
  function edit() {
    const text = desk.outbox?.discard(one.client_id) ?? "";
    dispatchEvent(new CustomEvent("heard-edit", { detail: { conversation: one.conversation, text } }));
  }
  return html`
    <li class="said" data-author="staff" data-mine="true" data-fate=${one.state}>
      <p class="by"><span class="who">${desk.me?.name}</span> <time dateTime=${one.at}>${hour(one.at)}</time></p>
      <p class="text" dir="auto">${one.text}</p>
      ${one.state === "sending"
        ? html`<p class="fate">${desk.line === "live" ? words.reply.sending : words.reply.later}</p>`
        : html`<p class="fate failed">
            <strong>${words.reply.failed}.</strong> ${one.trouble} <button onClick=${() => desk.outbox?.retry(one.client_id)}>${words.reply.retry}</button>
            <button onClick=${edit}>${words.reply.edit}</button>
          </p>`}
    </li>
  `;
}

/** @param {Message[]} messages @returns {[string | null, Message][]} the day where it changes */
function withDays(messages) {
  let before = "";
  return messages.map((message) => {
    const day = dayOf(message.at);
    const shown = day === before ? null : day;
    before = day;
    return [shown, message];
  });
}
