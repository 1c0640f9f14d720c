// The sheet of shortcuts.
import { SHEET } from "../keys.js";
import { html } from "../vendor.js";
import { words } from "../words.js";
import { Dialog } from "./dialog.js";

/** @param {{questionAlone: boolean, onQuestionAlone: (on: boolean) => void, onDone: () => void}} props */
export function KeysDialog({ questionAlone, onQuestionAlone, onDone }) {
  return html`
    <${Dialog} title=${words.keys.title} onDone=${onDone}>
      <dl class="keys">
        ${SHEET.map(
          ([act, key]) =>
            html`<div key=${act}>
              <dt><kbd>Alt</kbd> <kbd>${key}</kbd>${act === "sheet" && questionAlone && html` ${words.keys.or} <kbd>?</kbd>`}</dt>
              <dd>${words.keys.list[act]}</dd>
            </div>`,
        )}
      </dl>
      <label class="choice"><input type="checkbox" checked=${questionAlone} onChange=${(/** @type {any} */ event) => onQuestionAlone(event.target.checked)} /> ${words.keys.question}</label>
      <div class="dialog-end"><button class="primary" onClick=${onDone}>${words.done}</button></div>
    <//>
  `;
}
