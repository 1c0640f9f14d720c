// The session and the socket: no DOM. Sends what the thread holds, one at a time and in order, until the service has it.
import { uuid7 } from "./ids.js";
import { io as connect } from "./vendor/socket.io.js";

/** @typedef {import("./types").Phase} Phase */
/** @typedef {import("./types").Trouble} Trouble */

export const ACK_MS = 5000;
const IDLE_MS = 20_000;
const SLOW_MS = 10_000;
const POISON_MS = 1500; // a line that closes this soon after a message was perhaps closed by that message
const TYPING_MS = 3000;
const OVER = ["ended", "erased", "expired", "refused"];

/** @type {import("./types").Clock} */
export const realClock = {
  now: () => Date.now(),
  after(ms, call) {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
};

export class Transport {
  /** @type {Phase} */ phase = "idle";
  /** @type {import("./types").Session | null} */ session = null;
  /** Why sending is slow just now, or "". */ trouble = "";
  locale = "en";
  /** @type {string | null} */ survey = null;
  /** @type {(phase: Phase) => void} */ onphase = () => {};

  #server;
  #thread;
  #keep;
  #fetch;
  #io;
  #clock;
  #random;
  /** @type {import("./vendor/socket.io.js").Socket | null} */ #socket = null;
  /** Rises with each new line or stop: answers that belong to an older one are dropped. */ #age = 0;
  #failures = 0;
  /** @type {import("./types").Pending | null} */ #flying = null;
  #flownAt = 0;
  #syncing = false;
  #syncAgain = false;
  #typedAt = 0;
  /** @type {Map<string, () => void>} */ #timers = new Map();
  /** @type {Set<(answer: any) => void>} */ #asked = new Set();

  /**
   * @param {object} parts
   * @param {string} parts.server origin of the service
   * @param {import("./thread.js").Thread} parts.thread
   * @param {import("./keep.js").Keep} parts.keep
   * @param {typeof fetch} [parts.fetch]
   * @param {typeof connect} [parts.io]
   * @param {import("./types").Clock} [parts.clock]
   * @param {() => number} [parts.random]
   */
  constructor({ server, thread, keep, fetch = globalThis.fetch.bind(globalThis), io = connect, clock = realClock, random = Math.random }) {
    this.#server = server;
    this.#thread = thread;
    this.#keep = keep;
    this.#fetch = fetch;
    this.#io = io;
    this.#clock = clock;
    this.#random = random;
    thread.adopt(keep.unsent());
  }

  /** Open the line, if it is not open. */
  start() {
    if (this.phase === "idle") this.#enter("connecting");
  }

  /** Close the line. The session stays. */
  stop() {
    this.#hangUp();
    this.#setPhase("idle");
  }

  /** The network is back, or somebody looks at the page: do not wait for a timer. */
  wake() {
    if (this.phase === "online") this.sync();
    else if (["offline", "lost", "down"].includes(this.phase)) this.#enter("lost");
  }

  networkGone() {
    if (["connecting", "online", "lost", "down"].includes(this.phase)) {
      this.#hangUp();
      this.#setPhase("offline");
    }
  }

  /** @param {string} text @param {string | null} button */
  send(text, button = null) {
    const now = this.#clock.now();
    const item = this.#thread.add(uuid7(now), text, button, new Date(now).toISOString());
    this.#keep.hold(item);
    this.#typedAt = 0;
    this.#pump();
    return item;
  }

  /** @param {string} clientId */
  retry(clientId) {
    this.#thread.retry(clientId);
    this.#holdAgain(clientId);
    this.#pump();
  }

  /** @param {string} clientId */
  discard(clientId) {
    this.#keep.release(clientId);
    this.#thread.drop(clientId);
  }

  /** @param {boolean} on */
  typing(on) {
    const now = this.#clock.now();
    if (this.phase !== "online" || (on && now - this.#typedAt < TYPING_MS) || (!on && !this.#typedAt)) return;
    this.#typedAt = on ? now : 0;
    this.#socket?.emit("typing", { on }, () => {});
    this.#cancel("typing");
    if (on) this.#after("typing", 2 * TYPING_MS, () => this.typing(false));
  }

  /** Close the conversation. @returns {Promise<Trouble | null>} */
  async end() {
    const answer = await this.#ask("end", { client_id: uuid7(this.#clock.now()) });
    return answer.ok ? null : answer.error;
  }

  /** Delete all data of this conversation. @returns {Promise<Trouble | null>} */
  async erase() {
    const answer = await this.#ask("erase", {});
    if (!answer.ok) return answer.error;
    this.#over("erased");
    return null;
  }

  /** Forget the chat on this device, here and at the service. */
  async forget() {
    const resume = this.#keep.get("resume");
    this.#hangUp();
    this.#thread.pending = [];
    this.#thread.reset();
    this.#keep.clear(["locale", "no nudge"]);
    this.session = null;
    this.#setPhase("idle");
    try {
      await this.#call("DELETE", { resume });
    } catch {
      // Without a network the secret is gone from this device all the same, or (a cookie) ends by itself.
    }
  }

  /** After the chat is over: begin anew. */
  startNew() {
    this.#hangUp();
    this.#thread.reset();
    this.#keep.set("resume", null);
    this.#keep.set("seen", null);
    this.#enter("connecting");
  }

  /** Ask for what is missing. Calls while one runs make it run once more. */
  async sync() {
    if (this.#syncing) {
      this.#syncAgain = true;
      return;
    }
    this.#syncing = true;
    const age = this.#age;
    let more = true;
    while (more && age === this.#age) {
      this.#syncAgain = false;
      const answer = await this.#ask("sync", { after: this.#thread.lastSeq });
      if (age !== this.#age) break;
      if (!answer.ok) {
        this.#refusedSync(answer.error);
        break;
      }
      if (answer.state === null) {
        this.#over("erased");
        break;
      }
      this.#thread.page(answer);
      more = (answer.more && answer.messages.length > 0) || this.#syncAgain;
    }
    this.#syncing = false;
    if (this.phase === "online") this.#idle();
  }

  // The line

  /** @param {Phase} phase */
  async #enter(phase) {
    this.#hangUp();
    this.#setPhase(phase);
    const age = this.#age;
    try {
      const session = await this.#openSession();
      if (age !== this.#age) return;
      this.session = session;
      this.#dial(session.ticket);
    } catch (error) {
      if (age === this.#age) this.#failed(/** @type {Trouble} */ (error));
    }
  }

  async #openSession() {
    const earlier = this.#keep.get("had");
    let session = await this.#newTicket();
    if (session.shared_device) {
      this.#keep.moveToTab();
      // Somebody before us on this device: nothing of theirs is shown, and their session ends here.
      if (!session.fresh && !this.#keep.get("tab")) {
        await this.#call("DELETE", { resume: session.resume });
        this.#keep.clear(["locale"]);
        session = await this.#newTicket();
      }
      this.#keep.set("tab", "1");
    }
    if (session.fresh) this.#beginAnew(earlier !== null);
    this.#keep.set("had", "1");
    return session;
  }

  /** Other tabs replace the secret too, so it is read just before the call. @returns {Promise<import("./types").Session>} */
  async #newTicket() {
    const body = { resume: this.#keep.get("resume"), locale: this.locale, survey: this.survey };
    const session = await this.#call("POST", body);
    this.#keep.set("resume", session.resume);
    return session;
  }

  /** @param {boolean} hadEarlier what waits was meant for a chat that is gone: the patient decides whether to send it here */
  #beginAnew(hadEarlier) {
    this.#keep.set("seen", null);
    this.#thread.reset();
    const held = new Set(this.#thread.pending.map((item) => item.client_id));
    for (const item of this.#keep.unsent()) if (!held.has(item.client_id)) this.#keep.release(item.client_id);
    if (hadEarlier) for (const id of held) this.#giveUp(id, "new_chat");
  }

  /** @param {string} method @param {object} body @returns {Promise<any>} Rejects with a `Trouble`. */
  async #call(method, body) {
    /** @type {Response} */
    let response;
    try {
      response = await this.#fetch(`${this.#server}/api/patient/session`, {
        method,
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
        credentials: "same-origin",
        cache: "no-store",
        referrerPolicy: "no-referrer",
      });
    } catch {
      throw { code: "unreachable", retry: true };
    }
    const answer = await response.json().catch(() => null);
    if (response.ok && answer) return answer;
    throw answer?.error ?? { code: "unreachable", retry: true };
  }

  /** @param {string} ticket */
  #dial(ticket) {
    const age = this.#age;
    /** @param {(data: any) => void} heard */
    const now = (heard) => (/** @type {any} */ data) => age === this.#age && heard(data);
    const socket = this.#io(`${this.#server}/patient`, {
      path: "/socket.io",
      transports: ["websocket", "polling"],
      tryAllTransports: true,
      auth: { ticket, last_seq: this.#thread.lastSeq },
      reconnection: false,
      forceNew: true,
      timeout: 10_000,
    });
    this.#socket = socket;
    socket.on("connect", now(() => this.#connected()));
    socket.on("connect_error", now((error) => this.#failed(error?.data ?? { code: "unreachable", retry: true })));
    socket.on("disconnect", now((reason) => this.#cut(reason)));
    socket.on("message", now((message) => this.#heard(message)));
    socket.on("state", now((state) => this.#thread.setState(state)));
    socket.on("typing", now((typing) => this.#showTyping(typing)));
    socket.on("bell", now((bell) => (bell.last_seq > this.#thread.lastSeq || bell.version > (this.#thread.state?.version ?? 0)) && this.sync()));
    socket.on("bye", now((bye) => this.#over(bye?.reason === "erased" ? "erased" : bye?.reason === "ended" ? "ended" : "expired")));
  }

  #connected() {
    this.#failures = 0;
    this.trouble = "";
    this.#setPhase("online");
    this.sync();
    this.#pump();
  }

  /** @param {Trouble} error */
  #failed(error) {
    this.#hangUp();
    if (error.retry === false && error.code !== "session_ended") return this.#over("refused");
    this.#failures += 1;
    this.#setPhase(this.#failures > 2 ? "down" : "lost");
    const wait = error.retry_after ? error.retry_after * 1000 : this.#backOff(this.#failures);
    this.#after("enter", wait, () => this.#enter(this.phase));
  }

  /** @param {string} reason */
  #cut(reason) {
    const flying = this.#flying;
    const soon = this.#clock.now() - this.#flownAt < POISON_MS;
    this.#hangUp();
    if (flying && soon && reason !== "ping timeout") {
      flying.closes += 1;
      if (flying.closes > 1) this.#giveUp(flying.client_id, "poison");
    }
    this.#setPhase("lost");
    this.#after("enter", this.#backOff(0), () => this.#enter("lost"));
  }

  /** @param {Phase} reason */
  #over(reason) {
    this.#hangUp();
    this.#keep.set("resume", null);
    this.#keep.set("had", null);
    if (reason === "erased") {
      this.#thread.pending = [];
      this.#thread.reset();
      this.#keep.clear(["locale", "no nudge"]);
    }
    this.#setPhase(reason);
  }

  #hangUp() {
    this.#age += 1;
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
    this.#flying = null;
    this.#syncing = false;
    const socket = this.#socket;
    this.#socket = null;
    socket?.removeAllListeners();
    socket?.disconnect();
    for (const settle of this.#asked) settle({ ok: false, error: { code: "unreachable", retry: true } });
    this.#asked.clear();
    if (this.#thread.typing) this.#thread.setTyping(null);
    if (this.#thread.owed) this.#thread.setOwed("");
  }

  // What comes in

  /** @param {import("./types").Message} message */
  #heard(message) {
    if (this.#thread.apply(message) === "gap") this.sync();
    else if (message.client_id) this.#keep.release(message.client_id);
    this.#idle();
  }

  /** @param {{author: import("./types").Author, name: string | null, on: boolean}} typing */
  #showTyping({ author, name, on }) {
    if (author === "patient") return;
    this.#thread.setTyping(on ? { author, name } : null);
    this.#cancel("shown typing");
    if (on) this.#after("shown typing", 10_000, () => this.#thread.setTyping(null));
  }

  #idle() {
    this.#after("idle", IDLE_MS, () => this.sync());
  }

  /** @param {Trouble} error */
  #refusedSync(error) {
    if (error.code === "session_ended") this.#over("expired");
    else this.#after("sync", error.retry_after ? error.retry_after * 1000 : this.#backOff(2), () => this.sync());
  }

  // What goes out

  #pump() {
    if (this.phase !== "online" || this.#flying || this.#timers.has("again")) return;
    const item = this.#thread.pending.find((each) => each.status === "sending");
    if (!item) return;
    const age = this.#age;
    this.#flying = item;
    this.#flownAt = this.#clock.now();
    const [event, data] = item.button
      ? ["press", { client_id: item.client_id, button: item.button }]
      : ["send", { client_id: item.client_id, text: item.text }];
    /** @param {any} answer */
    const settle = (answer) => {
      if (age !== this.#age || this.#flying !== item) return;
      this.#cancel("ack");
      this.#flying = null;
      this.#settled(item, answer);
    };
    this.#socket?.emit(event, data, settle);
    this.#after("ack", ACK_MS, () => settle({ ok: false, error: { code: "no_ack", retry: true } }));
  }

  /** @param {import("./types").Pending} item @param {any} answer */
  #settled(item, answer) {
    if (answer?.ok) {
      item.closes = 0;
      this.trouble = "";
      this.#keep.release(item.client_id);
      this.#thread.acked(item.client_id, answer.seq);
      this.#expectAnswer(answer.seq);
      return this.#pump();
    }
    const error = /** @type {Trouble} */ (answer?.error ?? { code: "internal", retry: true });
    if (error.code === "session_ended") return this.#over("expired");
    if (error.retry === false) {
      this.#giveUp(item.client_id, error.code);
      return this.#pump();
    }
    item.tries += 1;
    this.trouble = error.code;
    this.onphase(this.phase);
    const wait = error.retry_after ? error.retry_after * 1000 : this.#backOff(item.tries);
    this.#after("again", wait, () => this.#pump());
  }

  /** The message itself comes as an event; if that is lost, ask. @param {number} seq */
  #expectAnswer(seq) {
    this.#after("echo", 1000, () => seq > this.#thread.lastSeq && this.sync());
    const owner = this.#thread.state?.state ?? "bot";
    const answered = this.#thread.messages.some((message) => message.seq > seq && message.author !== "patient");
    if (answered || !["bot", "closed"].includes(owner)) return;
    this.#thread.setOwed("soon");
    this.#after("owed", SLOW_MS, () => this.#thread.owed && this.#thread.setOwed("slow"));
  }

  /** @param {string} clientId @param {string} code */
  #giveUp(clientId, code) {
    this.#thread.fail(clientId, code);
    this.#holdAgain(clientId);
  }

  /** @param {string} clientId */
  #holdAgain(clientId) {
    const item = this.#thread.pending.find((each) => each.client_id === clientId);
    if (item) this.#keep.hold(item);
  }

  /** @param {string} event @param {object} data @returns {Promise<any>} the ack; never rejects */
  #ask(event, data) {
    return new Promise((resolve) => {
      /** @param {any} answer */
      const settle = (answer) => {
        cancel();
        this.#asked.delete(settle);
        resolve(answer ?? { ok: false, error: { code: "internal", retry: true } });
      };
      const silent = { ok: false, error: { code: "unreachable", retry: true } };
      const cancel = this.#clock.after(2 * ACK_MS, () => settle(silent));
      if (!this.#socket || this.phase !== "online") return settle(silent);
      this.#asked.add(settle);
      this.#socket.emit(event, data, settle);
    });
  }

  // Small things

  /** 1, 2, 4, 8 seconds and a little, so that not all devices come at once. @param {number} tries from 1; 0 is sooner */
  #backOff(tries) {
    return (tries ? 1000 * 2 ** Math.min(tries - 1, 3) : 300) + this.#random() * 700;
  }

  /** @param {string} name @param {number} ms @param {() => void} call */
  #after(name, ms, call) {
    this.#cancel(name);
    this.#timers.set(name, this.#clock.after(ms, () => {
      this.#timers.delete(name);
      call();
    }));
  }

  /** @param {string} name */
  #cancel(name) {
    this.#timers.get(name)?.();
    this.#timers.delete(name);
  }

  /** @param {Phase} phase */
  #setPhase(phase) {
    if (this.phase === phase) return;
    this.phase = phase;
    this.onphase(phase);
  }

  get over() {
    return OVER.includes(this.phase);
  }
}
