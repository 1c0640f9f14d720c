// Promised calls: which are due, in what order. Pure: the moment comes in.

/** @typedef {import("./types.d.ts").Item} Item */
/** @typedef {import("./types.d.ts").Callback} Callback */

/** @param {Callback} callback @param {number} now @returns {"later" | "now" | "overdue"} */
export function dueOf(callback, now) {
  if (callback.next_at && Date.parse(callback.next_at) > now) return "later";
  if (callback.state === "overdue" || callback.state === "escalated" || Date.parse(callback.window_to) <= now) return "overdue";
  return Date.parse(callback.window_from) <= now ? "now" : "later";
}

/** Overdue first, then by the end of the window. @param {Item[]} items @returns {Item[]} */
export function inOrder(items) {
  return [...items].sort((a, b) => (a.callback?.window_to ?? "").localeCompare(b.callback?.window_to ?? ""));
}

/** May `me` make this call now, or write down how it went? @param {Item | undefined} item @param {string} me */
export function mayCall(item, me) {
  const callback = item?.callback;
  return Boolean(callback && item?.can.includes("call") && callback.state !== "escalated" && (callback.staff === null || callback.staff.id === me));
}
