// @ts-check
/** @import {Button, Clinic, Failure, Message, Pending} from "./types.js" */
import { uuid7 } from "./ids.js";
import { en } from "./locales/en.js";
import { es } from "./locales/es.js";
import { Memory } from "./storage.js";
import { sheet } from "./styles.js";
import { Thread } from "./thread.js";
import { Transport } from "./transport.js";
import { MAX_TEXT } from "./view/composer.js";
import { html, render } from "./view/html.js";
import { whoSaid } from "./view/messages.js";
import { Panel } from "./view/panel.js";

const LOCALES = /** @type {Record<string, typeof en>} */ ({ en, es });
const NARROW = "(max-width: 480px), (max-height: 420px)";

/**
 * `<feedback-chat server="https://…" layout="bubble|inline|fullscreen" locale="en|es" survey="fft" theme="light|dark"
 * storage="local|session" invite-after="seconds">`: a patient's chat with the clinic. Events: `heard:open`, `heard:close`,
 * `heard:message`, `heard:error`.
 */
export class FeedbackChat extends HTMLElement {
  thread = new Thread();
  locale = "en";
  draft = "";
  isOpen = false;
  unread = 0;
  firstUnread = 0;
  missed = false;
  line = "open";
  problem = "";
  note = "";
  erasing = false;
  invites = false;
  /** @type {"" | "ended" | "erased" | "expired"} */ over = "";
  /** @type {Clinic} */ clinic = { name: "", phone: "" };
  emergency = "112 / 911 / 999";
  /** @type {Transport | null} */ #transport = null;
  /** @type {Memory} */ #memory = new Memory("", true);
  #root = this.attachShadow({ mode: "open" });
  #drawing = false;
  #title = document.title;
  #typingSent = 0;
  #typingTimer = 0;

