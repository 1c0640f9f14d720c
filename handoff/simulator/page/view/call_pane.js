// A call that rings or is talked on: accept it, hear (read) it, press keys.
import { length } from "../times.js";
import { html, useEffect, useRef, useState } from "../vendor.js";
import { words } from "../words.js";

/** @typedef {import("../types.d.ts").Call} Call */
/** @typedef {{who: import("../types.d.ts").Who, call: Call, model: import("../model.js").Model}} Props */

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];

/** @param {Props} props */
export function CallPane(props) {
  return props.call.state === "ringing" ? html`<${Ringing} ...${props} />` : html`<${Talking} ...${props} />`;
}

/** @param {Props} props */
function Ringing({ who, call, model }) {
  const [isLeft, setLeft] = useState(false);
  const title = `${who}-call`;
  return html`
    <section class="call ringing" data-left=${isLeft} aria-labelledby=${title}>
      <h3 id=${title}><span class="bell" aria-hidden="true">☎</span> ${words.call.incoming}</h3>
      <p class="number" dir="ltr">${call.sender}</p>
      ${isLeft && html`<p role="status">${words.call.rings}</p>`}
      <div class="call-acts">
        <button class="accept" onClick=${() => void model.act(call, "accept")}>${words.call.accept}</button>
        <button class="decline" onClick=${() => void model.act(call, "decline")}>${words.call.decline}</button>
        <button onClick=${() => void model.act(call, "mailbox")}>${words.call.mailbox}</button>
        ${!isLeft && html`<button onClick=${() => setLeft(true)}>${words.call.letRing}</button>`}
      </div>
    </section>
  `;
}

/** @param {Props} props */
function Talking({ who, call, model }) {
  const [pressed, setPressed] = useState("");
  const [now, setNow] = useState(Date.now());
  const heading = useRef(/** @type {HTMLElement | null} */ (null));
  const said = useRef(/** @type {HTMLElement | null} */ (null));
  const title = `${who}-call`;
  useEffect(() => {
    if (document.activeElement === document.body || document.activeElement === null) heading.current?.focus();
    const ticking = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(ticking);
  }, []);
  useEffect(() => {
    if (said.current) said.current.scrollTop = said.current.scrollHeight;
  }, [call.said.length]);

  /** @param {string} key */
  function press(key) {
    setPressed((before) => (before + key).slice(-12));
    void model.act(call, "press", key);
  }

  /** The computer's own keys, while the focus is in the call. @param {KeyboardEvent} event */
  function onKey(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || !KEYS.includes(event.key)) return;
    event.preventDefault();
    press(event.key);
  }

  async function hangUp() {
    await model.act(call, "hang_up");
    document.getElementById(`${who}-title`)?.focus();
  }

  return html`
    <section class="call talking" aria-labelledby=${title} onKeyDown=${onKey}>
      <h3 id=${title} ref=${heading} tabindex="-1">
        ${call.bridged ? words.call.bridged : words.call.talking}
        ${call.started && html` <span class="quiet" aria-hidden="true">${length((now - Date.parse(call.started)) / 1_000)}</span>`}
      </h3>
      <div class="heard" ref=${said} role="log" tabindex="0" aria-label=${words.call.said}>
        ${call.said.length === 0 && html`<p class="quiet">${words.call.silence}</p>`}
        ${call.said.map((sentence, place) => html`<p key=${place} dir="auto">${sentence}</p>`)}
      </div>
      <div class="keypad" role="group" aria-label=${words.call.keypad}>
        ${KEYS.map((key) => html`<button key=${key} aria-label=${words.call.key(key)} onClick=${() => press(key)}>${key}</button>`)}
      </div>
      <p class="pressed" role="status" dir="ltr">${pressed}</p>
      <button class="decline" onClick=${() => void hangUp()}>${words.call.hangUp}</button>
    </section>
  `;
}
