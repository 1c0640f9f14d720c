// What a person had when their line was cut or their session ended, and what became of it. Pure: the queue comes in.
import { isMine, isWaiting } from "./queue.js";
import { words } from "./words.js";

/** @typedef {import("./types.d.ts").Item} Item */

export class Absence {
  #me = "";
  /** Why each one needed a person, by conversation; null while they are here. @type {Map<string, string> | null} */
  #had = null;

  /** They are gone; of several cuts in a row the first one counts. @param {string} me @param {Item[]} items */
  begins(me, items) {
    if (this.#had !== null && this.#me === me) return;
    this.#me = me;
    this.#had = new Map(items.filter((item) => isMine(item, me)).map((item) => [item.conversation, words.title(item)]));
  }

  /** They are back. @param {string} me @param {(conversation: string) => Item | undefined} find @returns {string} what is theirs no more; "" where all is */
  ends(me, find) {
    const had = this.#me === me && this.#had ? [...this.#had] : [];
    this.forget();
    const left = had.map(([conversation, title]) => ({ title, item: find(conversation) })).filter(({ item }) => !item || !isMine(item, me));
    return left.length === 0 ? "" : words.absence.told(left.map(({ title, item }) => words.absence.became(title, whereTo(item))));
  }

  forget() {
    this.#me = "";
    this.#had = null;
  }
}

/** @param {Item | undefined} item */
function whereTo(item) {
  if (item?.staff) return words.absence.with(item.staff.name);
  return item && isWaiting(item) ? words.absence.inLine : words.absence.elsewhere;
}