  connectedCallback() {
    this.#root.adoptedStyleSheets = [sheet];
    if (!this.hasAttribute("layout")) this.setAttribute("layout", "bubble");
    const asked = this.getAttribute("locale") ?? document.documentElement.lang ?? navigator.language;
    this.locale = LOCALES[asked.slice(0, 2)] ? asked.slice(0, 2) : "en";
    this.#memory = new Memory(this.server, this.getAttribute("storage") === "session");
    this.locale = this.#memory.get("locale") ?? this.locale;
    this.draft = this.#memory.get("draft") ?? "";
    addEventListener("focus", this.#onFocus);
    addEventListener("resize", this.draw);
    if (this.layout !== "bubble") this.open(false);
    else if (this.#memory.get("open")) this.#start();
    else this.#inviteLater();
    this.draw();
  }

  disconnectedCallback() {
    removeEventListener("focus", this.#onFocus);
    removeEventListener("resize", this.draw);
    this.#transport?.stop();
    this.#transport = null;
    document.title = this.#title;
  }

  /** Where the service is: the `server` attribute, else where this module came from. */
  get server() {
    return new URL(this.getAttribute("server") ?? import.meta.url, location.href).origin;
  }

  get layout() {
    return this.getAttribute("layout") ?? "bubble";
  }

  get words() {
    return LOCALES[this.locale];
  }

  get isModal() {
    return this.layout === "bubble" && this.isOpen && matchMedia(NARROW).matches;
  }

  /** Show the panel. @param {boolean} focus move the focus into it */
  open(focus = true) {
    this.isOpen = true;
    this.invites = false;
    this.#start();
    this.#seen();
    this.#tell("open");
    this.draw();
    if (focus) queueMicrotask(() => requestAnimationFrame(() => this.#find("text")?.focus()));
    this.toEnd();
  }

  close() {
    this.isOpen = false;
    this.firstUnread = 0;
    this.#tell("close");
    this.draw();
    requestAnimationFrame(() => this.#find("launcher")?.focus());
  }

  toggle() {
    if (this.isOpen) this.close();
    else this.open();
  }

  #start() {
    if (this.#transport) return;
    const memory = this.#memory;
    this.#transport = new Transport({
      server: this.server,
      sameOrigin: this.server === location.origin,
      memory,
      locale: () => this.locale,
      survey: this.getAttribute("survey"),
      lastSeq: () => this.thread.lastSeq,
      on: {
        session: (session) => {
          if (session.fresh) this.thread.clear();
          this.clinic = session.clinic;
          this.emergency = session.emergency;
          this.draw();
        },
        line: (line) => {
          this.line = line;
          this.draw();
        },
        message: (message) => this.#take(message),
        state: (state) => {
          this.thread.applyState(state);
          this.draw();
        },
        typing: (typing) => {
          this.thread.typing = typing.on && typing.author !== "patient" ? typing : null;
          clearTimeout(this.#typingTimer);
          this.#typingTimer = setTimeout(() => {
            this.thread.typing = null;
            this.draw();
          }, 12000);
          this.draw();
        },
        acked: () => {
          this.note = "";
          this.draw();
        },
        failed: (clientId, why) => {
          this.thread.mark(clientId, why.message);
          this.#tell("error", { code: why.code });
          this.draw();
        },
        bye: (reason) => this.#finish(reason === "erased" ? "erased" : reason === "expired" ? "expired" : "ended"),
        broken: (why) => {
          this.line = "broken";
          this.problem = why.message || this.words.down;
          this.#tell("error", { code: why.code });
          this.draw();
        },
      },
    });
    this.#transport.start();
    for (const pending of this.#transport.waiting) this.thread.add(pending);
  }

  /** @param {Message} message */
  #take(message) {
    const taken = this.thread.apply(message);
    if (taken === "new") {
      const isNews = message.author !== "patient" && Date.now() - Date.parse(message.at) < 60000;
      if (isNews && (!this.isOpen || document.hidden)) {
        this.unread += 1;
        this.firstUnread ||= message.seq;
        document.title = `(${this.unread}) ${this.#title}`;
      }
      const log = this.#find("log");
      const atEnd = !log || log.scrollHeight - log.scrollTop - log.clientHeight < 80;
      if (atEnd || message.author === "patient") this.toEnd();
      else this.missed = true;
      this.#tell("message", { author: message.author, seq: message.seq });
    }
    this.draw();
    return taken;
  }

  /** @param {string} text */
  write(text) {
    this.draft = text;
    this.#memory.set("draft", text || null);
    const now = Date.now();
    if (text && now - this.#typingSent > 3000) {
      this.#typingSent = now;
      this.#transport?.typing(true);
    }
    this.draw();
  }

  submit() {
    const text = this.draft.trim();
    if (!text || this.draft.length > MAX_TEXT) return;
    this.write("");
    this.#typingSent = 0;
    this.#transport?.typing(false);
    this.#send({ client_id: uuid7(), text, button: null, at: new Date().toISOString(), failed: null });
  }

  /** @param {Button} button */
  press(button) {
    this.#send({ client_id: uuid7(), text: button.title, button: button.id, at: new Date().toISOString(), failed: null });
    this.#find("text")?.focus();
  }

  person() {
    this.press({ id: "person", title: this.words.person });
  }

  /** @param {Pending} pending */
  again(pending) {
    this.thread.mark(pending.client_id, null);
    this.#transport?.send({ ...pending, failed: null });
    this.draw();
  }

  /** @param {Pending} pending */
  drop(pending) {
    this.thread.drop(pending.client_id);
    this.draw();
  }

  /** @param {Pending} pending */
  #send(pending) {
    this.thread.add(pending);
    this.#transport?.send(pending);
    this.draw();
    this.toEnd();
  }

  /** End the conversation; with `clear`, forget it on this device too. @param {boolean} clear */
  async end(clear) {
    this.#closeMenu();
    await this.#transport?.ask("end", { client_id: uuid7() });
    if (!clear) return;
    await this.#transport?.forgetSession();
    this.#finish("ended");
    this.thread.clear();
    this.draw();
  }

  /** @param {boolean} sure */
  askErase(sure) {
    this.#closeMenu();
    this.erasing = sure;
    this.draw();
    requestAnimationFrame(() => this.#find(sure ? "cancel" : "text")?.focus());
  }

  async erase() {
    const answer = await this.#transport?.ask("erase", {});
    this.erasing = false;
    if (answer && !answer.ok) this.note = answer.error.message;
    this.draw();
  }

  /** @param {"ended" | "erased" | "expired"} how */
  #finish(how) {
    this.#transport?.stop();
    this.#memory.clear();
    this.write("");
    if (how !== "ended") this.thread.clear();
    this.thread.pending = [];
    this.over = how;
    this.line = "open";
    this.draw();
    requestAnimationFrame(() => this.#find("again")?.focus());
  }

  startNew() {
    this.over = "";
    this.note = "";
    this.thread = new Thread();
    this.#transport = null;
    this.#start();
    this.draw();
    requestAnimationFrame(() => this.#find("text")?.focus());
  }

  download() {
    this.#closeMenu();
    const text = this.thread.transcript((message) => whoSaid(message, this.words) ?? "");
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
    link.download = "chat.txt";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  switchLanguage() {
    this.locale = this.locale === "en" ? "es" : "en";
    this.#memory.set("locale", this.locale);
    this.#closeMenu();
    this.draw();
  }

  neverInvite() {
    this.invites = false;
    this.#memory.set("uninvited", true);
    this.draw();
  }

  #inviteLater() {
    const seconds = Number(this.getAttribute("invite-after"));
    if (!seconds || this.#memory.get("uninvited")) return;
    setTimeout(() => {
      this.invites = !this.isOpen;
      this.draw();
    }, seconds * 1000);
  }

  /** Escape closes; on a phone, where the panel is a dialog, Tab stays inside. @param {KeyboardEvent} event */
  onKey(event) {
    if (event.key === "Escape") {
      const menu = /** @type {HTMLDetailsElement | null} */ (this.#find("menu"));
      if (menu?.open) {
        menu.open = false;
        menu.querySelector("summary")?.focus();
      } else if (this.erasing) this.askErase(false);
      else if (this.layout === "bubble") this.close();
    }
    if (event.key !== "Tab" || !this.isModal) return;
    const stops = /** @type {HTMLElement[]} */ ([
      ...(this.#find("panel")?.querySelectorAll("button:not(:disabled),summary,textarea,a[href],[tabindex='0']") ?? []),
    ]).filter((stop) => stop.offsetParent !== null);
    const [first, last] = [stops[0], stops.at(-1)];
    const now = this.#root.activeElement;
    if (event.shiftKey ? now === first : now === last) {
      event.preventDefault();
      (event.shiftKey ? last : first)?.focus();
    }
  }

  onScroll() {
    const log = this.#find("log");
    if (log && this.missed && log.scrollHeight - log.scrollTop - log.clientHeight < 40) {
      this.missed = false;
      this.draw();
    }
  }

  toEnd() {
    this.missed = false;
    requestAnimationFrame(() => {
      const log = this.#find("log");
      if (log) log.scrollTop = log.scrollHeight;
    });
  }

  #onFocus = () => {
    this.#transport?.sync();
    if (this.isOpen) this.#seen();
  };

  #seen() {
    this.unread = 0;
    document.title = this.#title;
    this.draw();
  }

  #closeMenu() {
    const menu = /** @type {HTMLDetailsElement | null} */ (this.#find("menu"));
    if (menu) menu.open = false;
  }

  /** @param {string} id @returns {HTMLElement | null} */
  #find(id) {
    return this.#root.getElementById(id);
  }

  /** @param {string} name @param {object} detail */
  #tell(name, detail = {}) {
    this.dispatchEvent(new CustomEvent(`heard:${name}`, { detail, bubbles: true, composed: true }));
  }

  draw = () => {
    if (this.#drawing) return;
    this.#drawing = true;
    queueMicrotask(() => {
      this.#drawing = false;
      render(html`<${Panel} chat=${this} />`, this.#root);
    });
  };
}

if (!customElements.get("feedback-chat")) customElements.define("feedback-chat", FeedbackChat);
