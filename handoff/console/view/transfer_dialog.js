// Passing a conversation on: to a team or a colleague, with a note.
import { asTrouble } from "../desk.js";
import { html, useEffect, useState } from "../vendor.js";
import { words } from "../words.js";
import { FormDialog, Note } from "./form_dialog.js";

/** @typedef {{teams: {id: string, name: string}[], people: {id: string, name: string, here: boolean}[]}} Targets */

/** @param {{item: import("../types.d.ts").Item, desk: import("../desk.js").Desk, onDone: () => void, onSent: () => void}} props */
export function TransferDialog({ item, desk, onDone, onSent }) {
  const [targets, setTargets] = useState(/** @type {Targets | null} */ (null));
  const [unread, setUnread] = useState("");
  useEffect(() => {
    desk.targets().then(setTargets, (error) => setUnread(asTrouble(error).message));
  }, []);

  /** @type {import("./form_dialog.js").Send} */
  async function send({ target, note }) {
    const [kind, id] = target.split(":");
    if (!id) return words.transfer.missing;
    await desk.transfer(item.conversation, kind === "team" ? { team: id } : { to: id }, note.trim());
  }

  return html`
    <${FormDialog} title=${words.transfer.title} confirm=${words.transfer.confirm} send=${send} onDone=${onDone} onSent=${onSent} unread=${unread}>
      <label for="target">${words.transfer.to}</label>
      <select id="target" name="target">
        <option value="">${words.transfer.choose}</option>
        <optgroup label=${words.transfer.people}>
          ${(targets?.people ?? []).map((one) => html`<option key=${one.id} value=${`to:${one.id}`}>${words.transfer.person(one)}</option>`)}
        </optgroup>
        <optgroup label=${words.transfer.teams}>
          ${(targets?.teams ?? []).map((one) => html`<option key=${one.id} value=${`team:${one.id}`}>${one.name}</option>`)}
        </optgroup>
      </select>
      <${Note} hint=${words.transfer.hint} />
    <//>
  `;
}
