// @ts-check
/** @import {Failure, Message, Pending, State} from "./types.js" */
import { io } from "./vendor/socket.io.js";

const ACK_MS = 5000;
const AGAIN_MS = [1000, 2000, 4000, 8000];
const RECONNECT_MS = [500, 1000, 2000, 4000, 8000, 15000];
const IDLE_SYNC_MS = 20000;
const POISON_MS = 1500;
const ECHO_MS = 1000;

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
  /** A timer will try again. */ #waiting = false;
  #syncing = false;
  /** @type {Map<string, number>} */ #closedAfter = new Map();
  /** @type {{clientId: string, at: number} | null} */ #lastSend = null;
  #timer = 0;
  #syncAgain = false;
  /** Rises with each new line: answers that belong to an older one are dropped. */ #age = 0;
  #options;

  /**
   * @param {{server: string, sameOrigin: boolean, memory: import("./storage.js").Memory, locale: () => string, survey: string | null,
   *   lastSeq: () => number, on: {session: (session: any) => void, line: (line: "open" | "lost" | "connecting") => void,
   *   message: (message: Message, synced?: boolean) => "new" | "old" | "gap", state: (state: State) => void, deliveries: (deliveries: any) => void, typing: (typing: any) => void,
   *   acked: (clientId: string, seq: number) => void, slow: () => void, synced: () => void, failed: (clientId: string, why: Failure) => void, bye: (reason: string) => void,
   *   broken: (why: Failure) => void}}} options
   */
  constructor(options) {
    this.#options = options;
  }

  async start() {
    this.#stopped = false;
    this.#outbox = this.#options.memory.unsent.filter((one) => one.failed === null);
    await this.#connect();
  }

  /** What was not acked before a reload. */
  get waiting() {
    return this.#outbox;
  }

  stop() {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#hangUp();
  }

  /** The network is back, or somebody looks at the page: do not wait for the timer. */
  wake() {
    if (this.#stopped) return;
    if (this.#socket?.connected) this.sync();
    else if (!this.#socket && this.#waiting) this.#connect();
  }

  /** @param {Pending} pending */
  send(pending) {
    this.#options.memory.hold(pending);
    this.#outbox.push(pending);
    this.#closedAfter.delete(pending.client_id);
    this.#flush();
  }

  /** Send it no more. @param {string} clientId */
  forget(clientId) {
    this.#options.memory.release(clientId);
    this.#outbox = this.#outbox.filter((one) => one.client_id !== clientId);
  }

  /** @param {boolean} on */
  typing(on) {
    this.#socket?.volatile.emit("typing", { on });
  }

  /** Ask and wait for the ack; without one, an error `offline`. @param {string} event @param {object} data @returns {Promise<any>} */
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
    this.#syncAgain = true;
    if (this.#syncing || !this.#socket?.connected) return;
    this.#syncing = true;
    const age = this.#age;
    let more = false;
    while (age === this.#age && (more || this.#syncAgain)) {
      this.#syncAgain = false;
      const before = this.#options.lastSeq();
      const answer = await this.ask("sync", { after: before });
      if (age !== this.#age) return;
      if (!answer.ok) {
        if (answer.error.code === "session_ended") this.#end("expired");
        else this.#idle(RECONNECT_MS[2]);
        break;
      }
      for (const message of answer.messages) this.#options.on.message(message, true);
      if (answer.deliveries) this.#options.on.deliveries(answer.deliveries);
      if (answer.state) this.#options.on.state(answer.state);
      more = answer.more && this.#options.lastSeq() > before;
      if (!more && !this.#syncAgain) this.#options.on.synced();
    }
    if (age === this.#age) this.#syncing = false;
  }

  async #connect() {
    if (this.#stopped) return;
    clearTimeout(this.#timer);
    this.#hangUp();
    const age = this.#age;
    this.#waiting = false;
    this.#options.on.line("connecting");
    /** @type {any} */ let session;
    try {
      session = await this.#openSession();
    } catch (problem) {
      if (age !== this.#age) return;
      const failure = /** @type {Failure} */ (problem);
      if (failure.retry === false) {
        this.#options.on.broken(failure);
        return;
      }
      this.#again(failure.retry_after ? failure.retry_after * 1000 : 0);
      return;
    }
    if (age !== this.#age) return;
    const returned = this.#options.memory.get("open") === true;
    this.#options.memory.set("open", true);
    this.#options.on.session(session);
    if (session.fresh && returned) this.#holdBack();
    this.#open(session.ticket);
  }

  /** The earlier chat is gone: what was meant for it goes into a new one only if the patient says so. */
  #holdBack() {
    for (const { client_id } of [...this.#outbox]) this.#fail(client_id, { code: "new_chat", message: "", retry: false });
  }

  async #openSession() {
    const { memory } = this.#options;
    let session = await this.#newTicket();
    if (session.shared_device) {
      memory.moveToTab();
      // Whoever was here before: nothing of theirs is shown, and their session ends.
      if (!session.fresh && !memory.get("tab")) {
        await this.#post("DELETE", { resume: session.resume });
        memory.clear();
        session = await this.#newTicket();
      }
      memory.set("tab", true);
    }
    return session;
  }

  async #newTicket() {
    const { memory, sameOrigin, locale, survey } = this.#options;
    // The secret is read now: another tab may have renewed it.
    const session = await this.#post("POST", { resume: sameOrigin ? null : memory.get("resume"), locale: locale(), survey });
    if (session.resume) memory.set("resume", session.resume);
    return session;
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
      on.line("open");
      this.#flush();
      await this.sync();
      if (this.#socket === socket) this.#idle();
    });
    socket.on("message", (/** @type {Message} */ message) => {
      if (on.message(message) === "gap") this.sync();
      this.#idle();
    });
    socket.on("state", (/** @type {State} */ state) => {
      on.state(state);
      if (state.last_seq > this.#options.lastSeq()) this.sync();
    });
    socket.on("deliveries", (/** @type {any} */ { deliveries }) => on.deliveries(deliveries));
    socket.on("bell", () => this.sync());
    socket.on("typing", (/** @type {any} */ typing) => on.typing(typing));
    socket.on("bye", (/** @type {{reason: string}} */ bye) => this.#end(bye.reason));
    socket.on("connect_error", (/** @type {any} */ error) => this.#again((error?.data?.retry_after ?? 0) * 1000));
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

  /** The chat is over. @param {string} reason */
  #end(reason) {
    this.stop();
    this.#options.on.bye(reason);
  }

  #hangUp() {
    this.#age += 1;
    this.#sending = this.#syncing = false;
    const socket = this.#socket;
    this.#socket = null;
    socket?.removeAllListeners();
    socket?.disconnect();
  }

  /** @param {number} atLeast milliseconds */
  #again(atLeast) {
    this.#hangUp();
    if (this.#stopped) return;
    this.#waiting = true;
    this.#options.on.line("lost");
    const wait = RECONNECT_MS[Math.min(this.#failures++, RECONNECT_MS.length - 1)];
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#connect(), Math.max(atLeast, wait * (0.75 + Math.random() / 2)));
  }

  /** @param {number} wait milliseconds */
  #idle(wait = IDLE_SYNC_MS) {
    if (!this.#socket) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#idle();
      this.sync();
    }, wait);
  }

  async #flush() {
    if (this.#sending) return;
    this.#sending = true;
    const age = this.#age;
    let tries = 0;
    while (this.#outbox.length && this.#socket?.connected) {
      const [head] = this.#outbox;
      this.#lastSend = { clientId: head.client_id, at: Date.now() };
      const [event, data] = head.button
        ? ["press", { client_id: head.client_id, button: head.button }]
        : ["send", { client_id: head.client_id, text: head.text }];
      const answer = await this.ask(/** @type {string} */ (event), /** @type {object} */ (data));
      if (age !== this.#age) return;
      if (answer.ok) {
        tries = 0;
        this.forget(head.client_id);
        this.#options.on.acked(head.client_id, answer.seq);
        this.#echo(answer.seq);
      } else if (answer.error.code === "session_ended") {
        this.#end("expired");
        return;
      } else if (answer.error.retry) {
        if (answer.error.code === "slow_down") this.#options.on.slow();
        const wait = answer.error.retry_after ? answer.error.retry_after * 1000 : AGAIN_MS[Math.min(tries++, AGAIN_MS.length - 1)];
        await new Promise((resolve) => setTimeout(resolve, wait * (1 + Math.random() / 4)));
        if (age !== this.#age) return;
      } else {
        this.#fail(head.client_id, answer.error);
      }
    }
    this.#sending = false;
  }

  /** The message comes back as an event of its own; if that is lost, ask. @param {number} seq */
  #echo(seq) {
    const age = this.#age;
    setTimeout(() => {
      if (age === this.#age && seq > this.#options.lastSeq()) this.sync();
    }, ECHO_MS);
  }

  /** Marked failed, and kept on the device until the patient sends or deletes it. @param {string} clientId @param {Failure} why */
  #fail(clientId, why) {
    const pending = this.#outbox.find((one) => one.client_id === clientId);
    this.forget(clientId);
    if (pending) this.#options.memory.hold({ ...pending, failed: why.code });
    this.#options.on.failed(clientId, why);
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
    const data = await answer.json().catch(() => null);
    if (!answer.ok || !data) throw data?.error ?? { code: "offline", message: "", retry: true };
    return data;
  }
}
