// @ts-check
/** @import {Message, Pending} from "../types.js" */
import { fill, html } from "./html.js";

const LINK = /(https:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]])/g;

/** Everything said, in the order it was said. @param {any} props */
export function Messages({ chat }) {
  const { thread, words } = chat;
  let day = "";
  const rows = [];
  for (const message of thread.messages) {
    const date = new Date(message.at).toDateString();
    if (date !== day) rows.push(html`<p key=${date} class="divider">${dayName(message.at, chat)}</p>`);
    day = date;
    if (message.seq === chat.firstUnread) rows.push(html`<p key="fresh" class="divider fresh">${words.fresh}</p>`);
    rows.push(html`<${Said} key=${message.client_id ?? message.id} message=${message} chat=${chat} />`);
  }
  for (const pending of thread.pending) rows.push(html`<${Sending} key=${pending.client_id} pending=${pending} chat=${chat} />`);
  return rows;
}

/** @param {{message: Message, chat: any}} props */
function Said({ message, chat }) {
  const { author } = message;
  return html`<div class=${`said ${author}`} part=${`message ${author}`}>
    <span class="hidden">${whoSaid(message, chat.words)} ${author === "patient" ? chat.words.youSaid : chat.words.said} </span>
    ${author === "staff" && html`<span class="name" aria-hidden="true">${whoSaid(message, chat.words)}</span>`}
    <div class="text" dir="auto">${linked(message.text)}</div>
    ${message.buttons.length > 0 && html`<${Choices} message=${message} chat=${chat} />`}
    ${author !== "patient" && chat.thread.deliveries[message.id] && html`<span class="status">${byText(chat.thread.deliveries[message.id], chat.words)}</span>`}
  </div>`;
}

/** @param {import("../types.js").Delivery} delivery @param {any} words */
function byText({ state, reason }, words) {
  return [words.byText[state], state === "failed" && (words.byTextWhy[reason ?? ""] ?? words.byTextWhy.other)].filter(Boolean).join(" ");
}

/** @param {{message: Message, chat: any}} props */
function Choices({ message, chat }) {
  const live = chat.thread.live === message.id;
  const chosen = chat.thread.chosen(message);
  const shown = live ? message.buttons : message.buttons.filter((button) => button.id === chosen);
  if (!shown.length) return null;
  return html`<div class=${`choices ${message.buttons.length > 6 ? "many" : ""}`} role="group" aria-label=${`${chat.words.choose}: ${message.text}`}>
    ${shown.map(
      (button) =>
        html`<button
          key=${button.id}
          type="button"
          part="choice"
          class=${button.id === chosen ? "chosen" : ""}
          disabled=${!live}
          aria-pressed=${button.id === chosen ? "true" : undefined}
          onClick=${() => chat.press(button)}
        >
          ${button.id === chosen && html`<span aria-hidden="true">✓ </span>`}${button.title}
        </button>`,
    )}
  </div>`;
}

/** @param {{pending: Pending, chat: any}} props */
function Sending({ pending, chat }) {
  const { words } = chat;
  return html`<div class=${`said patient ${pending.failed === null ? "sending" : "failed"}`} part="message patient">
    <span class="hidden">${words.you} ${words.youSaid} </span>
    <div class="text" dir="auto">${pending.text}</div>
    ${pending.failed === null
      ? html`<span class="status">${words.sending}</span>`
      : html`<span class="status" role="alert">
          ${words.failed} ${chat.why(pending.failed)}
          <button type="button" class="plain" onClick=${() => chat.again(pending)}>${words.again}</button>
          <button type="button" class="plain" onClick=${() => chat.drop(pending)}>${words.drop}</button>
        </span>`}
  </div>`;
}

/** @param {Message} message @param {typeof import("../locales/en.js").en} words */
export function whoSaid(message, words) {
  if (message.author === "staff") return fill(words.staff, { name: message.name });
  return { patient: words.you, bot: words.bot, service: words.service }[message.author];
}

/** @param {string} text */
function linked(text) {
  return text
    .split(LINK)
    .map((piece, place) => (place % 2 ? html`<a href=${piece} target="_blank" rel="noopener noreferrer nofollow">${piece}</a>` : piece));
}

/** @param {string} at @param {any} chat */
function dayName(at, chat) {
  const date = new Date(at);
  const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(at).setHours(0, 0, 0, 0)) / 86400000);
  if (days === 0) return chat.words.today;
  if (days === 1) return chat.words.yesterday;
  return date.toLocaleDateString(chat.locale, { weekday: "long", day: "numeric", month: "long" });
}
