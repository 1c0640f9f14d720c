// Pictures that came with a text: shown small where the clinic has them fetched; else one plain line says that they came.
import { html, useEffect, useState } from "../vendor.js";
import { words } from "../words.js";

/** @typedef {import("../types.d.ts").Picture} Picture */

/** What a message says of itself before anything else is known. @param {import("../types.d.ts").Message} message @returns {Picture[]} */
export function unopened(message) {
  return message.pressed === "picture" ? [{ id: null, state: "not_opened", reason: null }] : [];
}

/** @param {{desk: import("../desk.js").Desk, pictures: Picture[]}} props */
export function Pictures({ desk, pictures }) {
  if (pictures.length === 0) return null;
  const closed = pictures.filter(({ state }) => state === "not_opened").length;
  return html`<ul class="pictures">
    ${closed > 0 && html`<li key="closed" class="picture-note">${words.thread.unopened(closed)}</li>`}
    ${pictures.map(({ id, state, reason }) => {
      if (id === null) return null;
      if (state === "kept") return html`<${Kept} key=${id} desk=${desk} id=${id} />`;
      return html`<li key=${id} class="picture-note">${state === "waiting" ? words.thread.pictureComes : words.thread.pictureFailed(words.pictureReason(reason))}</li>`;
    })}
  </ul>`;
}

/** @param {{desk: import("../desk.js").Desk, id: string}} props */
function Kept({ desk, id }) {
  const [source, setSource] = useState(/** @type {string | null} */ (null));
  const [trouble, setTrouble] = useState("");
  const [large, setLarge] = useState(false);
  useEffect(() => {
    let wanted = true;
    desk.picture(id).then(
      (found) => wanted && setSource(found),
      (error) => wanted && setTrouble(error.message),
    );
    return () => void (wanted = false);
  }, [id]);
  if (source === null) return html`<li class="picture-note">${trouble ? words.thread.pictureFailed(trouble) : words.thread.pictureComes}</li>`;
  return html`<li>
    <button class="picture" data-large=${large} aria-expanded=${String(large)} title=${large ? words.thread.smaller : words.thread.larger} onClick=${() => setLarge(!large)}>
      <img src=${source} alt=${words.thread.picture} />
    </button>
  </li>`;
}
