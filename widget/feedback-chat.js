// @ts-check
/** @import {Button, Clinic, Failure, Message, Pending} from "./types.js" */
import { uuid7 } from "./ids.js";
import { Memory } from "./storage.js";
import { sheet } from "./styles.js";
import { Thread } from "./thread.js";
import { Transport } from "./transport.js";
import { MAX_TEXT, lengthOf } from "./view/composer.js";
import { html, render } from "./view/html.js";
import { whoSaid } from "./view/messages.js";
import { Panel } from "./view/panel.js";

/** @typedef {typeof import("./locales/en.js").en} Words */
/** The words that were fetched: a visitor needs one language. @type {Record<string, Words>} */
const WORDS = {};
/** @type {Record<string, () => Promise<Words>>} */
const LOCALES = { en: async () => (await import("./locales/en.js")).en, es: async () => (await import("./locales/es.js")).es };
const SLOW_MS = 10000;
const TYPING_MS = 3000;
/** Whoever has no more than this below what they see, in pixels, follows the thread. */
const NEAR_END = 80;
const AT_END = 40;
const NARROW = "(max-width: 480px), (max-height: 420px)";

/**
 * `<feedback-chat server="https://…" layout="bubble|inline|fullscreen" locale="en|es|auto" survey="fft" theme="light|dark"
 * storage="local|session" invite-after="seconds" privacy="https://…">`: a patient's chat with the clinic. Events: `heard:open`, `heard:close`,
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
  /** What waits for a "yes". @type {"" | "end" | "clear" | "erase"} */ sure = "";
  /** The bot owes an answer: since a moment, or for long. @type {"" | "soon" | "slow"} */ owed = "";
  invites = false;
  /** @type {"" | "ended" | "erased" | "expired" | "cleared"} */ over = "";
  /** @type {Clinic} */ clinic = { name: "", phone: "" };
  emergency = "112 / 911 / 999";
  /** @type {Transport | null} */ #transport = null;
  /** @type {Memory} */ #memory = new Memory("", true);
  #root = this.attachShadow({ mode: "open" });
  #drawing = false;
  #typingSent = 0;
  #typingTimer = 0;
  #silenceTimer = 0;
  #owedTimer = 0;
  #inviteTimer = 0;
  #seenSeq = 0;
  #loading = true;

  connectedCallback() {
    this.#root.adoptedStyleSheets = [sheet];
    if (!this.hasAttribute("layout")) this.setAttribute("layout", "bubble");
    const given = this.getAttribute("locale");
    const asked = given === "auto" ? navigator.language : given || document.documentElement.lang || navigator.language;
    this.locale = LOCALES[asked.slice(0, 2)] ? asked.slice(0, 2) : "en";
    this.#memory = new Memory(this.server, this.getAttribute("storage") === "session");
    this.#speak(this.#memory.get("locale") ?? this.locale);
    this.draft = this.#memory.get("draft") ?? "";
    this.#seenSeq = this.#memory.get("seen") ?? 0;
    for (const event of ["focus", "online", "visibilitychange"]) addEventListener(event, this.#onFocus);
    for (const event of ["resize", "offline"]) addEventListener(event, this.draw);
    addEventListener("storage", this.#onStorage);
    if (this.layout !== "bubble") this.open(false);
    else if (this.#memory.get("open")) this.#start();
    else this.#inviteLater();
    this.draw();
  }

  disconnectedCallback() {
    for (const event of ["focus", "online", "visibilitychange"]) removeEventListener(event, this.#onFocus);
    for (const event of ["resize", "offline"]) removeEventListener(event, this.draw);
    removeEventListener("storage", this.#onStorage);
    for (const timer of [this.#typingTimer, this.#silenceTimer, this.#owedTimer, this.#inviteTimer]) clearTimeout(timer);
    this.#transport?.stop();
    this.#transport = null;
    this.thread = new Thread();
    this.#count(0);
  }

  /** The `server` attribute, else where this module came from. */
  get server() {
    return new URL(this.getAttribute("server") ?? import.meta.url, location.href).origin;
  }

  get layout() {
    return this.getAttribute("layout") ?? "bubble";
  }

  get words() {
    return WORDS[this.locale];
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
    // On a phone the keyboard would cover what there is to read.
    if (focus) requestAnimationFrame(() => (this.isModal ? this.#find("title") : this.#find("text"))?.focus());
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
    if (this.#transport || this.over) return;
    this.#loading = true;
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
          if (session.fresh) {
            this.thread.clear();
            this.#loading = true;
            this.#seenSeq = this.firstUnread = 0;
            this.#memory.set("seen", null);
          }
          this.clinic = session.clinic;
          this.emergency = session.emergency;
          this.draw();
        },
        line: (line) => {
          this.line = line;
          if (line === "open") this.#tellLanguage();
          else this.thread.typing = null;
          this.draw();
        },
        message: (message) => this.#take(message),
        synced: () => this.#caughtUp(),
        state: (state) => {
          this.thread.applyState(state);
          if (state.state !== "bot") this.#owe("");
          this.draw();
        },
        deliveries: (deliveries) => {
          this.thread.deliveries = deliveries;
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
        acked: (clientId, seq) => {
          this.note = "";
          if (seq <= this.thread.lastSeq) this.thread.drop(clientId);
          const answered = this.thread.messages.some((message) => message.seq > seq && message.author !== "patient");
          if (!answered && ["bot", "closed", undefined].includes(this.thread.state?.state)) this.#owe("soon");
          this.draw();
        },
        slow: () => {
          this.note = this.words.slow;
          this.draw();
        },
        failed: (clientId, why) => {
          this.thread.mark(clientId, why.code);
          this.#tell("error", { code: why.code });
          this.draw();
        },
        bye: (reason) => this.#finish(reason === "erased" ? "erased" : reason === "expired" ? "expired" : "ended"),
        broken: (why) => {
          this.line = "broken";
          this.problem = this.words.down;
          this.#tell("error", { code: why.code });
          this.draw();
        },
      },
    });
    for (const pending of memory.unsent) this.thread.add(pending);
    this.#transport.start();
  }

  /** What others wrote since the patient last looked is new. */
  #caughtUp() {
    if (!this.#loading) return;
    this.#loading = false;
    this.firstUnread = this.#seenSeq ? (this.#unseen[0]?.seq ?? 0) : 0;
    this.#seen();
    this.toEnd();
  }

  get #unseen() {
    return this.thread.messages.filter((message) => message.author !== "patient" && message.seq > this.#seenSeq);
  }

  /** @param {"" | "soon" | "slow"} owed */
  #owe(owed) {
    clearTimeout(this.#owedTimer);
    this.owed = owed;
    if (owed === "soon")
      this.#owedTimer = setTimeout(() => {
        this.#owe("slow");
        this.draw();
      }, SLOW_MS);
  }

  /** @param {Message} message */
  #take(message) {
    const taken = this.thread.apply(message);
    if (taken === "new") {
      if (message.client_id) this.#memory.release(message.client_id);
      if (message.author !== "patient") this.#owe("");
      if (!this.#loading) {
        if (message.author !== "patient" && (!this.isOpen || document.hidden)) this.firstUnread ||= message.seq;
        this.#seen();
      }
      if (message.author === "patient" || this.#below() < NEAR_END) this.toEnd();
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
    clearTimeout(this.#silenceTimer);
    if (text) this.#silenceTimer = setTimeout(() => this.#stopTyping(), 2 * TYPING_MS);
    if (text && now - this.#typingSent > TYPING_MS) {
      this.#typingSent = now;
      this.#transport?.typing(true);
    }
    this.draw();
  }

  submit() {
    const text = this.draft.trim();
    if (!text || lengthOf(this.draft) > MAX_TEXT || this.over) return;
    this.write("");
    this.#stopTyping();
    this.#send({ client_id: uuid7(), text, button: null, at: new Date().toISOString(), failed: null });
  }

  #stopTyping() {
    clearTimeout(this.#silenceTimer);
    if (this.#typingSent) this.#transport?.typing(false);
    this.#typingSent = 0;
  }

  /** @param {Button} button */
  press(button) {
    this.#send({ client_id: uuid7(), text: button.title, button: button.id, at: new Date().toISOString(), failed: null });
    // The button is gone or spent; the focus must not be. Touch would bring up the keyboard for nothing.
    this.#find(matchMedia("(pointer: coarse)").matches ? "log" : "text")?.focus();
  }

  person() {
    this.press({ id: "person", title: this.words.person });
  }

  /** @param {Pending} pending */
  again(pending) {
    this.thread.mark(pending.client_id, null);
    this.#transport?.send({ ...pending, failed: null });
    this.draw();
    this.#find("text")?.focus();
  }

  /** @param {Pending} pending */
  drop(pending) {
    this.thread.drop(pending.client_id);
    this.#transport?.forget(pending.client_id);
    this.draw();
    this.#find("text")?.focus();
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
    const answer = await this.#transport?.ask("end", { client_id: uuid7() });
    if (clear) {
      // Whatever the service says or whether it can be reached: this device forgets.
      this.thread.clear();
      this.#finish("cleared");
      await this.#transport?.forgetSession();
    } else if (answer && !answer.ok) this.#explain(answer.error);
  }

  /** Ask whether they mean it; "" takes the question back. @param {"" | "end" | "clear" | "erase"} what */
  ask(what) {
    this.#closeMenu();
    this.sure = what;
    this.draw();
    requestAnimationFrame(() => this.#find(what ? "cancel" : "menu-button")?.focus());
  }

  /** They mean it. */
  async confirm() {
    const what = this.sure;
    this.sure = "";
    this.draw();
    if (!this.isModal) this.#find("text")?.focus();
    if (what === "erase") await this.erase();
    else await this.end(what === "clear");
  }

  async erase() {
    const answer = await this.#transport?.ask("erase", {});
    // The service says goodbye and hangs up, perhaps before its ack is here.
    if (answer && !answer.ok && this.over !== "erased") this.#explain(answer.error);
  }

  /** @param {Failure} failure */
  #explain(failure) {
    this.note = this.why(failure.code) || failure.message || this.words.down;
    this.draw();
  }

  /** Why something failed, in the patient's language; "" where there is nothing to add. @param {string} code */
  why(code) {
    return /** @type {Record<string, string>} */ (this.words.why)[code] ?? "";
  }

  /** @param {"ended" | "erased" | "expired" | "cleared"} how */
  #finish(how) {
    this.#transport?.stop();
    if (how !== "expired") {
      this.#memory.clear();
      this.write("");
      this.thread.pending = [];
    }
    if (how === "erased" || how === "cleared") this.thread.clear();
    this.#memory.set("resume", null);
    this.#stopTyping();
    this.#owe("");
    this.over = how;
    this.sure = this.note = "";
    this.firstUnread = 0;
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

  /**
   * Say who is signed in on the host's page; any word that stands for that person will do. It is not sent anywhere: when it
   * changes, the chat on this device is forgotten, so that the next person does not see it. @param {string | null} who
   */
  identify(who) {
    const mark = who === null ? "" : fingerprint(who);
    const before = this.#memory.get("who");
    this.#memory.set("who", mark);
    if (before === null || before === mark) return;
    if (this.#transport || this.#memory.get("open")) {
      this.#start();
      this.thread.clear();
      this.#finish("cleared");
      this.#memory.set("who", mark);
      this.#transport?.forgetSession().then(() => this.#memory.set("who", mark));
    }
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
    const wanted = this.locale === "en" ? "es" : "en";
    this.#speak(wanted);
    for (const key of ["locale", "untold"]) this.#memory.set(key, wanted);
    this.#tellLanguage();
    this.#closeMenu();
    this.#find("menu-button")?.focus();
  }

  /** At once, or once the line is back. */
  async #tellLanguage() {
    const locale = this.#memory.get("untold");
    const told = locale && (await this.#transport?.ask("language", { locale }));
    if (told?.ok && this.#memory.get("untold") === locale) this.#memory.set("untold", null);
  }

  /** @param {string} locale */
  async #speak(locale) {
    const before = this.locale;
    const name = LOCALES[locale] ? locale : "en";
    if (!this.words) this.locale = name;
    const words = WORDS[name] ?? (await LOCALES[name]().catch(() => null));
    if (words) WORDS[name] = words;
    this.locale = words ? name : before;
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
    this.#inviteTimer = setTimeout(() => {
      this.invites = !this.isOpen;
      this.draw();
    }, seconds * 1000);
  }

  /** Escape closes; on a phone, Tab stays inside. @param {KeyboardEvent} event */
  onKey(event) {
    if (event.key === "Escape") {
      const menu = /** @type {HTMLDetailsElement | null} */ (this.#find("menu"));
      if (menu?.open) {
        menu.open = false;
        this.#find("menu-button")?.focus();
      } else if (this.sure) this.ask("");
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
    if (this.missed && this.#below() < AT_END) {
      this.missed = false;
      this.draw();
    }
  }

  /** How much of the thread lies below what can be seen, in pixels. */
  #below() {
    const log = this.#find("log");
    return log ? log.scrollHeight - log.scrollTop - log.clientHeight : 0;
  }

  /** To what was missed. The button goes with it; the focus must not. */
  jump() {
    this.toEnd();
    this.draw();
    this.#find("log")?.focus();
  }

  toEnd() {
    this.missed = false;
    requestAnimationFrame(() => {
      const log = this.#find("log");
      if (log) log.scrollTop = log.scrollHeight;
    });
  }

  #onFocus = () => {
    this.#transport?.wake();
    this.#seen();
  };

  /** Another tab has read on. @param {StorageEvent} event */
  #onStorage = (event) => {
    if (event.key !== this.#memory.key("seen")) return;
    this.#seenSeq = Math.max(this.#seenSeq, this.#memory.get("seen") ?? 0);
    this.#seen();
  };

  /** Count what is unread, or, where the patient looks at it, mark it read. */
  #seen() {
    if (this.isOpen && !document.hidden && this.thread.lastSeq > this.#seenSeq) {
      this.#seenSeq = this.thread.lastSeq;
      this.#memory.set("seen", this.#seenSeq);
    }
    this.#count(this.#loading ? 0 : this.#unseen.length);
    this.draw();
  }

  /** The title is the host's, but for our "(2) ". @param {number} unread */
  #count(unread) {
    const title = this.unread && document.title.startsWith(`(${this.unread}) `) ? document.title.replace(/^\(\d+\) /, "") : document.title;
    const shown = unread ? `(${unread}) ${title}` : title;
    if (shown !== document.title) document.title = shown;
    this.unread = unread;
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
      if (!this.words) return;
      // Not only messages make the thread grow: buttons come back, a banner takes room. Whoever read its end still does.
      const before = this.#below();
      render(html`<${Panel} chat=${this} />`, this.#root);
      const log = this.#find("log");
      if (log && before < NEAR_END && this.#below() > before) log.scrollTop = log.scrollHeight;
    });
  };
}

/** A short mark of a word, so that the word itself is not kept. @param {string} word */
function fingerprint(word) {
  let [a, b] = [0xdeadbeef, 0x41c6ce57];
  for (const letter of word) {
    a = Math.imul(a ^ /** @type {number} */ (letter.codePointAt(0)), 2654435761);
    b = Math.imul(b ^ /** @type {number} */ (letter.codePointAt(0)), 1597334677);
  }
  return [a, b].map((part) => (part >>> 0).toString(36)).join("-");
}

if (!customElements.get("feedback-chat")) customElements.define("feedback-chat", FeedbackChat);
