// What the page knows: two phones, the line, what was refused. Views draw it and call its deeds.
import { words } from "./words.js";

/** @typedef {import("./types.d.ts").Who} Who */
/** @typedef {import("./types.d.ts").Phone} Phone */
/** @typedef {import("./types.d.ts").Faults} Faults */
/** @typedef {import("./types.d.ts").Call} Call */

const KEPT = "heard_phone";
export const NUMBER = /^\+[1-9]\d{6,14}$/;

export class Model {
  /** @type {import("./types.d.ts").About | null} */
  about = null;
  /** @type {Record<Who, string>} */
  numbers = { patient: "", staff: "" };
  /** @type {Phone[]} */
  phones = [];
  /** @type {Faults} */
  faults = { slow: false, lost: false, deaf: false };
  live = true;
  trouble = "";
  /** @type {Set<() => void>} */
  #listeners = new Set();
  #line;

  /** @param {import("./line.js").Line} line */
  constructor(line) {
    this.#line = line;
  }

  /** @param {() => void} heard @returns {() => void} */
  listen(heard) {
    this.#listeners.add(heard);
    return () => this.#listeners.delete(heard);
  }

  /** Ask who is who, again and again while the service does not answer, then watch both phones. */
  async start() {
    try {
      this.about = await this.#line.about();
    } catch {
      this.#onLine(false);
      setTimeout(() => void this.start(), 2_000);
      return;
    }
    this.numbers = { patient: kept() ?? this.about.patient, staff: this.about.staff };
    this.#watch();
  }

  /** @param {Who} who @returns {Phone} */
  phone(who) {
    const number = this.numbers[who];
    return this.phones.find((phone) => phone.number === number) ?? { number, texts: [], calls: [], call: null, error: 0, opted_out: false };
  }

  /** @param {string} number */
  use(number) {
    this.numbers.patient = number;
    try {
      localStorage.setItem(KEPT, number);
    } catch {
      // a browser that keeps nothing: the number lasts as long as the page
    }
    this.#watch();
  }

  /** @param {Who} who @param {string} body @param {number} [media] @returns {Promise<boolean>} was it taken? */
  text(who, body, media = 0) {
    return this.#tell("text", { number: this.numbers[who], body, media });
  }

  /** @param {Call} call @param {import("./types.d.ts").Act} act @param {string} [key] @returns {Promise<boolean>} */
  act(call, act, key = "") {
    return this.#tell("call", { call: call.sid, act, key });
  }

  /** @param {Partial<Faults> & {error?: number, opted_out?: boolean}} changed @returns {Promise<boolean>} */
  fail(changed) {
    const { number, error, opted_out } = this.phone("patient");
    return this.#tell("faults", { number, error, opted_out, ...this.faults, ...changed });
  }

  /** @param {"text" | "call" | "faults"} what @param {unknown} body */
  async #tell(what, body) {
    try {
      await this.#line.tell(what, body);
      this.trouble = "";
    } catch (error) {
      this.trouble = (error instanceof Error && !(error instanceof TypeError) && error.message) || words.notSent;
    }
    this.#changed();
    return this.trouble === "";
  }

  #watch() {
    this.#line.watch(
      Object.values(this.numbers),
      (shown) => {
        ({ phones: this.phones, faults: this.faults } = shown);
        this.#onLine(true);
      },
      (live) => this.#onLine(live),
    );
    this.#changed();
  }

  /** @param {boolean} live */
  #onLine(live) {
    this.live = live;
    this.#changed();
  }

  #changed() {
    for (const heard of this.#listeners) heard();
  }
}

/** The number that this browser used last. @returns {string | null} */
function kept() {
  try {
    const number = localStorage.getItem(KEPT);
    return number !== null && NUMBER.test(number) ? number : null;
  } catch {
    return null;
  }
}
