// How did the call go? One of four, and a note for colleagues.
import { html } from "../vendor.js";
import { words } from "../words.js";
import { Choices, FormDialog, Note } from "./form_dialog.js";

/** @param {{item: import("../types.d.ts").Item, desk: import("../desk.js").Desk, byHand: boolean, onDone: () => void}} props */
export function OutcomeDialog({ item, desk, byHand, onDone }) {
  const number = item.callback?.number;

  /** @type {import("./form_dialog.js").Send} */
  async function send({ outcome, note }) {
    if (!outcome) return words.call.missing;
    await desk.call("log_attempt", { callback: item.callback?.id, outcome, note: note.trim() });
    desk.say(words.call.written);
  }

  const top = byHand && html`<p class="dial">${words.call.byHand} <a href=${`tel:${number}`}><strong>${number}</strong></a></p>`;
  return html`
    <${FormDialog} title=${words.call.outcomeTitle} confirm=${words.call.save} send=${send} onDone=${onDone} top=${top}>
      <${Choices} legend=${words.call.outcome} name="outcome" choices=${Object.entries(words.call.outcomes)} />
      <${Note} hint=${words.closing.noteHint} />
    <//>
  `;
}
