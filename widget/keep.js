// What stays on the device: the session's secret, unsent texts (one key each, so that tabs do not overwrite each other), small choices.

/** @typedef {import("./types").Pending} Pending */

export class Keep {
  /** @type {Storage | null} */ #area;
  /** @type {Map<string, string>} */ #memory = new Map();
  #prefix;

  /** @param {string} server @param {boolean} tab keep in this tab only */
  constructor(server, tab = false) {
    this.#prefix = `heard ${server} `;
    this.#area = storage(tab);
  }

  /** @param {string} name @returns {string | null} */
  get(name) {
    return this.#try((area) => area.getItem(this.#prefix + name)) ?? this.#memory.get(name) ?? null;
  }

  /** @param {string} name @param {string | null} value null forgets */
  set(name, value) {
    const key = this.#prefix + name;
    if (value === null) {
      this.#memory.delete(name);
      this.#try((area) => area.removeItem(key));
    } else {
      this.#memory.set(name, value);
      this.#try((area) => area.setItem(key, value));
    }
  }

  /** What was written and not confirmed, oldest first. @returns {Pending[]} */
  unsent() {
    const names = this.#names().filter((name) => name.startsWith("out "));
    return names.sort().flatMap((name) => read(this.get(name)));
  }

  /** @param {Pending} item */
  hold(item) {
    this.set(`out ${item.client_id}`, JSON.stringify(item));
  }

  /** @param {string} clientId */
  release(clientId) {
    this.set(`out ${clientId}`, null);
  }

  /** From now on in this tab only: a device that patients share must not remember. */
  moveToTab() {
    const tab = storage(true);
    if (this.#area === tab) return;
    const held = this.#names().map((name) => /** @type {[string, string]} */ ([name, this.get(name) ?? ""]));
    this.clear();
    this.#area = tab;
    for (const [name, value] of held) this.set(name, value);
  }

  /** Forget the chat; `but` names what stays. @param {string[]} but */
  clear(but = []) {
    for (const name of this.#names()) if (!but.includes(name)) this.set(name, null);
  }

  /** The name behind a storage event's key, or null for others' keys. @param {string | null} key */
  nameOf(key) {
    return key?.startsWith(this.#prefix) ? key.slice(this.#prefix.length) : null;
  }

  #names() {
    const stored = this.#try((area) => Object.keys(area)) ?? [];
    const ours = stored.flatMap((key) => this.nameOf(key) ?? []);
    return [...new Set([...ours, ...this.#memory.keys()])];
  }

  /** Storage may be full or forbidden; the chat then lasts as long as the page. @template T @param {(area: Storage) => T} use */
  #try(use) {
    try {
      return this.#area && use(this.#area);
    } catch {
      return null;
    }
  }
}

/** @param {boolean} tab @returns {Storage | null} */
function storage(tab) {
  try {
    return tab ? sessionStorage : localStorage;
  } catch {
    return null;
  }
}

/** @param {string | null} text @returns {Pending[]} */
function read(text) {
  try {
    const item = JSON.parse(text ?? "");
    return typeof item?.client_id === "string" && typeof item.text === "string" ? [item] : [];
  } catch {
    return [];
  }
}
