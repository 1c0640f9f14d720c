// The page: reads the one-time code, puts model and views together.
import { Alarm } from "./alarm.js";
import { Desk } from "./desk.js";
import { watchPerson } from "./person.js";
import { Session } from "./session.js";
import { html, render } from "./vendor.js";
import { App } from "./view/app.js";

/** A code must not stay in the address, the history or a picture of the screen. @returns {string | null} */
function takeCode() {
  const code = new URLSearchParams(location.hash.slice(1)).get("code");
  if (code !== null) history.replaceState(null, "", location.pathname + location.search);
  return code;
}

const desk = new Desk(new Session());
const root = /** @type {Element} */ (document.getElementById("app"));
const code = takeCode();
render(html`<${App} desk=${desk} alarm=${new Alarm()} />`, root);
addEventListener("hashchange", () => {
  const late = takeCode();
  if (late !== null) void desk.start(late);
});
watchPerson(() => desk.isThere());
addEventListener("online", () => desk.hurry());
addEventListener("pageshow", (event) => event.persisted && desk.hurry());
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && desk.hurry());
void desk.start(code);
