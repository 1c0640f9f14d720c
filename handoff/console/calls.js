// Promised calls: which are due, in what order, what is news. Pure: the moment comes in.
import { words } from "./words.js";

/** @typedef {import("./types.d.ts").Item} Item */
/** @typedef {import("./types.d.ts").Callback} Callback */

/** @param {Callback} callback @param {number} now @returns {"later" | "now" | "overdue"} */
export function dueOf(callback, now) {
  if (callback.next_at && Date.parse(callback.next_at) > now) return "later";
  if (callback.state === "overdue" || callback.state === "escalated" || Date.parse(callback.window_to) <= now) return "overdue";
  return Date.parse(callback.window_from) <= now ? "now" : "later";
}

const ORDER = ["overdue", "now", "later"];

/** Overdue first, then what is due, then by the end of the window. @param {Item[]} items @param {number} now @returns {Item[]} */
export function inOrder(items, now) {
  const rank = (/** @type {Item} */ { callback }) => (callback ? ORDER.indexOf(dueOf(callback, now)) : ORDER.length);
  const until = (/** @type {Item} */ { callback }) => callback?.next_at ?? callback?.window_to ?? "";
  return [...items].sort((a, b) => rank(a) - rank(b) || until(a).localeCompare(until(b)));
}

/** Notices when a call becomes due or overdue, once each; what is so at the first look is on the screen already. */
export class DueWatch {
  /** @type {Map<string, string> | null} */
  #known = null;

  /** @param {Item[]} items @param {number} now @returns {{callback: Callback, due: "now" | "overdue"}[]} */
  news(items, now) {
    const known = this.#known;
    this.#known = new Map();
    const found = [];
    for (const { callback, can } of items) {
      if (!callback || !can.includes("call")) continue;
      const due = dueOf(callback, now);
      this.#known.set(callback.id, due);
      if (known && due !== "later" && known.get(callback.id) !== due) found.push({ callback, due });
    }
    return found;
  }

  /** Somebody else sits here now. */
  forget() {
    this.#known = null;
  }
}

/** What a screen reader is told of a change: whose phone rings, whether they talk. @param {Callback | null | undefined} before @param {Callback | null | undefined} callback @param {string} me @returns {string} */
export function liveNews(before, callback, me) {
  return callback?.leg && callback.leg !== before?.leg && callback.staff?.id === me ? words.call.legs[callback.leg] : "";
}

/** May `me` make this call now, or write down how it went? @param {Item | undefined} item @param {string} me */
export function mayCall(item, me) {
  const callback = item?.callback;
  return Boolean(callback && item?.can.includes("call") && callback.state !== "escalated" && (callback.staff === null || callback.staff.id === me));
}
