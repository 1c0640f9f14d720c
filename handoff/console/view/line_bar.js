// What stands across the page while the line is not live, and what just happened.
import { html } from "../vendor.js";
import { words } from "../words.js";

/** @param {{desk: import("../desk.js").Desk, onPassword: () => void}} props */
export function LineBar({ desk, onPassword }) {
  return html`
    <div role="status" class="bars">
      ${desk.line !== "live" &&
      html`<p class="bar line-bar" data-line=${desk.line}>
        <span>${words.line[desk.line]}</span>
        ${desk.line === "cut" && html`<button onClick=${() => desk.hurry()}>${words.line.now}</button>`}
      </p>`}
      ${desk.texting.map((what) => html`<p key=${what} class="bar line-bar" data-texting=${what}><span>${words.texting(what)}</span></p>`)}
      ${desk.byCode && html`<p class="bar hint-bar"><span>${words.password.hint}</span> <button onClick=${onPassword}>${words.password.set}</button></p>`}
      ${desk.notice &&
      html`<p class=${desk.notice.bad ? "bar notice bad" : "bar notice"}>
        <span>${desk.notice.text}</span> <button onClick=${() => desk.hush()}>${words.dismiss}</button>
      </p>`}
    </div>
  `;
}
