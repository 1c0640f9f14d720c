// A modal dialog: the browser keeps the focus inside, Esc closes.
import { html, useEffect, useRef } from "../vendor.js";

/** @param {{title: string, onDone: () => void, children?: unknown}} props */
export function Dialog({ title, onDone, children }) {
  const box = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useEffect(() => {
    box.current?.showModal();
    return () => box.current?.close();
  }, []);
  return html`
    <dialog ref=${box} aria-labelledby="dialog-title" onCancel=${(/** @type {Event} */ event) => (event.preventDefault(), onDone())}>
      <h2 id="dialog-title">${title}</h2>
      ${children}
    </dialog>
  `;
}
