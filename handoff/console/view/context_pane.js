// The right: why a person is needed, with the words that say so; answers so far and the one left open; what happened.
import { length, moment } from "../times.js";
import { html } from "../vendor.js";
import { words } from "../words.js";
import { Arrival } from "./arrival.js";
import { CallPanel } from "./call_panel.js";

/** @typedef {import("../types.d.ts").Item} Item */
/** @typedef {import("../types.d.ts").Answer} Answer */

/** @param {{desk: import("../desk.js").Desk, thread: import("../thread.js").Thread, item: Item | undefined, now: number, attempt: (act: () => unknown) => Promise<void>, onBack: () => void, onCall: () => void, onShow: (which: "outcome" | "move" | "plan") => void}} props */
export function ContextPane({ desk, thread, item, now, attempt, onBack, onCall, onShow }) {
  return html`
    <aside class="context" aria-labelledby="context-title">
      <header class="context-top">
        <button class="back" onClick=${onBack}><span aria-hidden="true">‹</span> ${words.thread.label}</button>
        <h2 id="context-title" tabindex="-1">${words.context.title}</h2>
      </header>
      <div class="context-body" role="region" tabindex="0" aria-label=${words.context.title}>
        ${item && item.reasons.length > 0 && html`<${Why} item=${item} />`}
        ${item && html`<${CallPanel} desk=${desk} item=${item} now=${now} attempt=${attempt} onCall=${onCall} onShow=${onShow} />`}
        ${item && html`<${Arrival} desk=${desk} item=${item} />`}
        ${thread.isLoaded && html`<${Answers} answers=${thread.answers} />`}
        ${item && html`<${About} desk=${desk} item=${item} me=${desk.me?.id ?? ""} now=${now} />`}
        ${thread.moves.length > 0 &&
        html`<section>
          <h3>${words.context.history}</h3>
          <ol class="moves">
            ${thread.moves.map(
              (move, place) =>
                html`<li key=${place}>
                  <span><strong>${words.mover(move)}</strong> ${words.event(move.event)}</span>
                  <time class="quiet" dateTime=${move.at}>${moment(move.at)}</time>
                  ${move.event === "moved_to_texts" && move.why && html`<span class="quiet">${words.context.consent(move.why)}</span>`}
                  ${move.event === "on_call_wrote" && html`<q dir="auto">${move.why}</q>`}
                  ${["number_left", "number_came"].includes(move.event) &&
                  html`<button class="link" onClick=${() => desk.open(move.why ?? "")}>${words.context.otherConversation}</button>`}
                </li>`,
            )}
          </ol>
        </section>`}
      </div>
    </aside>
  `;
}

/** @param {{item: Item}} props */
function Why({ item }) {
  return html`<section>
    <h3>${words.context.why}</h3>
    <ul class="reasons">
      ${item.reasons.map(
        (found, place) =>
          html`<li key=${place} data-reason=${found.reason}>
            <strong>${words.reason(found.reason)}</strong>
            ${found.words && html`<q dir="auto">${found.words}</q>`}
          </li>`,
      )}
    </ul>
  </section>`;
}

/** @param {{answers: Answer[]}} props */
function Answers({ answers }) {
  const titles = [...new Set(answers.map((answer) => answer.title))];
  return html`<section>
    <h3>${words.context.answers}</h3>
    ${answers.length === 0 && html`<p class="quiet">${words.context.noAnswers}</p>`}
    ${titles.map(
      (title) =>
        html`<div key=${title} class="survey">
          <h4>${title}</h4>
          <dl>
            ${answers
              .filter((answer) => answer.title === title)
              .map((answer) => html`<div key=${answer.question} data-state=${answer.state}><dt dir="auto">${answer.text}</dt><dd dir="auto">${given(answer)}</dd></div>`)}
          </dl>
        </div>`,
    )}
  </section>`;
}

/** @param {Answer} answer */
function given(answer) {
  if (answer.state === "open") return words.context.open;
  if (answer.state === "skipped") return words.context.skipped;
  if (answer.state === "dont_know") return answer.label ?? words.context.dontKnow;
  return answer.label ?? "";
}

/** @type {Record<string, string>} */
const OWNERS = { bot: words.context.bot, nobody: words.context.nobodyNow };

/** @param {{desk: import("../desk.js").Desk, item: Item, me: string, now: number}} props */
function About({ desk, item, me, now }) {
  const owner = item.staff ? (item.staff.id === me ? words.queue.withYou : item.staff.name) : (OWNERS[item.owner] ?? words.context.nobody);
  const due = item.case?.due_at;
  return html`<section>
    <h3>${words.context.about}</h3>
    <dl class="facts">
      <div><dt>${words.context.state}</dt><dd>${words.state(item.state)}</dd></div>
      <div><dt>${words.context.owner}</dt><dd>${owner}</dd></div>
      <div><dt>${words.context.language}</dt><dd>${words.language(item.locale)}</dd></div>
      <div><dt>${words.context.channel}</dt><dd>${words.channel(item.channel)}</dd></div>
      ${item.team && html`<div><dt>${words.context.team}</dt><dd>${item.team}</dd></div>`}
      ${item.topic && html`<div><dt>${words.context.topic}</dt><dd>${item.topic}</dd></div>`}
      ${item.texts && html`<div><dt>${words.context.texts}</dt><dd>${item.texts === "on" ? words.context.textsOn : words.context.textsStopped}</dd></div>`}
      ${item.waiting_since && html`<div><dt>${words.context.since}</dt><dd>${moment(item.waiting_since)} (${length(item.waiting_since, now)})</dd></div>`}
      ${item.case && html`<div><dt>${words.context.caseKind}</dt><dd>${item.case.kind}, ${item.case.state.replaceAll("_", " ")}</dd></div>`}
      ${due &&
      html`<div><dt>${words.context.due}</dt><dd class=${Date.parse(due) < now ? "over" : ""}>${moment(due)}${Date.parse(due) < now ? ` (${words.context.overdue})` : ""}</dd></div>`}
    </dl>
    ${item.texts === "on" && html`<button onClick=${() => desk.stopTexts(item.conversation).catch((trouble) => desk.say(trouble.message))}>${words.context.stopTexts}</button>`}
  </section>`;
}
