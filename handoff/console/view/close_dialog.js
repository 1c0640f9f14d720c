// How did it end? An outcome, a note for colleagues, and whether it came at the right time, where nobody has said so yet.
import { html } from "../vendor.js";
import { words } from "../words.js";
import { Choices, FormDialog, Note } from "./form_dialog.js";

/** @param {{item: import("../types.d.ts").Item, desk: import("../desk.js").Desk, onDone: () => void, onSent: () => void}} props */
export function CloseDialog({ item, desk, onDone, onSent }) {
  const isUnmarked = item.can.includes("mark") && !item.mark;

  /** @type {import("./form_dialog.js").Send} */
  async function send({ outcome, note, mark }) {
    if (!outcome) return words.closing.missing;
    if (mark) await desk.mark(item.conversation, mark);
    await desk.close(item.conversation, outcome, note.trim());
  }

  return html`
    <${FormDialog} title=${words.closing.title} confirm=${words.closing.confirm} send=${send} onDone=${onDone} onSent=${onSent}>
      <${Choices} legend=${words.closing.outcome} name="outcome" choices=${Object.entries(words.closing.outcomes)} />
      ${isUnmarked && html`<${Choices} legend=${words.arrival.optional} name="mark" choices=${Object.entries(words.arrival.marks)} inline />`}
      <${Note} hint=${words.closing.noteHint} />
    <//>
  `;
}
