// @ts-check
import { Composer } from "./composer.js";
import { fill, html } from "./html.js";
import { Messages } from "./messages.js";

/** The launcher and the panel. @param {any} props */
export function Panel({ chat }) {
  const bubble = chat.layout === "bubble";
  return html`
    ${bubble && chat.invites && !chat.isOpen && html`<${Invitation} chat=${chat} />`}
    ${bubble &&
    html`<button
      type="button"
      id="launcher"
      class="launcher"
      lang=${chat.locale}
      part="launcher"
      aria-expanded=${chat.isOpen ? "true" : "false"}
      aria-controls="panel"
      onClick=${() => chat.toggle()}
    >
      <span>${chat.unread ? fill(chat.words.openUnread, { count: chat.unread }) : chat.words.open}</span>
      ${chat.unread > 0 && html`<span class="badge" aria-hidden="true">${chat.unread}</span>`}
    </button>`}
    <section
      id="panel"
      part="panel"
      class="panel"
      lang=${chat.locale}
      role=${chat.isModal ? "dialog" : "region"}
      aria-modal=${chat.isModal ? "true" : undefined}
      aria-label=${chat.words.title}
      hidden=${!chat.isOpen}
      onKeyDown=${(/** @type {KeyboardEvent} */ event) => chat.onKey(event)}
    >
      <${Head} chat=${chat} />
      <${Banner} chat=${chat} />
      ${chat.sure && html`<${Sure} chat=${chat} />`}
      <div class="log" id="log" tabindex="0" aria-label=${chat.words.title} onScroll=${() => chat.onScroll()}>
        <p class="fine">${fill(chat.words.consent, { clinic: chat.clinic.name || chat.words.clinic })} <${Privacy} chat=${chat} /></p>
        <div role="log" aria-live="polite" aria-relevant="additions" aria-label=${chat.words.title}><${Messages} chat=${chat} /></div>
        <p class="typing" role="status">${typing(chat)}</p>
      </div>
      ${chat.missed && html`<button type="button" class="jump" onClick=${() => chat.jump()}>${chat.words.jump} ↓</button>`}
      ${chat.over ? html`<${Over} chat=${chat} />` : html`<${Foot} chat=${chat} />`}
    </section>
  `;
}

/** @param {any} props */
function Head({ chat }) {
  const { words } = chat;
  return html`<header class="head" part="header">
    <h2 id="title" tabindex="-1">${words.title}</h2>
    <details class="menu" id="menu">
      <summary id="menu-button" aria-label=${words.menu}><span aria-hidden="true">⋯</span></summary>
      <div class="items">
        <button type="button" lang=${chat.locale === "en" ? "es" : "en"} onClick=${() => chat.switchLanguage()}>${words.language}</button>
        <button type="button" onClick=${() => chat.download()}>${words.download}</button>
        <button type="button" onClick=${() => chat.ask("end")}>${words.end}</button>
        <button type="button" onClick=${() => chat.ask("clear")}>${words.clear}</button>
        <button type="button" class="danger" onClick=${() => chat.ask("erase")}>${words.erase}</button>
      </div>
    </details>
    ${chat.layout === "bubble" &&
    html`<button type="button" class="icon" aria-label=${words.close} onClick=${() => chat.close()}><span aria-hidden="true">✕</span></button>`}
  </header>`;
}

/** @param {any} props */
function Banner({ chat }) {
  const { words, thread } = chat;
  const state = thread.state;
  const behind = state?.ahead ? fill(words.waitingBehind, { ahead: state.ahead }) : words.waiting;
  const place = state?.staffed === false ? words.waitingAlone : behind;
  const line = { connecting: thread.messages.length ? "" : words.connecting, lost: navigator.onLine ? words.lost : words.offline, open: "", broken: chat.problem }[
    /** @type {string} */ (chat.line)
  ];
  const human = state?.staff ? fill(words.withPerson, { name: state.staff.name }) : state?.state === "waiting" && place;
  return html`<div class="banners" role="status">
    ${line && html`<p class=${`banner ${chat.line}`}>${line}</p>`} ${chat.note && html`<p class="banner lost">${chat.note}</p>`}
    ${state?.texts_to && html`<p class="banner">${fill(words.byTexts, { ending: state.texts_to })}</p>`}
    ${human && html`<p class="banner human">${human}</p>`}
    ${state?.state === "closed" && !chat.over && html`<p class="banner">${words.closed}</p>`}
  </div>`;
}

/** @param {any} props */
function Sure({ chat }) {
  const { words, sure } = chat;
  return html`<div class="banner sure" role="alertdialog" aria-label=${words[sure]} aria-describedby="sure">
    <p id="sure">${words.sure[sure]}</p>
    <button type="button" class="danger" onClick=${() => chat.confirm()}>${words.yes[sure]}</button>
    <button type="button" id="cancel" onClick=${() => chat.ask("")}>${words.cancel}</button>
  </div>`;
}

/** Somebody writes, or the assistant owes an answer. Said once: the words do not change while it lasts. @param {any} chat */
function typing(chat) {
  const { words, owed, thread } = chat;
  if (owed === "slow") return words.slowBot;
  if (!thread.typing && !owed) return "";
  return html`<i aria-hidden="true"></i>${fill(words.typing, { name: thread.typing?.name ?? words.bot })}`;
}

/** @param {any} props */
function Privacy({ chat }) {
  const address = chat.getAttribute("privacy");
  return address?.startsWith("https://") && html`<a href=${address} target="_blank" rel="noopener noreferrer">${chat.words.privacy}</a>`;
}

/** @param {any} props */
function Foot({ chat }) {
  const may = chat.thread.state?.can.includes("person") ?? false;
  const busy = ["waiting", "human"].includes(chat.thread.state?.state);
  return html`<footer class="foot">
    ${!busy && html`<button type="button" class="person" part="person" disabled=${!may} onClick=${() => chat.person()}>${chat.words.person}</button>`}
    <${Composer} chat=${chat} />
    <p class="fine urgent">${fill(chat.words.emergency, { number: chat.emergency })}</p>
  </footer>`;
}

/** @param {any} props */
function Over({ chat }) {
  return html`<footer class="foot over">
    <p role="status">${chat.words[chat.over]}</p>
    <button type="button" id="again" class="person" onClick=${() => chat.startNew()}>${chat.words.startNew}</button>
  </footer>`;
}

/** @param {any} props */
function Invitation({ chat }) {
  return html`<div class="invitation" part="invitation">
    <button type="button" class="plain" onClick=${() => chat.open()}>${chat.words.hello}</button>
    <button type="button" class="plain small" onClick=${() => chat.neverInvite()}>${chat.words.notAgain}</button>
  </div>`;
}
