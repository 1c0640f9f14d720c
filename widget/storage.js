// @ts-check
/** @import {Pending} from "./types.js" */

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

  /** The name under which storage events speak of it. @param {string} name */
  key(name) {
    return this.#prefix + name;
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

  /** What was written and not taken in yet, oldest first; one entry each, so that two tabs do not overwrite each other. @returns {Pending[]} */
  get unsent() {
    const found = this.#names("out:").map((name) => this.get(name));
    return found.filter((one) => typeof one?.client_id === "string" && typeof one.text === "string");
  }

  /** @param {Pending} pending */
  hold(pending) {
    this.set(`out:${pending.client_id}`, pending);
  }

  /** @param {string} clientId */
  release(clientId) {
    this.set(`out:${clientId}`, null);
  }

  /** From now on in this tab only: a device that patients share must not remember. */
  moveToTab() {
    const held = this.#names("").map((name) => /** @type {[string, any]} */ ([name, this.get(name)]));
    for (const [name] of held) this.set(name, null);
    try {
      this.#store = sessionStorage;
    } catch {
      this.#store = null;
    }
    for (const [name, value] of held) this.set(name, value);
  }

  /** Forget the chat. The language and "don't show again" are the device's, and stay. */
  clear() {
    for (const name of this.#names("")) if (!["locale", "uninvited", "tab", "who"].includes(name)) this.set(name, null);
  }

  /** @param {string} start */
  #names(start) {
    const prefix = this.#prefix + start;
    try {
      const keys = Object.keys(this.#store ?? {}).filter((key) => key.startsWith(prefix));
      return keys.map((key) => key.slice(this.#prefix.length)).sort();
    } catch {
      return [];
    }
  }
}
