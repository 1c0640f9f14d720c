// What was written but is not acknowledged yet: one at a time for each conversation, in order, under the same client id until it is.
import { keepUnsent, unsentOf } from "./keep.js";
import { Trouble } from "./trouble.js";
import { uuid7 } from "./uuid.js";

/** @typedef {import("./types.d.ts").Unsent} Unsent */

const LONGEST_PAUSE = 8_000;

export class Outbox {
  /** @type {Unsent[]} */
  #unsent;
  #staff;
  #send;
  #changed;
  /** @type {Set<string>} conversations with a request under way or a pause running */
  #busy = new Set();

  /**
   * @param {string} staff whose words these are
   * @param {(one: Unsent) => Promise<void>} send resolves when it is stored; throws `Trouble`
   * @param {() => void} changed
   */
  constructor(staff, send, changed) {
    this.#staff = staff;
    this.#send = send;
    this.#changed = changed;
    this.#unsent = unsentOf(staff);
  }

  /** @param {string} conversation @returns {Unsent[]} */
  of(conversation) {
    return this.#unsent.filter((one) => one.conversation === conversation);
  }

  get isEmpty() {
    return this.#unsent.length === 0;
  }

  /** @param {string} conversation @param {string} text */
  add(conversation, text) {
    const at = new Date().toISOString();
    this.#unsent = [...this.#unsent, { conversation, client_id: uuid7(), text, at, state: "sending", tries: 0, trouble: "" }];
    this.#keep();
    void this.#work(conversation);
  }

  /** Send a failed one again, under its own id: if it did arrive after all, it stays one message. @param {string} id */
  retry(id) {
    const one = this.#unsent.find((found) => found.client_id === id);
    if (!one) return;
    this.#put(one, { state: "sending", tries: 0, trouble: "" });
    void this.#work(one.conversation);
  }

  /** @param {string} id @returns {string} its text */
  discard(id) {
    const text = this.#unsent.find((one) => one.client_id === id)?.text ?? "";
    this.#remove(id);
    return text;
  }

  /** The line is up (again): everything that is on its way goes out once more. */
  flush() {
    for (const conversation of new Set(this.#unsent.map((one) => one.conversation))) void this.#work(conversation);
  }

  /** @param {string} conversation */
  async #work(conversation) {
    if (this.#busy.has(conversation)) return;
    this.#busy.add(conversation);
    try {
      for (;;) {
        const one = this.of(conversation).find((found) => found.state === "sending");
        if (!one) return;
        try {
          await this.#send(one);
          this.#remove(one.client_id);
        } catch (error) {
          if (!(error instanceof Trouble)) throw error;
          if (error.code === "no_line") return; // flush() comes when there is one
          if (!error.retry) this.#put(one, { state: "failed", trouble: error.message });
          else {
            this.#put(one, { tries: one.tries + 1 });
            await pause(error.facts.retry_after ? error.facts.retry_after * 1000 : Math.min(LONGEST_PAUSE, 1000 * 2 ** one.tries));
          }
        }
      }
    } finally {
      this.#busy.delete(conversation);
    }
  }

  /** @param {Unsent} one @param {Partial<Unsent>} change */
  #put(one, change) {
    this.#unsent = this.#unsent.map((found) => (found.client_id === one.client_id ? { ...found, ...change } : found));
    this.#keep();
  }

  /** @param {string} id */
  #remove(id) {
    this.#unsent = this.#unsent.filter((one) => one.client_id !== id);
    this.#keep();
  }

  #keep() {
    keepUnsent(this.#staff, this.#unsent);
    this.#changed();
  }
}

/** @param {number} ms */
function pause(ms) {
  return new Promise((done) => setTimeout(done, ms * (0.75 + Math.random() / 4)));
}
