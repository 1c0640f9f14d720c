// One phone: its number, the call that goes on, its texts and calls, and where to write.
import { NUMBER } from "../model.js";
import { html, useRef, useState } from "../vendor.js";
import { words } from "../words.js";
import { CallPane } from "./call_pane.js";
import { Composer } from "./composer.js";
import { Log } from "./log.js";

/** @typedef {import("../types.d.ts").Who} Who */

/** @param {{who: Who, model: import("../model.js").Model}} props */
export function PhonePane({ who, model }) {
  const phone = model.phone(who);
  const ours = model.about?.ours ?? "";
  return html`
    <section class="phone" data-who=${who} aria-labelledby=${`${who}-title`}>
      <header class="phone-top">
        <h2 id=${`${who}-title`} tabindex="-1">${words.phone[who]}</h2>
        <p class="number" dir="ltr">${phone.number}</p>
        ${who === "patient" && html`<${NumberForm} model=${model} number=${phone.number} />`}
      </header>
      ${phone.call && html`<${CallPane} key=${phone.call.sid} who=${who} call=${phone.call} model=${model} />`}
      <${Log} who=${who} phone=${phone} ours=${ours} />
      ${who === "patient" && html`<${Composer} model=${model} />`}
    </section>
  `;
}

/** @param {{model: import("../model.js").Model, number: string}} props */
function NumberForm({ model, number }) {
  const box = useRef(/** @type {HTMLDetailsElement | null} */ (null));
  const [wrong, setWrong] = useState(false);

  /** @param {SubmitEvent} event */
  function submit(event) {
    event.preventDefault();
    const given = String(new FormData(/** @type {HTMLFormElement} */ (event.currentTarget)).get("number") ?? "").replace(/[\s().-]/g, "");
    setWrong(!NUMBER.test(given));
    if (!NUMBER.test(given)) return;
    model.use(given);
    if (box.current) box.current.open = false;
    document.getElementById("patient-title")?.focus();
  }

  return html`
    <details ref=${box}>
      <summary>${words.number.change}</summary>
      <form onSubmit=${submit}>
        <label for="number">${words.number.label}</label>
        <input id="number" name="number" type="tel" autocomplete="off" value=${number} aria-describedby="number-hint" aria-invalid=${wrong} />
        <p id="number-hint" class=${wrong ? "over" : "quiet"} role=${wrong ? "alert" : undefined}>${wrong ? words.number.wrong : words.number.hint}</p>
        <button>${words.number.use}</button>
      </form>
    </details>
  `;
}
