// The console's model: who is signed in, the queue, the opened thread, what is unsent. Tells its listeners after each change. Knows no DOM.
import { Absence } from "./absence.js";
import { DueWatch, liveNews } from "./calls.js";
import { forgetWords } from "./keep.js";
import { Line } from "./line.js";
import { Outbox } from "./outbox.js";
import { isMine, isWaiting, Queue, waitsFor } from "./queue.js";
import { Thread } from "./thread.js";
import { Trouble } from "./trouble.js";
import { words } from "./words.js";

/** @typedef {import("./types.d.ts").Item} Item */
/** @typedef {import("./types.d.ts").Me} Me */

const LOOK_AGAIN = 20_000; // milliseconds without news until the console asks whether it missed any
const GOOD_NEWS = 8_000; // milliseconds that a success stays in sight
const LOOK_FOR_SERVICE = 2_000;
const THERE_AGAIN = 60_000; // milliseconds between two reports that somebody is there
const TYPING_AGAIN = 3_000;
const TYPING_OVER = 5_000;

export class Desk {
  /** @type {"looking" | "out" | "ended" | "in"} */
  stage = "looking";
  /** @type {Me | null} */
  me = null;
  byCode = false;
  /** @type {"opening" | "catching_up" | "live" | "cut"} */
  line = "opening";
  queue = new Queue();
  /** @type {Thread | null} */
  thread = null;
  /** @type {Outbox | null} */
  outbox = null;
  /** What stands in the way of texts, by name. @type {string[]} */
  texting = [];
  /** The last thing that went wrong or right, for the person to read. @type {{text: string, bad: boolean} | null} */
  notice = null;
  /** @type {Map<string, number>} up to which seq a conversation was seen */
  seen = new Map();
  /** When this person is signed out unless they do something; null while that is far. @type {string | null} */
  signOutAt = null;
  /** Said once to screen readers. */
  announced = "";

  #session;
  #line;
  /** @type {Set<() => void>} */
  #listeners = new Set();
  #isTelling = false;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #ticking;
  #lastNews = 0;
  #goesAway = false;
  #due = new DueWatch();
  #absence = new Absence();
  /** @type {Map<string, {running: boolean, again: boolean}>} one look at a time, for the queue and for the thread */
  #looks = new Map();
  #thereSince = 0;
  #typingSince = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #typingOver;

