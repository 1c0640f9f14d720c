// Both phones and the failures; on a narrow screen one of them at a time.
import { html, useEffect, useLayoutEffect, useState } from "../vendor.js";
import { words } from "../words.js";
import { FaultsPane } from "./faults_pane.js";
import { PhonePane } from "./phone_pane.js";

/** @typedef {import("../types.d.ts").Who} Who */
/** @type {Who[]} */
const PHONES = ["patient", "staff"];

/** @param {{model: import("../model.js").Model}} props */
export function App({ model }) {
  const [, draw] = useState(0);
  const [pane, setPane] = useState(/** @type {Who | "faults"} */ ("patient"));
  useLayoutEffect(() => model.listen(() => draw((count) => count + 1)), [model]);
  const ringing = PHONES.filter((who) => model.phone(who).call?.state === "ringing");
  const failing = Object.values(model.faults).some(Boolean) || model.phone("patient").error > 0 || model.phone("patient").opted_out;
  useEffect(() => {
    document.title = ringing.length > 0 ? words.ringingTitle : words.title;
  }, [ringing.length]);

  return html`
    <header class="top">
      <div>
        <h1 class="brand">${words.brand}</h1>
        <p class="quiet">${words.about}</p>
      </div>
      <nav class="links">
        <a href="/desk" target="_top">${words.console}</a>
        <a href="/all" target="_top">${words.all}</a>
      </nav>
    </header>
    <nav class="tabs" aria-label=${words.panes}>
      ${PHONES.map(
        (who) =>
          html`<button key=${who} aria-current=${pane === who} onClick=${() => setPane(who)}>
            ${words.phone[who]} ${ringing.includes(who) && html`<span class="ringing-mark">☎<span class="unseen"> ${words.call.incoming}</span></span>`}
          </button>`,
      )}
      <button aria-current=${pane === "faults"} onClick=${() => setPane("faults")}>${words.faults.tab} ${failing && html`<span aria-hidden="true">●</span>`}</button>
    </nav>
    ${!model.live && html`<p class="line-lost" role="status">${words.lost}</p>`}
    <main class="panes" data-pane=${pane}>
      ${model.about && PHONES.map((who) => html`<${PhonePane} key=${who} who=${who} model=${model} />`)}
      ${model.about && html`<${FaultsPane} model=${model} />`}
    </main>
    <p class="unseen" role="alert">${ringing.map((who) => words.call.announced(words.phone[who])).join(" ")}</p>
  `;
}
