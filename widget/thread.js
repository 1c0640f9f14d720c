// @ts-check
/** @import {Delivery, Message, Pending, State} from "./types.js" */

/** A conversation as this screen knows it: no DOM, no socket. Messages stand in the order of `seq`, each once. */
export class Thread {
  /** @type {Message[]} */ messages = [];
  /** @type {Pending[]} */ pending = [];
  /** @type {State | null} */ state = null;
  /** What became of messages that also went by text, by their ids. @type {Record<string, Delivery>} */ deliveries = {};
  /** @type {{author: string, name: string | null} | null} */ typing = null;

  get lastSeq() {
    return this.messages.at(-1)?.seq ?? 0;
  }

  /** Take in a message: "new", "old" (known already), or "gap" (something is missing before it). @param {Message} message */
  apply(message) {
    if (message.seq <= this.lastSeq) return "old";
    if (message.seq !== this.lastSeq + 1) return "gap";
    this.messages.push(message);
    this.pending = this.pending.filter((one) => one.client_id !== message.client_id);
    if (message.author !== "patient") this.typing = null;
    return "new";
  }

  /** Take in a state, unless a newer one is known. @param {State} state */
  applyState(state) {
    if (!this.state || state.version >= this.state.version) this.state = state;
  }

  /** Draw at once what the patient sends. @param {Pending} pending */
  add(pending) {
    this.pending.push(pending);
  }

  /** @param {string} clientId @param {string | null} failed the sentence why, or null to try again */
  mark(clientId, failed) {
    this.pending = this.pending.map((one) => (one.client_id === clientId ? { ...one, failed } : one));
  }

  /** @param {string} clientId */
  drop(clientId) {
    this.pending = this.pending.filter((one) => one.client_id !== clientId);
  }

  /** The buttons that may be pressed now: those of the newest message that has any, unless one was pressed or is on its way. */
  get live() {
    const newest = this.messages.findLast((message) => message.buttons.length > 0);
    // With a person, only what was asked last, such as whether to go on by text: the assistant's questions have passed.
    const asked = newest && !this.messages.some((message) => message.seq > newest.seq && message.author !== "patient");
    if (!newest || newest.seq <= (this.state?.passed ?? 0) || (this.state?.staff && !asked)) return null;
    const pressed = this.messages.some((message) => message.pressed?.startsWith(`${newest.id}.`));
    const onItsWay = this.pending.some((one) => one.button?.startsWith(`${newest.id}.`) && !one.failed);
    return pressed || onItsWay ? null : newest.id;
  }

  /** Which button of a message was chosen. @param {Message} message @returns {string | null} */
  chosen(message) {
    const mine = (/** @type {string | null} */ button) => button?.startsWith(`${message.id}.`);
    return (
      this.messages.find((one) => mine(one.pressed))?.pressed ?? this.pending.find((one) => mine(one.button) && !one.failed)?.button ?? null
    );
  }

  clear() {
    this.messages = [];
    this.deliveries = {};
    this.state = null;
    this.typing = null;
  }

  /** The whole conversation as plain text. @param {(message: Message) => string} who */
  transcript(who) {
    return this.messages.map((message) => `${message.at}  ${who(message)}: ${message.text}`).join("\n");
  }
}
