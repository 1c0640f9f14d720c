// The reply: grows with the text, keeps it over a reload, sends with Enter.
import { draft, keepDraft } from "../keep.js";
import { html, useEffect, useLayoutEffect, useRef, useState } from "../vendor.js";
import { words } from "../words.js";

const LONGEST = 4000;

/** @param {{desk: import("../desk.js").Desk, thread: import("../thread.js").Thread, item: import("../types.d.ts").Item | undefined}} props */
export function Reply({ desk, thread, item }) {
  const field = useRef(/** @type {HTMLTextAreaElement | null} */ (null));
  const [text, setText] = useState(() => draft(thread.conversation));
  const may = item?.can.includes("write") ?? false;
  const left = LONGEST - [...text.trim()].length;

  useLayoutEffect(() => {
    if (!field.current) return;
    field.current.style.height = "auto";
    field.current.style.height = `${field.current.scrollHeight + 2}px`;
  }, [text, may]);
  useEffect(() => {
    /** @param {Event} event */
    const edit = (event) => {
      const { conversation, text: again } = /** @type {CustomEvent} */ (event).detail;
      if (conversation !== thread.conversation) return;
      put(text.trim() ? `${again}\n${text}` : again);
      field.current?.focus();
    };
    addEventListener("heard-edit", edit);
    return () => removeEventListener("heard-edit", edit);
  });

  /** @param {string} next */
  function put(next) {
    setText(next);
    keepDraft(thread.conversation, next);
  }

  function send() {
    if (text.trim() === "" || left < 0) return;
    desk.write(thread.conversation, text.trim());
    put("");
    field.current?.focus();
  }

  /** @param {KeyboardEvent} event */
  function pressed(event) {
    // 229: the key that ends a composition in Safari says isComposing = false.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    send();
  }

  if (!may && text.trim() === "") return html`<p class="no-reply">${whyNot(item, desk)}</p>`;
  return html`
    <form class="reply" onSubmit=${(/** @type {Event} */ event) => (event.preventDefault(), may && send())}>
      ${!may && html`<p class="no-reply">${whyNot(item, desk)}</p>`}
      <label class="unseen" for="reply">${words.reply.label}</label>
      <textarea
        id="reply"
        ref=${field}
        rows="2"
        dir="auto"
        placeholder=${words.reply.label}
        aria-describedby="reply-hint"
        aria-invalid=${left < 0}
        readOnly=${!may}
        value=${text}
        onInput=${(/** @type {any} */ event) => (put(event.target.value), event.target.value.trim() && desk.typed())}
        onKeyDown=${pressed}
        onBlur=${() => desk.stopTyping()}
      ></textarea>
      <div class="reply-end">
        <p id="reply-hint" class=${left < 0 ? "over" : "quiet"} aria-live="polite">${left < 200 ? words.reply.left(left) : words.reply.hint}</p>
        <button class="primary" type="submit" aria-disabled=${!may || text.trim() === "" || left < 0}>${words.reply.send}</button>
      </div>
    </form>
  `;
}

/** @param {import("../types.d.ts").Item | undefined} item @param {import("../desk.js").Desk} desk */
function whyNot(item, desk) {
  if (!item) return words.reply.gone;
  if (item.state === "closed" && !item.case) return words.reply.over;
  if (item.staff && item.staff.id !== desk.me?.id) return words.reply.with(item.staff.name);
  if (item.can.includes("take")) return words.reply.notYours;
  return item.owner === "bot" ? words.reply.withBot : words.reply.notYours;
}
