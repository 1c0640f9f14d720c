// The socket: one connection at a time, each with a fresh ticket; tries again with growing pauses. Knows no DOM and no model.
import { Trouble } from "./trouble.js";
import { io } from "./vendor.js";
import { words } from "./words.js";

const ACK = 5_000; // milliseconds until an unanswered request counts as lost
const OPENING = 8_000;
const LONGEST_PAUSE = 15_000;
const ENDED = ["not_signed_in", "session_ended", "foreign_origin"];

/**
 * @typedef {object} Listener
 * @property {() => void} up the socket is open
 * @property {() => void} down it is not (any more); another attempt follows by itself
 * @property {(code: string) => void} ended the session is over; no attempt follows
 * @property {(event: string, data: any) => void} heard
 */

export class Line {
  #ticket;
  #listener;
  /** @type {import("./vendor.js").Socket | null} */
  #socket = null;
  #wanted = false;
  #tries = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {() => Promise<string>} ticket @param {Listener} listener */
  constructor(ticket, listener) {
    this.#ticket = ticket;
    this.#listener = listener;
  }

  get isUp() {
    return this.#socket?.connected ?? false;
  }

  start() {
    this.#wanted = true;
    void this.#open();
  }

  stop() {
    this.#wanted = false;
    this.#drop();
  }

  /** Try now: the network is back, or somebody pressed the button. */
  hurry() {
    if (!this.#wanted || this.isUp) return;
    this.#tries = 0;
    this.#drop();
    void this.#open();
  }

  /** @param {string} event @param {Record<string, unknown>} data @returns {Promise<any>} the ack. Throws `Trouble`; `no_answer` when the line is cut */
  async ask(event, data) {
    const socket = this.#socket;
    if (!socket?.connected) throw unanswered();
    let answer;
    try {
      answer = await socket.timeout(ACK).emitWithAck(event, data);
    } catch {
      throw unanswered();
    }
    if (answer?.ok === true) return answer;
    if (answer?.error?.code === "not_signed_in") this.#end("not_signed_in");
    throw new Trouble(answer?.error ?? { code: "no_answer", message: words.error.no_answer, retry: true });
  }

  async #open() {
    let ticket;
    try {
      ticket = await this.#ticket();
    } catch (error) {
      if (error instanceof Trouble && ENDED.includes(error.code)) this.#end(error.code);
      else this.#again();
      return;
    }
    if (!this.#wanted || this.#socket) return;
    const socket = io("/staff", {
      auth: { ticket },
      forceNew: true,
      reconnection: false,
      timeout: OPENING,
      transports: ["websocket", "polling"],
      tryAllTransports: true,
    });
    this.#socket = socket;
    const mine = () => this.#socket === socket;
    socket.on("connect", () => {
      if (!mine()) return;
      this.#tries = 0;
      this.#listener.up();
    });
    socket.on("connect_error", () => mine() && this.#lose());
    socket.on("disconnect", () => mine() && this.#lose());
    socket.onAny((event, data) => {
      if (!mine()) return;
      if (event === "bye") this.#end("not_signed_in");
      else this.#listener.heard(event, data);
    });
  }

  #lose() {
    this.#drop();
    this.#listener.down();
    this.#again();
  }

  #again() {
    if (!this.#wanted) return;
    const pause = Math.min(LONGEST_PAUSE, 500 * 2 ** this.#tries++);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#open(), pause * (0.5 + Math.random() / 2));
  }

  #drop() {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    socket?.disconnect();
  }

  /** @param {string} code */
  #end(code) {
    if (!this.#wanted) return;
    this.stop();
    this.#listener.ended(code);
  }
}

function unanswered() {
  return new Trouble({ code: "no_answer", message: words.error.no_answer, retry: true });
}