  /** @param {import("./session.js").Session} session */
  constructor(session) {
    this.#session = session;
    this.#line = new Line(() => session.ticket(), {
      up: () => void this.#catchUp(),
      down: () => this.#lose(),
      ended: () => this.#leave("ended"),
      heard: (event, data) => this.#hear(event, data),
    });
  }

  /** @param {() => void} listener @returns {() => void} stops it */
  listen(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The server's time. */
  now() {
    return Date.now() + this.#session.ahead;
  }

  /** @param {string | null} code a one-time code; used at once */
  async start(code) {
    try {
      this.#enter(await (code === null ? this.#session.who() : this.#session.signIn({ code })));
    } catch (error) {
      const trouble = asTrouble(error);
      if (code === null && trouble.retry) {
        this.say(trouble.message, true);
        setTimeout(() => this.stage === "looking" && void this.start(null), LOOK_FOR_SERVICE);
        return;
      }
      if (this.stage === "looking") this.#leave("out");
      if (code !== null) this.say(trouble.retry ? trouble.message : words.signIn.badCode, true);
    }
  }

  /** @param {string} email @param {string} password */
  async signIn(email, password) {
    this.#enter(await this.#session.signIn({ email, password }));
  }

  async signOut() {
    this.#line.stop();
    try {
      await this.#session.signOut();
    } catch (error) {
      if (asTrouble(error).code !== "not_signed_in") {
        this.#line.start();
        throw error;
      }
    }
    forgetWords();
    this.#leave("out");
    this.#absence.forget();
  }

  /** @param {string | null} old @param {string} fresh */
  async setPassword(old, fresh) {
    await this.#session.setPassword(old, fresh);
    this.#tell(() => (this.byCode = false));
    this.say(words.password.done);
  }

  /** @param {boolean} on */
  async setAvailable(on) {
    this.#goesAway = !on; // what was offered is withdrawn before the answer comes, and they know why
    try {
      this.#know((await this.#line.ask("available", { on })).me);
    } finally {
      this.#goesAway = false;
    }
  }

  /** Show a conversation. @param {string} conversation */
  async open(conversation) {
    if (this.thread?.conversation === conversation) return;
    this.shut();
    const thread = new Thread(conversation);
    this.#tell(() => (this.thread = thread));
    await this.#load(thread);
  }

  shut() {
    const thread = this.thread;
    if (!thread) return;
    this.stopTyping();
    this.#tell(() => (this.thread = null));
    this.#line.ask("shut", { conversation: thread.conversation }).catch(() => undefined);
  }

  /** @param {string} conversation */
  async take(conversation) {
    const { item } = await this.#line.ask("take", { conversation });
    this.#putItem(item);
  }

  /** @param {string} conversation @param {string} text */
  write(conversation, text) {
    this.stopTyping();
    this.outbox?.add(conversation, text);
  }

  /** @param {string} conversation */
  async handBack(conversation) {
    const { item } = await this.#line.ask("hand_back", { conversation });
    this.#putItem(item);
    this.say(words.thread.handedBack);
  }

  /** Wait for the patient. @param {string} conversation */
  async park(conversation) {
    const { item } = await this.#line.ask("park", { conversation });
    this.#putItem(item);
    this.say(words.thread.parked);
  }

  /** To whom a conversation can be passed on. @returns {Promise<any>} */
  targets() {
    return this.#line.ask("targets", {});
  }

  /** @param {string} conversation @param {{team: string} | {to: string}} target @param {string} note */
  async transfer(conversation, target, note) {
    const { item } = await this.#line.ask("transfer", { conversation, ...target, note });
    this.#putItem(item);
    this.say(words.transfer.done);
  }

  /** What is offered is not for this person now. @param {string} conversation @param {string} reason */
  async reject(conversation, reason) {
    const { item } = await this.#line.ask("reject", { conversation, reason });
    this.#putItem(item);
    this.say(words.offer.rejected);
  }

  /** @param {string} conversation */
  async stopTexts(conversation) {
    const { item } = await this.#line.ask("stop_texts", { conversation });
    this.#putItem(item);
    this.say(words.context.textsNowStopped);
  }

  /** @param {string} id @returns {Promise<string>} a patient's picture, as an address that an image may have */
  picture(id) {
    return this.#session.picture(id);
  }

  /** @param {string} conversation @param {string} outcome @param {string} note */
  async close(conversation, outcome, note) {
    const { item } = await this.#line.ask("close", { conversation, outcome, note });
    this.#putItem(item);
    this.say(words.thread.closed);
  }

  /** Anything about a promised call: what it changes comes back. @param {string} event @param {Record<string, unknown>} data @returns {Promise<any>} */
  async call(event, data) {
    const answer = await this.#line.ask(event, data);
    if (answer.item) this.#putItem(answer.item);
    if (answer.me) this.#know(answer.me);
    return answer;
  }

  /** Say whether it came at the right time. @param {string} conversation @param {string} mark */
  async mark(conversation, mark) {
    const { item } = await this.#line.ask("mark", { conversation, mark });
    this.#putItem(item);
    this.say(words.arrival.thanks);
  }

  /** Somebody does something here: told at once, then at most once a minute. Else whoever only reads would be signed out. */
  isThere() {
    const since = Date.now() - this.#thereSince; // below zero: this computer's clock was put back
    if (this.stage !== "in" || !this.#line.isUp || (since >= 0 && since < THERE_AGAIN)) return;
    this.#thereSince = Date.now();
    this.#line.ask("active", {}).then(
      () => this.#tell(() => (this.signOutAt = null)),
      () => (this.#thereSince = 0),
    );
  }

  /** A key was pressed in the reply. */
  typed() {
    const thread = this.thread;
    if (!thread) return;
    if (this.now() - this.#typingSince > TYPING_AGAIN) {
      this.#typingSince = this.now();
      this.#line.ask("typing", { conversation: thread.conversation, on: true }).catch(() => undefined);
    }
    clearTimeout(this.#typingOver);
    this.#typingOver = setTimeout(() => this.stopTyping(), TYPING_OVER);
  }

  stopTyping() {
    clearTimeout(this.#typingOver);
    if (this.#typingSince === 0 || !this.thread) return;
    this.#typingSince = 0;
    this.#line.ask("typing", { conversation: this.thread.conversation, on: false }).catch(() => undefined);
  }

  /** The network is back, the tab is looked at again, or somebody does not want to wait. */
  hurry() {
    if (this.stage !== "in") return;
    if (this.#line.isUp) this.#lookAgain();
    else this.#line.hurry();
  }

  /** @param {string} text @param {boolean} [bad] */
  say(text, bad = false) {
    const notice = { text, bad };
    this.#tell(() => {
      this.notice = notice;
      this.announced = text;
    });
    if (!bad) setTimeout(() => this.notice === notice && this.hush(), GOOD_NEWS);
  }

  hush() {
    this.#tell(() => (this.notice = null));
  }

  /** The opened thread is in front of somebody's eyes. */
  see() {
    const thread = this.thread;
    if (!thread?.isLoaded || this.seen.get(thread.conversation) === thread.last) return;
    this.#tell(() => this.seen.set(thread.conversation, thread.last));
  }

  /** How many lines of a conversation with this person nobody has looked at. @param {Item} item */
  unread(item) {
    if (!this.me || !isMine(item, this.me.id)) return 0;
    const seen = this.seen.get(item.conversation);
    return seen === undefined ? Number(item.last_line?.author === "patient") : Math.max(0, item.last_seq - seen);
  }

  /** What calls for attention: everything in line. */
  get waiting() {
    const me = this.me?.id ?? "";
    return this.queue.items.filter((item) => waitsFor(item, me) && item.can.includes("take"));
  }

  /** @param {{me: Me, by_code?: boolean}} entered */
  #enter({ me, by_code: byCode }) {
    if (this.me?.id !== me.id) this.#leave("out");
    this.#tell(() => {
      this.stage = "in";
      this.line = "opening";
      this.me = me;
      this.byCode = byCode ?? false;
      this.notice = null;
      this.outbox = new Outbox(me.id, (one) => this.#send(one), () => this.#tell(() => undefined));
    });
    clearInterval(this.#ticking);
    this.#ticking = setInterval(() => this.#tick(), 1_000);
    this.#lastNews = Date.now();
    this.#line.stop(); // of somebody who was signed in here before
    this.#line.start();
  }

  /** Who this person is now; once they are available, that they were set to away is over. @param {Me} me */
  #know(me) {
    this.#tell(() => (this.me = me));
    if (me.available && this.notice?.text === words.offer.notResponding) this.hush();
  }

  #lose() {
    if (this.me) this.#absence.begins(this.me.id, this.queue.items);
    this.#tell(() => ((this.line = "cut"), (this.signOutAt = null)));
  }

  /** @param {"out" | "ended"} how */
  #leave(how) {
    if (how === "ended" && this.me) this.#absence.begins(this.me.id, this.queue.items);
    clearInterval(this.#ticking);
    this.#line.stop();
    this.#tell(() => {
      this.stage = how;
      this.me = null;
      this.signOutAt = null;
      this.#thereSince = 0;
      this.thread = null;
      this.outbox = null;
      this.notice = null;
      this.queue.clear();
      this.#due.forget();
      this.seen.clear();
    });
  }

  async #catchUp() {
    this.#tell(() => (this.line = "catching_up"));
    this.outbox?.flush();
    try {
      await this.#look("queue", () => this.#loadQueue());
      if (this.thread) await this.#load(this.thread);
      if (!this.#line.isUp) return;
      this.#tell(() => (this.line = "live"));
      const left = this.#absence.ends(this.me?.id ?? "", (conversation) => this.queue.find(conversation));
      if (left) this.say(left, true);
    } catch (error) {
      if (asTrouble(error).code === "no_answer") this.#line.isUp && setTimeout(() => this.#line.isUp && void this.#catchUp(), 1_000);
      else this.say(asTrouble(error).message, true);
    }
  }

  async #loadQueue() {
    this.queue.startSnapshot();
    const { items, me, texting } = await this.#line.ask("queue", {});
    this.#tell(() => {
      this.queue.replace(items);
      this.texting = texting ?? [];
    });
    this.#know(me);
  }

  /** Join the thread's events, then everything that was said. @param {Thread} thread */
  async #load(thread) {
    try {
      if (!thread.isLoaded || this.line !== "live") await this.#take(thread, await this.#line.ask("open", { conversation: thread.conversation }));
      await this.#sync(thread);
    } catch (error) {
      const trouble = asTrouble(error);
      const isOver = thread.isLoaded && trouble.code === "not_allowed"; // it is read as far as it was this person's to read
      if (trouble.code !== "no_answer" && !isOver) this.#tell(() => (thread.trouble = trouble));
      if (trouble.code === "no_answer" && this.#line.isUp && !thread.isLoaded) setTimeout(() => thread === this.thread && void this.#load(thread), 1_000);
    }
  }

  /** @param {Thread} thread */
  #sync(thread) {
    return this.#look(`thread ${thread.conversation}`, async () => {
      let more = true;
      while (more && thread === this.thread) {
        const page = await this.#line.ask("sync", { conversation: thread.conversation, after: thread.last });
        more = page.more && page.messages.length > 0;
        await this.#take(thread, page);
      }
    });
  }

  /** @param {Thread} thread @param {any} page */
  async #take(thread, page) {
    if (thread !== this.thread) return;
    this.#tell(() => thread.takePage(page));
    if (page.item?.version !== undefined) this.#putItem(page.item, true);
  }

  /** One at a time; a wish that comes meanwhile is one more round, not one more request. @param {string} what @param {() => Promise<void>} look */
  async #look(what, look) {
    const state = this.#looks.get(what) ?? { running: false, again: false };
    this.#looks.set(what, state);
    if (state.running) {
      state.again = true;
      return;
    }
    state.running = true;
    try {
      do {
        state.again = false;
        await look();
      } while (state.again);
    } finally {
      state.running = false;
    }
  }

  #lookAgain() {
    this.#lastNews = Date.now();
    const quiet = () => undefined;
    this.#look("queue", () => this.#loadQueue()).catch(quiet);
    if (this.thread) this.#load(this.thread).catch(quiet);
  }

  #tick() {
    if (this.thread?.forgetTyping(this.now())) this.#tell(() => undefined);
    if (this.line === "live") this.#announceDue();
    if (this.line === "live" && Date.now() - this.#lastNews >= LOOK_AGAIN) this.#lookAgain();
  }

  /** @param {string} event @param {any} data */
  #hear(event, data) {
    this.#lastNews = Date.now();
    const thread = this.thread?.conversation === data?.conversation ? this.thread : null;
    if (event === "item") this.#putItem(data);
    else if (event === "idle") this.#hearIdle(data.until);
    else if (event === "not_responding") this.#hearAway(data.me);
    else if (event === "gone") this.#tell(() => (this.queue.remove(data.conversation, data.version), thread?.takeItem(data.item ?? null)));
    else if (event === "message" && thread) this.#hearMessage(thread, data.message);
    else if (event === "deliveries" && thread) this.#tell(() => thread.takeFates(data));
    else if (event === "typing" && thread) this.#tell(() => thread.setTyping(data, this.now()));
    else if (event === "viewing" && thread) this.#tell(() => (thread.viewing = data.names));
  }

  /** Nothing was done for long, here or in another tab, or somebody is there after all. @param {string | null} until */
  #hearIdle(until) {
    this.#thereSince = 0;
    this.#tell(() => (this.signOutAt = until));
  }

  /** Several offers were not answered. @param {Me} me */
  #hearAway(me) {
    this.#know(me);
    this.say(words.offer.notResponding, true);
  }

  /** @param {Thread} thread @param {import("./types.d.ts").Message} message */
  #hearMessage(thread, message) {
    const how = thread.take(message);
    if (how === "gap") this.#sync(thread).catch(() => undefined);
    if (how !== "applied") return;
    this.#tell(() => {
      if (message.author !== "staff" || message.name !== this.me?.name) {
        this.announced = words.said(words.author(message), message.text);
      }
    });
  }

  /** @param {Item} item @param {boolean} [justRead] the thread was read along with it */
  #putItem(item, justRead = false) {
    const before = this.queue.find(item.conversation);
    if (this.thread?.conversation === item.conversation) this.thread.takeItem(item.can.length > 0 ? item : null);
    if (!listed(item)) {
      this.#tell(() => this.queue.remove(item.conversation, item.version));
    } else if (this.queue.put(item)) {
      this.#tell(() => this.#announceChange(before, item));
    }
    const thread = this.thread;
    const behind = thread?.conversation === item.conversation && thread.isLoaded && item.last_seq > thread.last;
    const noted = before && before.version !== item.version && before.last_seq === item.last_seq; // nothing said, so it is in the history
    const moved = thread?.conversation === item.conversation && (before?.state !== item.state || noted);
    if (thread && !justRead && (behind || moved)) this.#sync(thread).catch(() => undefined);
  }

  #announceDue() {
    const news = this.#due.news(this.queue.items, this.now());
    if (news.length > 0) this.#tell(() => (this.announced = news.map(words.call.becomes).join(" ")));
  }

  /** @param {Item | undefined} before @param {Item} item */
  #announceChange(before, item) {
    const me = this.me?.id ?? "";
    const live = liveNews(before?.callback, item.callback, me);
    if (live) this.announced = live;
    else if (item.offer?.mine && !before?.offer?.mine) this.announced = words.offer.said(item.offer.call);
    else if (before?.offer?.mine && !item.offer?.mine && !item.staff && this.me?.available && !this.#goesAway) this.say(words.offer.over);
    else if (waitsFor(item, me) && !(before && (isWaiting(before) || (isMine(before, me) && isMine(item, me))))) this.announced = words.alert.newOne(item);
    else if (before && isWaiting(before) && item.staff && item.staff.id !== this.me?.id) this.announced = words.queue.nowWith(item.staff.name);
  }

  /** @param {import("./types.d.ts").Unsent} one */
  async #send(one) {
    if (!this.#line.isUp) throw new Trouble({ code: "no_line", message: "", retry: true });
    const { conversation, client_id, text } = one;
    const { seq } = await this.#line.ask("write", { conversation, client_id, text });
    const thread = this.thread;
    if (thread?.conversation === conversation && seq > thread.last) await this.#sync(thread).catch(() => undefined);
  }

  /** @param {() => void} change */
  #tell(change) {
    change();
    if (this.#isTelling) return;
    this.#isTelling = true;
    queueMicrotask(() => {
      this.#isTelling = false;
      for (const listener of this.#listeners) listener();
    });
  }
}

/** @param {Item} item does it belong on the queue's screen? */
function listed(item) {
  return ["waiting", "human", "parked"].includes(item.state) || item.case !== null || Boolean(item.callback);
}

/** @param {unknown} error @returns {Trouble} */
export function asTrouble(error) {
  if (error instanceof Trouble) return error;
  console.error(error);
  return new Trouble({ code: "internal", message: words.error.internal, retry: true });
}
