// Where the patient writes: Enter sends, Shift and Enter begins a line.
import { html, useRef, useState } from "../vendor.js";
import { words } from "../words.js";

/** @param {{model: import("../model.js").Model}} props */
export function Composer({ model }) {
  const [draft, setDraft] = useState("");
  const area = useRef(/** @type {HTMLTextAreaElement | null} */ (null));

  async function send() {
    if (draft.trim() === "") return;
    setDraft("");
    if (!(await model.text("patient", draft))) setDraft((newer) => newer || draft);
    area.current?.focus();
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    void send();
  }

  return html`
    <form class="composer" onSubmit=${(/** @type {SubmitEvent} */ event) => (event.preventDefault(), void send())}>
      <p class=${model.trouble ? "trouble" : "no-trouble"} role="alert">${model.trouble}</p>
      <label class="unseen" for="text">${words.write}</label>
      <textarea
        id="text"
        ref=${area}
        rows="1"
        maxlength="1600"
        dir="auto"
        placeholder=${words.write}
        value=${draft}
        onInput=${(/** @type {any} */ event) => setDraft(event.target.value)}
        onKeyDown=${onKey}
      ></textarea>
      <button type="button" class="picture" aria-label=${words.picture} title=${words.picture} onClick=${() => void model.text("patient", "", 1)}><span aria-hidden="true">🖼</span></button>
      <button class="primary">${words.send}</button>
    </form>
  `;
}
