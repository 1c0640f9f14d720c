// The shortcuts: Alt and a letter by its place on the keyboard, so that they do not get in the way of writing.

/** @typedef {"queue" | "next" | "previous" | "newest" | "take" | "reply" | "handBack" | "park" | "transfer" | "close" | "details" | "call" | "available" | "sheet"} Act */

/** @type {Record<string, Act>} */
const CODES = {
  KeyQ: "queue",
  KeyJ: "next",
  KeyK: "previous",
  KeyN: "newest",
  KeyT: "take",
  KeyR: "reply",
  KeyB: "handBack",
  KeyW: "park",
  KeyG: "transfer",
  KeyC: "close",
  KeyI: "details",
  KeyP: "call",
  KeyA: "available",
  Slash: "sheet",
};

/** For the sheet: what to press. @type {[Act, string][]} */
export const SHEET = Object.entries(CODES).map(([code, act]) => [act, code === "Slash" ? "/" : code.slice(3)]);

/** @param {KeyboardEvent} event @param {boolean} questionAlone does `?` without Alt count? @returns {Act | null} */
export function actOf(event, questionAlone) {
  if (event.isComposing || event.ctrlKey || event.metaKey) return null;
  if (event.altKey && !event.getModifierState("AltGraph")) return CODES[event.code] ?? null;
  return questionAlone && event.key === "?" && !isField(event.target) ? "sheet" : null;
}

/** @param {EventTarget | null} target */
function isField(target) {
  return target instanceof HTMLElement && target.matches("input, textarea, select");
}
