// A modal dialog: the browser keeps the focus inside, Esc closes.
import { html, useEffect, useRef } from "../vendor.js";

/** @param {{title: string, onDone: () => void, id?: string, children?: unknown}} props `id`: where it may stand over another one */
export function Dialog({ title, onDone, id = "dialog", children }) {
  const box = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useEffect(() => {
    box.current?.showModal();
    return () => box.current?.close();
  }, []);
  return html`
    <dialog ref=${box} aria-labelledby=${`${id}-title`} onCancel=${(/** @type {Event} */ event) => (event.preventDefault(), onDone())}>
      <h2 id=${`${id}-title`}>${title}</h2>
      ${children}
    </dialog>
  `;
}
