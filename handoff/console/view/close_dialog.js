// How did it end? An outcome, and a note for colleagues.
import { html } from "../vendor.js";
import { words } from "../words.js";
import { Choices, FormDialog, Note } from "./form_dialog.js";

/** @param {{item: import("../types.d.ts").Item, desk: import("../desk.js").Desk, onDone: () => void, onSent: () => void}} props */
export function CloseDialog({ item, desk, onDone, onSent }) {
  /** @type {import("./form_dialog.js").Send} */
  async function send({ outcome, note }) {
    if (!outcome) return words.closing.missing;
    await desk.close(item.conversation, outcome, note.trim());
  }

  return html`
    <${FormDialog} title=${words.closing.title} confirm=${words.closing.confirm} send=${send} onDone=${onDone} onSent=${onSent}>
      <${Choices} legend=${words.closing.outcome} name="outcome" choices=${Object.entries(words.closing.outcomes)} />
      <${Note} hint=${words.closing.noteHint} />
    <//>
  `;
}
