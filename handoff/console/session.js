// HTTP: who is signed in, and a ticket for the socket. Knows no DOM.
import { Trouble } from "./trouble.js";
import { words } from "./words.js";

/** @typedef {import("./types.d.ts").Me} Me */

export class Session {
  /** How far the server's clock is ahead of this one, in milliseconds: waits are counted on the server's. */
  ahead = 0;

  /** @returns {Promise<{me: Me, by_code?: boolean}>} */
  who() {
    return this.#call("GET", "/api/staff/session");
  }

  /** @param {{email: string, password: string} | {code: string}} proof @returns {Promise<{me: Me, by_code?: boolean}>} */
  signIn(proof) {
    return this.#call("POST", "/api/staff/session", proof);
  }

  /** @returns {Promise<unknown>} */
  signOut() {
    return this.#call("DELETE", "/api/staff/session");
  }

  /** @returns {Promise<string>} a ticket that opens one socket */
  async ticket() {
    return (await this.#call("POST", "/api/staff/ticket")).ticket;
  }

  /** @param {string | null} old @param {string} fresh @returns {Promise<unknown>} */
  setPassword(old, fresh) {
    return this.#call("POST", "/api/staff/password", { old, new: fresh });
  }

  /** @param {string} id @returns {Promise<string>} a patient's picture, as an address that an image may have */
  async picture(id) {
    const answer = await fetch(`/api/staff/picture/${encodeURIComponent(id)}`, { headers: { "X-Heard": "1" }, credentials: "same-origin" }).catch(() => null);
    if (!answer?.ok) throw new Trouble({ code: "no_answer", message: words.error.no_answer, retry: true });
    const kept = await answer.blob();
    return new Promise((resolve, reject) => {
      const reader = new FileReader();
      reader.onload = () => resolve(String(reader.result));
      reader.onerror = () => reject(reader.error);
      reader.readAsDataURL(kept);
    });
  }

  /** @param {string} method @param {string} path @param {unknown} [body] @returns {Promise<any>} */
  async #call(method, path, body) {
    /** @type {Record<string, string>} */
    const headers = { "X-Heard": "1" };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    let answer;
    try {
      answer = await fetch(path, {
        method,
        headers,
        body: body === undefined ? undefined : JSON.stringify(body),
        credentials: "same-origin",
        signal: AbortSignal.timeout(10_000),
      });
    } catch {
      throw new Trouble({ code: "no_answer", message: words.error.no_answer, retry: true });
    }
    this.#readClock(answer.headers.get("Date"));
    const found = await answer.json().catch(() => null);
    if (answer.ok && found !== null) return found;
    throw new Trouble(found?.error ?? { code: "no_answer", message: words.error.no_answer, retry: true });
  }

  /** @param {string | null} date */
  #readClock(date) {
    const off = date === null ? NaN : Date.parse(date) - Date.now();
    if (Math.abs(off) > 3_000) this.ahead = off;
    else if (!Number.isNaN(off)) this.ahead = 0;
  }
}
