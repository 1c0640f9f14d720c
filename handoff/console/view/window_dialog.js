// Promise a patient a call, or move one: the windows that can be kept, and for a new one the number and what it is about.
import { asTrouble } from "../desk.js";
import { html, useEffect, useState } from "../vendor.js";
import { words } from "../words.js";
import { Choices, FormDialog } from "./form_dialog.js";

/** @typedef {{from: string, to: string, title: string}} Window */

/** @param {{item: import("../types.d.ts").Item, desk: import("../desk.js").Desk, onDone: () => void}} props */
export function WindowDialog({ item, desk, onDone }) {
  const isNew = !item.callback;
  const [windows, setWindows] = useState(/** @type {Window[] | null} */ (null));
  const [unread, setUnread] = useState("");
  useEffect(() => {
    desk.call("windows", {}).then(
      (answer) => setWindows(answer.windows),
      (error) => setUnread(asTrouble(error).message),
    );
  }, []);

  /** @type {import("./form_dialog.js").Send} */
  async function send({ window: from, number, about }) {
    const chosen = windows?.find((window) => window.from === from);
    if (!chosen) return words.call.noWindow;
    const when = { from: chosen.from, to: chosen.to };
    if (isNew) await desk.call("plan_callback", { conversation: item.conversation, number, about, ...when });
    else await desk.call("move_callback", { callback: item.callback?.id, ...when });
    desk.say(words.call.told);
  }

  const [title, confirm] = isNew ? [words.call.planTitle, words.call.promise] : [words.call.moveTitle, words.call.moveDo];
  return html`
    <${FormDialog} title=${title} confirm=${confirm} send=${send} onDone=${onDone} unread=${unread}>
      ${isNew &&
      html`<label for="call-number">${words.call.number}</label>
        <input id="call-number" name="number" type="tel" autocomplete="off" required maxLength="100" />`}
      <${Choices} legend=${words.call.window} name="window" choices=${(windows ?? []).map((window) => [window.from, window.title])}>
        ${windows === null && html`<p class="quiet">${words.loading}</p>`}
        ${windows?.length === 0 && html`<p>${words.call.closed}</p>`}
      <//>
      ${isNew &&
      html`<label for="call-about">${words.call.aboutOptional}</label>
        <textarea id="call-about" name="about" rows="2" maxLength="500"></textarea>`}
      <p class="quiet">${words.call.tellsPatient}</p>
    <//>
  `;
}
