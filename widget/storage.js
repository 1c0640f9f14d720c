// @ts-check
/** What a browser remembers of a chat: in this tab only, or on the device. A browser that refuses to is a tab that forgets. */
export class Memory {
  /** @type {Storage | null} */ #store = null;
  #prefix;

  /** @param {string} server @param {boolean} tabOnly */
  constructor(server, tabOnly) {
    this.#prefix = `heard:${server}:`;
    try {
      this.#store = tabOnly ? sessionStorage : localStorage;
    } catch {
      this.#store = null; // a frame without storage
    }
  }

  /** @param {string} name @returns {any} */
  get(name) {
    try {
      return JSON.parse(this.#store?.getItem(this.#prefix + name) ?? "null");
    } catch {
      return null;
    }
  }

  /** @param {string} name @param {unknown} value */
  set(name, value) {
    try {
      if (value === null) this.#store?.removeItem(this.#prefix + name);
      else this.#store?.setItem(this.#prefix + name, JSON.stringify(value));
    } catch {
      // a full or forbidden store: the chat goes on, and forgets at the next reload
    }
  }

  clear() {
    for (const name of ["resume", "open", "outbox", "agreed"]) this.set(name, null);
  }
}
