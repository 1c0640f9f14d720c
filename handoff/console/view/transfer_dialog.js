// Passing a conversation on: to a team or a colleague, with a note.
import { asTrouble } from "../desk.js";
import { isSafety } from "../queue.js";
import { html, useEffect, useState } from "../vendor.js";
import { words } from "../words.js";
import { FormDialog, Note } from "./form_dialog.js";

/** @typedef {{id: string, name: string, here: boolean}} Target */
/** @typedef {{teams: Target[], people: Target[]}} Targets */

/** @param {{item: import("../types.d.ts").Item, desk: import("../desk.js").Desk, onDone: () => void, onSent: () => void}} props */
export function TransferDialog({ item, desk, onDone, onSent }) {
  const [targets, setTargets] = useState(/** @type {Targets | null} */ (null));
  const [unread, setUnread] = useState("");
  const [target, setTarget] = useState("");
  useEffect(() => {
    // Asked anew with each choice: who is here may have changed while somebody wrote the note.
    desk.targets().then(setTargets, (error) => setUnread(asTrouble(error).message));
  }, [target]);
  const [chosenKind, chosenId] = target.split(":");
  const chosen = (chosenKind === "team" ? targets?.teams : targets?.people)?.find((one) => one.id === chosenId);
  const who = chosenKind === "team" ? words.transfer.nobodyOf : words.transfer.away;
  const isAnyone = [...(targets?.people ?? []), ...(targets?.teams ?? [])].some((one) => one.here);
  const then = !isAnyone ? words.transfer.nobodyElse : isSafety(item) ? words.transfer.thenSafety : chosenKind === "team" ? words.transfer.thenTeam : words.transfer.then;
  const away = !chosen || chosen.here ? "" : `${who(chosen.name)} ${then}`;

  /** @type {import("./form_dialog.js").Send} */
  async function send({ target, note }) {
    const [kind, id] = target.split(":");
    if (!id) return words.transfer.missing;
    await desk.transfer(item.conversation, kind === "team" ? { team: id } : { to: id }, note.trim());
  }

  return html`
    <${FormDialog} title=${words.transfer.title} confirm=${words.transfer.confirm} send=${send} onDone=${onDone} onSent=${onSent} unread=${unread}>
      <label for="target">${words.transfer.to}</label>
      <select id="target" name="target" aria-describedby="target-away" onChange=${(/** @type {any} */ event) => setTarget(event.target.value)}>
        <option value="">${words.transfer.choose}</option>
        <optgroup label=${words.transfer.people}>
          ${(targets?.people ?? []).map((one) => html`<option key=${one.id} value=${`to:${one.id}`}>${words.transfer.person(one)}</option>`)}
        </optgroup>
        <optgroup label=${words.transfer.teams}>
          ${(targets?.teams ?? []).map((one) => html`<option key=${one.id} value=${`team:${one.id}`}>${words.transfer.team(one)}</option>`)}
        </optgroup>
      </select>
      <p id="target-away" class=${away && "caution"} role="status">${away}</p>
      <${Note} hint=${words.transfer.hint} />
    <//>
  `;
}
