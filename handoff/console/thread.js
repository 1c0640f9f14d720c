// One opened conversation: its messages without a gap, and what is known about it. Knows no DOM and no socket.

/** @typedef {import("./types.d.ts").Message} Message */
/** @typedef {import("./types.d.ts").Answer} Answer */
/** @typedef {import("./types.d.ts").Move} Move */

export class Thread {
  /** @type {Message[]} in the order of `seq`, from 1, none missing */
  messages = [];
  /** @type {Answer[]} */
  answers = [];
  /** @type {Move[]} */
  moves = [];
  /** @type {string[]} names of all who look at it, this person's too */
  viewing = [];
  /** @type {Map<string, {author: string, name: string | null, until: number}>} */
  typing = new Map();
  /** @type {Record<string, import("./types.d.ts").Delivery>} what became of the messages that went by text, by their ids */
  deliveries = {};
  /** @type {Record<string, import("./types.d.ts").Picture[]>} what became of the pictures that came with messages, by their ids */
  pictures = {};
  /** @type {import("./types.d.ts").Item | null} what is known of it, whether or not it is in the queue; null: it may not be seen any more */
  item = null;
  isLoaded = false;
  /** @type {import("./trouble.js").Trouble | null} */
  trouble = null;

  /** @param {string} conversation */
  constructor(conversation) {
    this.conversation = conversation;
  }

  get last() {
    return this.messages.at(-1)?.seq ?? 0;
  }

  /** A newer item counts. @param {import("./types.d.ts").Item | null} item */
  takeItem(item) {
    if (item === null || item.version >= (this.item?.version ?? 0)) this.item = item;
  }

  /** @param {Message} message @returns {"applied" | "known" | "gap"} */
  take(message) {
    if (message.seq <= this.last) return "known";
    if (message.seq !== this.last + 1) return "gap";
    this.messages = [...this.messages, message];
    this.typing.delete(typist(message.author, message.name));
    return "applied";
  }

  /** A page of `open` or `sync`. @param {{messages: Message[], deliveries?: Thread["deliveries"], pictures?: Thread["pictures"], answers?: Answer[], moves?: Move[]}} page */
  takePage(page) {
    for (const message of page.messages) this.take(message);
    this.takeFates(page);
    if (page.answers) this.answers = page.answers;
    if (page.moves) this.moves = page.moves;
    this.isLoaded = true;
    this.trouble = null;
  }

  /** What became of texts and pictures. @param {{deliveries?: Thread["deliveries"], pictures?: Thread["pictures"]}} fates */
  takeFates({ deliveries, pictures }) {
    if (deliveries) this.deliveries = deliveries;
    if (pictures) this.pictures = pictures;
  }

  /** @param {{author: string, name: string | null, on: boolean}} typing @param {number} now */
  setTyping({ author, name, on }, now) {
    if (on) this.typing.set(typist(author, name), { author, name, until: now + 8_000 });
    else this.typing.delete(typist(author, name));
  }

  /** Somebody whose line was cut while typing stops by themselves. @param {number} now @returns {boolean} whether somebody did */
  forgetTyping(now) {
    const before = this.typing.size;
    for (const [who, { until }] of this.typing) if (until <= now) this.typing.delete(who);
    return this.typing.size !== before;
  }
}

/** @param {string} author @param {string | null} name */
function typist(author, name) {
  return author === "staff" ? `staff:${name}` : author;
}
