// A small drawing of a picture.
import { html } from "../vendor.js";

export function Picture() {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
    <rect x="3" y="5" width="18" height="14" rx="2.5" />
    <circle cx="8.5" cy="10" r="1.6" />
    <path d="M4 17.5l5-4.5 3.5 3 3-2.5 4.5 4" />
  </svg>`;
}
