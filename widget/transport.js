// @ts-check
/** @import {Failure, Message, Pending, State} from "./types.js" */
import { io } from "./vendor/socket.io.js";

const ACK_MS = 5000;
const AGAIN_MS = [1000, 2000, 4000, 8000];
const RECONNECT_MS = [500, 1000, 2000, 4000, 8000, 15000];
const IDLE_SYNC_MS = 20000;
const POISON_MS = 1500;

/**
 * The line to the service: a session over HTTP, then a socket. No DOM. Sends in order and again under the same id until it is
 * acked; pulls what is missing; comes back by itself.
 */
export class Transport {
  /** @type {any} */ #socket = null;
  /** @type {Pending[]} */ #outbox = [];
  #sending = false;
  #failures = 0;
  #stopped = true;
  #syncing = false;
  /** @type {Map<string, number>} */ #closedAfter = new Map();
  /** @type {{clientId: string, at: number} | null} */ #lastSend = null;
  #timer = 0;
  #options;

  /**
   * @param {{server: string, sameOrigin: boolean, memory: import("./storage.js").Memory, locale: () => string, survey: string | null,
   *   lastSeq: () => number, on: {session: (session: any) => void, line: (line: "open" | "lost" | "connecting") => void,
   *   message: (message: Message) => "new" | "old" | "gap", state: (state: State) => void, typing: (typing: any) => void,
   *   acked: (clientId: string) => void, failed: (clientId: string, why: Failure) => void, bye: (reason: string) => void,
   *   broken: (why: Failure) => void}}} options
   */
  constructor(options) {
    this.#options = options;
  }

  async start() {
    this.#stopped = false;
    this.#outbox = this.#options.memory.get("outbox") ?? [];
    await this.#connect();
  }

  /** What was not acked before a reload. */
  get waiting() {
    return this.#outbox;
  }

  stop() {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#socket?.disconnect();
    this.#socket = null;
  }

  /** @param {Pending} pending */
  send(pending) {
    this.#outbox.push(pending);
    this.#keep();
    this.#flush();
  }

  /** @param {string} clientId */
  forget(clientId) {
    this.#outbox = this.#outbox.filter((one) => one.client_id !== clientId);
    this.#keep();
  }

  /** @param {boolean} on */
  typing(on) {
    this.#socket?.volatile.emit("typing", { on });
  }

