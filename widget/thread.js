// The conversation as this device knows it. A plain class: no DOM, no socket, no clock of its own.

/** @typedef {import("./types").Message} Message */
/** @typedef {import("./types").Pending} Pending */
/** @typedef {import("./types").State} State */
/** @typedef {import("./types").Button} Button */

export const LIMIT = 4000;

/** Characters as the service counts them. @param {string} text */
export const lengthOf = (text) => [...text].length;

export class Thread {
  /** In the order of `seq`, none twice. @type {Message[]} */ messages = [];
  /** @type {Pending[]} */ pending = [];
  /** @type {State | null} */ state = null;
  /** @type {import("./types").Typing | null} */ typing = null;
  /** The bot owes an answer: "" | "soon" | "slow". */ owed = "";
  lastSeq = 0;
  /** Up to where the patient has read. */ seen = 0;
  /** Where the "new" line stands, or -1. */ divider = -1;
  /** The history is here. */ loaded = false;
  /** @type {Set<() => void>} */ #listeners = new Set();

  /** @param {() => void} listener called after each change */
  subscribe(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Take in a message that was pushed. Only the next one in order is taken.
   * @param {Message} message @returns {"applied" | "known" | "gap"} `gap`: something is missing, ask for it
   */
  apply(message) {
    if (message.seq <= this.lastSeq) return "known";
    if (message.seq !== this.lastSeq + 1) return "gap";
    this.#take(message);
    this.#changed();
    return "applied";
  }

  /** Take in a page of the record, which is the truth. @param {import("./types").Page} page */
  page(page) {
    for (const message of page.messages) if (message.seq > this.lastSeq) this.#take(message);
    this.pending = this.pending.filter((item) => item.status !== "sent" || item.seq > this.lastSeq);
    if (page.state) this.#keepNewer(page.state);
    if (!page.more) this.loaded = true;
    this.#changed();
  }

  /** @param {State} state */
  setState(state) {
    this.#keepNewer(state);
    this.#changed();
  }

  /** Draw at once what the patient did. @param {string} clientId @param {string} text @param {string | null} button @param {string} at */
  add(clientId, text, button, at) {
    /** @type {Pending} */
    const item = { client_id: clientId, text, button, at, status: "sending", error: null, seq: 0, tries: 0, closes: 0 };
    this.pending.push(item);
    this.#changed();
    return item;
  }

  /** Things that an earlier page left unsent. @param {Pending[]} items */
  adopt(items) {
    const known = new Set([...this.pending, ...this.messages].map((item) => item.client_id));
    const more = items.filter((item) => !known.has(item.client_id));
    this.pending = [...more.map((item) => ({ ...item, tries: 0, closes: 0, seq: 0 })), ...this.pending];
    this.#changed();
  }

  /** @param {string} clientId @param {number} seq */
  acked(clientId, seq) {
    this.#change(clientId, { status: "sent", seq, error: null });
    if (seq <= this.lastSeq) this.drop(clientId);
  }

  /** @param {string} clientId @param {string} code */
  fail(clientId, code) {
    this.#change(clientId, { status: "failed", error: code });
  }

  /** @param {string} clientId */
  retry(clientId) {
    this.#change(clientId, { status: "sending", error: null, tries: 0, closes: 0 });
  }

  /** @param {string} clientId */
  drop(clientId) {
    this.pending = this.pending.filter((item) => item.client_id !== clientId);
    this.#changed();
  }

  /** @param {import("./types").Typing | null} typing */
  setTyping(typing) {
    this.typing = typing;
    this.#changed();
  }

  /** @param {"" | "soon" | "slow"} owed */
  setOwed(owed) {
    this.owed = owed;
    this.#changed();
  }

  /** A new conversation: forget what was drawn. What was not sent stays: it is the patient's. */
  reset() {
    this.messages = [];
    this.pending = this.pending.filter((item) => item.status !== "sent" && (item.button === null || item.button === "person"));
    this.state = this.typing = null;
    this.owed = "";
    this.lastSeq = this.seen = 0;
    this.divider = -1;
    this.loaded = false;
    this.#changed();
  }

  /** How many messages of others were not read. */
  get unread() {
    return this.messages.filter((message) => message.author !== "patient" && message.seq > this.seen).length;
  }

  /** The panel was opened: the line "new" goes before what is unread. */
  markOpened() {
    this.divider = this.unread && this.seen ? this.seen : -1;
  }

  /** @param {number} seq */
  markSeen(seq = this.lastSeq) {
    if (seq <= this.seen) return;
    this.seen = seq;
    this.#changed();
  }

  /** The message whose buttons can be pressed: the newest that has any. */
  get live() {
    return this.messages.findLast((message) => message.buttons.length) ?? null;
  }

  /** The button of `message` that was chosen, sent or on its way. @param {Message} message */
  chosen(message) {
    const ids = new Set(message.buttons.map((button) => button.id));
    const done = this.messages.find((other) => other.pressed !== null && ids.has(other.pressed));
    return done?.pressed ?? this.pending.find((item) => item.status !== "failed" && item.button !== null && ids.has(item.button))?.button ?? null;
  }

  /** @param {Message} message */
  #take(message) {
    this.messages.push(message);
    this.lastSeq = message.seq;
    if (message.client_id) this.pending = this.pending.filter((item) => item.client_id !== message.client_id);
    if (message.author !== "patient") {
      this.owed = "";
      if (this.typing?.author === message.author) this.typing = null;
    }
  }

  /** @param {State} state */
  #keepNewer(state) {
    if (this.state && state.version < this.state.version) return;
    this.state = state;
    if (state.state !== "bot") this.owed = "";
  }

  /** @param {string} clientId @param {Partial<Pending>} change */
  #change(clientId, change) {
    this.pending = this.pending.map((item) => (item.client_id === clientId ? { ...item, ...change } : item));
    this.#changed();
  }

  #changed() {
    for (const listener of this.#listeners) listener();
  }
}
