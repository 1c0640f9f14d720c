// The whole page: signed out or at the desk.
import { html } from "../vendor.js";
import { words } from "../words.js";
import { DeskView } from "./desk_view.js";
import { SignIn } from "./sign_in.js";
import { useDesk } from "./use.js";

/** @param {{desk: import("../desk.js").Desk, alarm: import("../alarm.js").Alarm}} props */
export function App({ desk, alarm }) {
  useDesk(desk);
  if (desk.stage === "looking") return html`<main class="looking"><p role="status">${desk.notice?.text ?? words.loading}</p></main>`;
  if (desk.stage !== "in") {
    alarm.show({ waiting: 0, unread: 0, safety: false, called: 0 }, 0);
    return html`<${SignIn} desk=${desk} />`;
  }
  return html`<${DeskView} desk=${desk} alarm=${alarm} />`;
}
