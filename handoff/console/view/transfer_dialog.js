// Passing a conversation on: to a team or a colleague, with a note.
import { asTrouble } from "../desk.js";
import { html, useEffect, useState } from "../vendor.js";
import { words } from "../words.js";
import { Dialog } from "./dialog.js";

/** @typedef {{teams: {id: string, name: string}[], people: {id: string, name: string, here: boolean}[]}} Targets */

/** @param {{item: import("../types.d.ts").Item, desk: import("../desk.js").Desk, onDone: () => void}} props */
export function TransferDialog({ item, desk, onDone }) {
  const [targets, setTargets] = useState(/** @type {Targets | null} */ (null));
  const [trouble, setTrouble] = useState("");
  useEffect(() => {
    desk.targets().then(setTargets, (error) => setTrouble(asTrouble(error).message));
  }, []);

  /** @param {SubmitEvent} event */
  async function submit(event) {
    event.preventDefault();
    const form = new FormData(/** @type {HTMLFormElement} */ (event.currentTarget));
    const [kind, id] = String(form.get("target") ?? "").split(":");
    if (!id) return setTrouble(words.transfer.missing);
    try {
      await desk.transfer(item.conversation, kind === "team" ? { team: id } : { to: id }, String(form.get("note") ?? "").trim());
      onDone();
    } catch (error) {
      setTrouble(asTrouble(error).message);
    }
  }

  return html`
    <${Dialog} title=${words.transfer.title} onDone=${onDone}>
      <form onSubmit=${submit}>
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
        <label for="note">${words.closing.note}</label>
        <textarea id="note" name="note" rows="3" maxLength="2000" aria-describedby="note-hint"></textarea>
        <p id="note-hint" class="quiet">${words.transfer.hint}</p>
        <p class=${trouble ? "trouble" : "no-trouble"} role="alert">${trouble}</p>
        <div class="dialog-end">
          <button type="button" onClick=${onDone}>${words.cancel}</button>
          <button type="submit" class="primary">${words.transfer.confirm}</button>
        </div>
      </form>
    <//>
  `;
}
