// @ts-check
import htm from "../vendor/htm.js";
import { h, render } from "../vendor/preact.js";

/** Templates without a build: text is always text. */
export const html = htm.bind(/** @type {any} */ (h));
export { render };

/** Put `{names}` into a sentence. @param {string} text @param {Record<string, unknown>} facts */
export function fill(text, facts) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => String(facts[name] ?? whole));
}
