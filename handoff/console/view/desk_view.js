// At the desk: the bars on top, three panes, dialogs, shortcuts.
import { mayCall } from "../calls.js";
import { asTrouble } from "../desk.js";
import { choice, keepChoice } from "../keep.js";
import { actOf } from "../keys.js";
import { isSafety, timesCalled } from "../queue.js";
import { html, useEffect, useRef, useState } from "../vendor.js";
import { words } from "../words.js";
import { AlertBar } from "./alert_bar.js";
import { CloseDialog } from "./close_dialog.js";
import { ContextPane } from "./context_pane.js";
import { focused, useFocusKept } from "./focus.js";
import { KeysDialog } from "./keys_dialog.js";
import { LineBar } from "./line_bar.js";
import { OutcomeDialog } from "./outcome_dialog.js";
import { PasswordDialog } from "./password_dialog.js";
import { PhoneDialog } from "./phone_dialog.js";
import { QueuePane } from "./queue_pane.js";
import { StillThere } from "./still_there.js";
import { ThreadPane } from "./thread_pane.js";
import { TopBar } from "./top_bar.js";
import { TransferDialog } from "./transfer_dialog.js";
import { useNow } from "./use.js";
import { WindowDialog } from "./window_dialog.js";

/** @param {{desk: import("../desk.js").Desk, alarm: import("../alarm.js").Alarm}} props */
export function DeskView({ desk, alarm }) {
  const now = useNow(desk);
  useFocusKept();
  const [dialog, setDialog] = useState(/** @type {"" | "close" | "transfer" | "keys" | "password" | "phone" | "outcome" | "by_hand" | "move" | "plan"} */ (""));
  const [pane, setPane] = useState(/** @type {"queue" | "thread" | "context"} */ ("queue"));
  const [questionAlone, setQuestionAlone] = useState(() => choice("question_key", true));
  /** Whom the dialog is about: kept, so that news meanwhile does not take away what is being typed. */
  const [subject, setSubject] = useState(/** @type {import("../types.d.ts").Item | undefined} */ (undefined));
  const opener = useRef(/** @type {HTMLElement | null} */ (null));
  const { waiting, thread } = desk;
  const item = thread ? (desk.queue.find(thread.conversation) ?? thread.item ?? undefined) : undefined;

  /** Danger comes first, then what is offered to this person. */
  const mine = desk.queue.items.filter((found) => found.offer?.mine);
  const next = mine.find(isSafety) ?? waiting.find(isSafety) ?? mine[0] ?? waiting[0];
  const unread = desk.queue.items.reduce((sum, found) => sum + Math.min(1, desk.unread(found)), 0);
  useEffect(() => alarm.show({ waiting: waiting.length, unread, safety: waiting.some(isSafety), called: timesCalled(waiting, desk.me?.role ?? "") }, Date.now()));
  useEffect(() => {
    if (desk.signOutAt !== null) alarm.warn();
  }, [desk.signOutAt]);
  useEffect(() => {
    if (document.visibilityState === "visible") desk.see();
  }, [thread?.last, thread?.isLoaded, now]);

  /** @param {() => unknown} act @param {(name: string) => string} [taken] */
  async function attempt(act, taken = words.thread.taken) {
    try {
      await act();
    } catch (error) {
      const trouble = asTrouble(error);
      desk.say(trouble.code === "already_taken" && trouble.facts.by ? taken(trouble.facts.by) : trouble.message, trouble.code !== "already_taken");
    }
  }

  const acts = {
    queue: () => go("queue", ".queue [aria-current]", ".queue .row", ".queue h2"),
    next: () => step(1),
    previous: () => step(-1),
    newest: () => next && open(next.conversation),
    take: () => item?.can.includes("take") && take(item.conversation),
    reply: () => go("thread", "#reply"),
    handBack: () => item?.can.includes("hand_back") && attempt(() => desk.handBack(item.conversation).then(goOn)),
    park: () => item?.can.includes("park") && attempt(() => desk.park(item.conversation).then(goOn)),
    transfer: () => item?.can.includes("transfer") && show("transfer"),
    close: () => item?.can.includes("close") && show("close"),
    details: () => thread && go("context", ".context h2"),
    call: () => item?.callback?.leg === null && mayCall(item, desk.me?.id ?? "") && callNow(),
    available: () => attempt(() => desk.setAvailable(!desk.me?.available)),
    sheet: () => show("keys"),
  };

  // The newest of this render, not of the last effect: a key right after another must not meet what was there before.
  const pressed = useRef(/** @param {KeyboardEvent} event */ (event) => {});
  pressed.current = (event) => {
    const act = dialog === "" && desk.signOutAt === null ? actOf(event, questionAlone) : null;
    if (act === null) return;
    event.preventDefault();
    acts[act]();
  };
  useEffect(() => {
    /** @param {KeyboardEvent} event */
    const listen = (event) => pressed.current(event);
    addEventListener("keydown", listen);
    return () => removeEventListener("keydown", listen);
  }, []);

  /** @param {"queue" | "thread" | "context"} where @param {string[]} places the first that is there gets the focus */
  function go(where, ...places) {
    setPane(where);
    requestAnimationFrame(() => {
      // Where only one pane fits, whoever is back at the queue reads the conversation no more, and is not said to be viewing it.
      if (where === "queue" && isHidden(document.querySelector(".thread"))) desk.shut();
      places.some((place) => focused(document.querySelector(place)));
    });
  }

  /** Done with the open conversation for now: to the next one of the list. */
  function goOn() {
    go("queue", ".queue .row:not([aria-current])", ".queue h2");
  }

  /** @param {string} conversation */
  function open(conversation) {
    void attempt(() => desk.open(conversation));
    go("thread", ".thread h2");
  }

  /** @param {string} conversation */
  async function take(conversation) {
    const wasMine = desk.queue.find(conversation)?.staff?.id === desk.me?.id;
    await attempt(async () => {
      await desk.take(conversation);
      desk.say(wasMine ? words.thread.tookBack : words.thread.youTook);
      go("thread", "#reply");
    });
  }

  /** @param {() => unknown} act */
  function attemptCall(act) {
    return attempt(act, words.call.taken);
  }

  /** Their phone rings, then the patient's; without a provider they dial, and say how it went. */
  function callNow() {
    const called = item;
    void attemptCall(async () => {
      const { by_hand: byHand } = await desk.call("call_now", { callback: called?.callback?.id });
      if (byHand) show("by_hand", called);
      else desk.say(words.call.legs.ringing_staff);
    });
  }

  /** @param {1 | -1} by */
  function step(by) {
    const ids = desk.queue.items.map((found) => found.conversation);
    if (ids.length === 0) return;
    const place = thread ? ids.indexOf(thread.conversation) : -1;
    open(ids[place < 0 ? (by > 0 ? 0 : ids.length - 1) : (place + by + ids.length) % ids.length]);
  }

  /** @param {Exclude<typeof dialog, "">} which @param {typeof item} [about] */
  function show(which, about = item) {
    setSubject(about);
    opener.current = document.activeElement instanceof HTMLElement ? document.activeElement : null;
    setDialog(which);
  }

  /** Back to where the dialog was opened from, or as near as is still there. */
  function hide() {
    setDialog("");
    requestAnimationFrame(() => {
      const from = opener.current;
      const near = [".context h2", ".thread h2", ".queue h2"].map((place) => document.querySelector(place));
      [from, from?.closest("details")?.querySelector("summary"), ...near].some(focused);
    });
  }

  /** The dialog has ended this person's part in the conversation. */
  function leave() {
    setDialog("");
    goOn();
  }

  return html`
    <nav class="skips" aria-label=${words.skip.label}>
      <a href="#queue" onClick=${skip(acts.queue)}>${words.skip.queue}</a>
      ${thread && html`<a href="#thread" onClick=${skip(() => go("thread", ".thread h2"))}>${words.skip.thread}</a>`}
      ${item?.can.includes("write") && html`<a href="#reply" onClick=${skip(acts.reply)}>${words.skip.reply}</a>`}
    </nav>
    <${TopBar} desk=${desk} alarm=${alarm} attempt=${attempt} onShow=${show} />
    <${LineBar} desk=${desk} onPassword=${() => show("password")} />
    <${AlertBar} waiting=${waiting} available=${desk.me?.available ?? true} now=${now} onOpen=${() => acts.newest()} />
    <main class="panes" data-pane=${thread ? pane : "queue"} data-open=${thread !== null}>
      <${QueuePane} desk=${desk} now=${now} onOpen=${open} onTake=${(/** @type {string} */ id) => (open(id), void take(id))} />
      <${ThreadPane}
        key=${thread?.conversation ?? ""}
        desk=${desk}
        item=${item}
        now=${now}
        onTake=${acts.take}
        onHandBack=${acts.handBack}
        onPark=${acts.park}
        onTransfer=${acts.transfer}
        onRejected=${goOn}
        onClose=${() => show("close")}
        onBack=${acts.queue}
        onDetails=${acts.details}
      />
      ${thread && html`<${ContextPane} desk=${desk} thread=${thread} item=${item} now=${now} attempt=${attemptCall} onBack=${() => go("thread", ".thread h2")} onCall=${acts.call} onShow=${show} />`}
    </main>
    <p class="unseen" role="status" aria-live="polite">${desk.announced}</p>
    ${dialog === "close" && subject && html`<${CloseDialog} item=${subject} desk=${desk} onDone=${hide} onSent=${leave} />`}
    ${dialog === "transfer" && subject && html`<${TransferDialog} item=${subject} desk=${desk} onDone=${hide} onSent=${leave} />`}
    ${dialog === "keys" &&
    html`<${KeysDialog}
      questionAlone=${questionAlone}
      onQuestionAlone=${(/** @type {boolean} */ on) => (setQuestionAlone(on), keepChoice("question_key", on))}
      onDone=${hide}
    />`}
    ${(dialog === "outcome" || dialog === "by_hand") && subject && html`<${OutcomeDialog} item=${subject} desk=${desk} byHand=${dialog === "by_hand"} onDone=${hide} />`}
    ${(dialog === "move" || dialog === "plan") && subject && html`<${WindowDialog} item=${subject} desk=${desk} onDone=${hide} />`}
    ${dialog === "phone" && html`<${PhoneDialog} desk=${desk} onDone=${hide} />`}
    ${dialog === "password" && html`<${PasswordDialog} desk=${desk} onDone=${hide} />`}
    <${StillThere} desk=${desk} now=${now} />
  `;
}

/** @param {Element | null} found */
function isHidden(found) {
  return found !== null && !found.checkVisibility();
}

/** @param {() => unknown} act */
function skip(act) {
  return (/** @type {Event} */ event) => {
    event.preventDefault();
    act();
  };
}
