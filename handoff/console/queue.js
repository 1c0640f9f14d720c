// The queue's items as this console knows them: newer versions win, a full snapshot replaces. Knows no DOM and no socket.

/** @typedef {import("./types.d.ts").Item} Item */

export class Queue {
  /** @type {Map<string, Item>} */
  #items = new Map();
  /** @type {Map<string, number>} the version at which a conversation left the queue */
  #gone = new Map();
  /** @type {Set<string>} what events have touched since the running snapshot was asked for */
  #touched = new Set();

  /** Safety first, then by priority and age; what is with somebody comes after what waits. @returns {Item[]} */
  get items() {
    return [...this.#items.values()].sort(
      (a, b) =>
        Number(!isWaiting(a)) - Number(!isWaiting(b)) ||
        a.priority - b.priority ||
        (a.waiting_since ?? "9").localeCompare(b.waiting_since ?? "9") ||
        a.conversation.localeCompare(b.conversation),
    );
  }

  /** @param {string} conversation */
  find(conversation) {
    return this.#items.get(conversation);
  }

  /** @param {Item} item @returns {boolean} whether it was news */
  put(item) {
    if (item.version < (this.#items.get(item.conversation)?.version ?? 0)) return false;
    if (item.version <= (this.#gone.get(item.conversation) ?? -1)) return false;
    this.#items.set(item.conversation, item);
    this.#touched.add(item.conversation);
    return true;
  }

  /** @param {string} conversation @param {number} version */
  remove(conversation, version) {
    if (version < (this.#items.get(conversation)?.version ?? 0)) return;
    this.#gone.set(conversation, version);
    this.#items.delete(conversation);
  }

  /** Call before a snapshot is asked for: what events bring from here on is newer than its absence from the snapshot. */
  startSnapshot() {
    this.#touched.clear();
  }

  /** @param {Item[]} items */
  replace(items) {
    const kept = [...this.#touched].flatMap((id) => this.#items.get(id) ?? []);
    const older = this.#items;
    this.#items = new Map();
    for (const item of [...kept, ...items]) {
      const known = older.get(item.conversation);
      this.put(known && known.version > item.version ? known : item);
    }
  }

  clear() {
    this.#items.clear();
    this.#gone.clear();
  }
}

/** Is it in line? @param {Item} item */
export function isWaiting(item) {
  return item.state === "waiting";
}

/** Does it wait for `me` too? What they passed on themselves waits for others; but danger is everybody's. @param {Item} item @param {string} me */
export function waitsFor(item, me) {
  return isWaiting(item) && (isSafety(item) || !isMine(item, me));
}

/** @param {Item} item */
export function isSafety(item) {
  return item.priority === 0 || item.reasons.some((reason) => reason.reason === "unsafe");
}

/** @param {Item} item @param {string} me */
export function isMine(item, me) {
  return item.owner === "staff" && item.staff?.id === me;
}

/** Texts of a page that did not arrive, may not have, or are held up by something. @param {Item} item */
export function lostPages(item) {
  return (item.page?.texts ?? []).filter(({ state, reason }) => state === "failed" || state === "uncertain" || (state === "queued" && reason));
}

/** How often whoever has `role` was called to what waits: a rise rings again. @param {Item[]} waiting @param {string} role */
export function timesCalled(waiting, role) {
  const mine = { everybody: true, supervisor: role !== "member", admin: role === "admin" };
  return waiting.reduce((sum, item) => sum + (item.page && mine[item.page.who] ? item.page.step + 1 : 0), 0);
}