  /** @param {string} event @param {object} data @returns {Promise<any>} */
  async ask(event, data) {
    if (!this.#socket?.connected) return { ok: false, error: { code: "offline", message: "", retry: true } };
    try {
      return await this.#socket.timeout(ACK_MS).emitWithAck(event, data);
    } catch {
      return { ok: false, error: { code: "offline", message: "", retry: true } };
    }
  }

  /** End the session on this device. */
  async forgetSession() {
    const resume = this.#options.memory.get("resume");
    this.stop();
    await this.#post("DELETE", this.#options.sameOrigin ? {} : { resume }).catch(() => null);
    this.#outbox = [];
    this.#options.memory.clear();
  }

  /** Pull what this screen lacks. */
  async sync() {
    if (this.#syncing || !this.#socket?.connected) return;
    this.#syncing = true;
    try {
      let more = true;
      while (more) {
        const answer = await this.ask("sync", { after: this.#options.lastSeq() });
        if (!answer.ok) return;
        for (const message of answer.messages) this.#options.on.message(message);
        if (answer.state) this.#options.on.state(answer.state);
        more = answer.more;
      }
    } finally {
      this.#syncing = false;
    }
  }

  async #connect() {
    if (this.#stopped) return;
    this.#options.on.line("connecting");
    /** @type {any} */ let session;
    try {
      session = await this.#post("POST", {
        resume: this.#options.sameOrigin ? null : this.#options.memory.get("resume"), // read now: another tab may have renewed it
        locale: this.#options.locale(),
        survey: this.#options.survey,
      });
    } catch (problem) {
      const failure = /** @type {Failure} */ (problem);
      if (failure.retry === false) {
        this.#options.on.broken(failure);
        return;
      }
      this.#again(failure.retry_after ? failure.retry_after * 1000 : 0);
      return;
    }
    if (session.resume) this.#options.memory.set("resume", session.resume);
    this.#options.memory.set("open", true);
    this.#options.on.session(session);
    this.#open(session.ticket);
  }

  /** @param {string} ticket */
  #open(ticket) {
    if (this.#stopped) return;
    const socket = io(`${this.#options.server}/patient`, {
      auth: { ticket },
      reconnection: false,
      forceNew: true,
      transports: ["websocket", "polling"],
      // @ts-ignore an option of 4.8
      tryAllTransports: true,
    });
    this.#socket = socket;
    const on = this.#options.on;
    socket.on("connect", async () => {
      this.#failures = 0;
      await this.sync();
      on.line("open");
      this.#idle();
      this.#flush();
    });
    socket.on("message", (/** @type {Message} */ message) => {
      if (on.message(message) === "gap") this.sync();
      this.#idle();
    });
    socket.on("state", (/** @type {State} */ state) => {
      on.state(state);
      if (state.last_seq > this.#options.lastSeq()) this.sync();
    });
    socket.on("bell", (/** @type {{last_seq: number}} */ bell) => this.sync() && bell);
    socket.on("typing", (/** @type {any} */ typing) => on.typing(typing));
    socket.on("bye", (/** @type {{reason: string}} */ bye) => {
      this.stop();
      on.bye(bye.reason);
    });
    socket.on("connect_error", () => this.#again(0));
    socket.on("disconnect", () => {
      this.#suspect();
      this.#again(0);
    });
  }

  /** A close right after a send, twice, is that message's doing: it is marked failed instead of being sent for ever. */
  #suspect() {
    const last = this.#lastSend;
    if (!last || Date.now() - last.at > POISON_MS || !this.#outbox.some((one) => one.client_id === last.clientId)) return;
    const times = (this.#closedAfter.get(last.clientId) ?? 0) + 1;
    this.#closedAfter.set(last.clientId, times);
    if (times >= 2) this.#fail(last.clientId, { code: "poison", message: "", retry: false });
  }

  /** @param {number} atLeast milliseconds */
  #again(atLeast) {
    this.#socket?.removeAllListeners();
    this.#socket?.disconnect();
    this.#socket = null;
    this.#sending = false;
    if (this.#stopped) return;
    this.#options.on.line("lost");
    const wait = RECONNECT_MS[Math.min(this.#failures++, RECONNECT_MS.length - 1)];
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#connect(), Math.max(atLeast, wait * (0.75 + Math.random() / 2)));
  }

  #idle() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(async () => {
      await this.sync();
      if (this.#socket) this.#idle();
    }, IDLE_SYNC_MS);
  }

  async #flush() {
    if (this.#sending) return;
    this.#sending = true;
    let tries = 0;
    while (this.#outbox.length && this.#socket?.connected) {
      const [head] = this.#outbox;
      this.#lastSend = { clientId: head.client_id, at: Date.now() };
      const [event, data] = head.button
        ? ["press", { client_id: head.client_id, button: head.button }]
        : ["send", { client_id: head.client_id, text: head.text }];
      const answer = await this.ask(/** @type {string} */ (event), /** @type {object} */ (data));
      if (answer.ok) {
        tries = 0;
        this.forget(head.client_id);
        this.#options.on.acked(head.client_id);
        if (answer.seq > this.#options.lastSeq() + 1) await this.sync();
      } else if (answer.error.retry) {
        const wait = answer.error.retry_after ? answer.error.retry_after * 1000 : AGAIN_MS[Math.min(tries++, AGAIN_MS.length - 1)];
        await new Promise((resolve) => setTimeout(resolve, wait * (1 + Math.random() / 4)));
      } else {
        this.#fail(head.client_id, answer.error);
      }
    }
    this.#sending = false;
  }

  /** @param {string} clientId @param {Failure} why */
  #fail(clientId, why) {
    this.forget(clientId);
    this.#options.on.failed(clientId, why);
  }

  #keep() {
    this.#options.memory.set("outbox", this.#outbox.length ? this.#outbox : null);
  }

  /** @param {string} method @param {object} body */
  async #post(method, body) {
    const answer = await fetch(`${this.#options.server}/api/patient/session`, {
      method,
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
      credentials: this.#options.sameOrigin ? "same-origin" : "omit",
      cache: "no-store",
    });
    const data = await answer.json();
    if (!answer.ok) throw data.error;
    return data;
  }
}
