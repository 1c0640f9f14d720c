// @ts-check
import { fill, html } from "./html.js";

export const MAX_TEXT = 4000;
const SHOW_LEFT = 200;

/** Characters as the service counts them. @param {string} text */
export const lengthOf = (text) => [...text].length;

/** Enter sends, Shift+Enter is a new line, an input method's Enter is its own. @param {any} props */
export function Composer({ chat }) {
  const { words, draft } = chat;
  const left = MAX_TEXT - lengthOf(draft);
  /** @param {KeyboardEvent} event */
  const onKey = (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) {
      event.preventDefault();
      chat.submit();
    }
  };
  /** @param {Event} event */
  const onSubmit = (event) => {
    event.preventDefault();
    chat.submit();
  };
  return html`<form class="composer" part="composer" onSubmit=${onSubmit}>
    <p class="left" id="left" role="status">
      ${left < 0 ? fill(words.tooLong, { count: -left }) : left <= SHOW_LEFT ? fill(words.left, { count: left < 50 ? left : Math.ceil(left / 50) * 50 }) : ""}
    </p>
    <div class="row">
      <textarea
        id="text"
        part="input"
        rows="1"
        enterkeyhint="send"
        autocomplete="off"
        dir="auto"
        aria-label=${words.placeholder}
        placeholder=${words.placeholder}
        aria-describedby="left"
        aria-invalid=${left < 0 ? "true" : undefined}
        value=${draft}
        onInput=${(/** @type {any} */ event) => chat.write(event.target.value)}
        onKeyDown=${onKey}
      ></textarea>
      <button type="submit" class="send" part="send" disabled=${left < 0 || !draft.trim()}>${words.send}</button>
    </div>
  </form>`;
}
