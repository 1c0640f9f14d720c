// @ts-check
// The short way to embed: <script async type="module" src="https://…/widget/embed.js" data-layout="bubble" data-locale="en"></script>
// A page may call before this has loaded: window.Heard = window.Heard || function () { (Heard.q = Heard.q || []).push(arguments) }
import "./feedback-chat.js";

const ATTRIBUTES = ["server", "layout", "locale", "survey", "theme", "storage", "invite-after"];
const script = /** @type {HTMLScriptElement | null} */ (
  document.querySelector(`script[src^="${CSS.escape(import.meta.url)}"]`) ??
    [...document.scripts].find((one) => new URL(one.src || "about:blank", location.href).href === import.meta.url)
);
const chat = /** @type {import("./feedback-chat.js").FeedbackChat} */ (document.createElement("feedback-chat"));

/** @type {Record<string, (...values: any[]) => void>} */
const CALLS = {
  open: () => chat.open(),
  close: () => chat.close(),
  toggle: () => chat.toggle(),
  update: (/** @type {Record<string, string>} */ settings) => {
    for (const [name, value] of Object.entries(settings)) if (ATTRIBUTES.includes(name)) chat.setAttribute(name, value);
  },
  shutdown: () => chat.end(true).then(() => chat.remove()),
  on: (/** @type {string} */ name, /** @type {(event: Event) => void} */ heard) => chat.addEventListener(`heard:${name}`, heard),
};

for (const name of ATTRIBUTES) {
  const value = script?.getAttribute(`data-${name}`);
  if (value) chat.setAttribute(name, value);
}
document.body.append(chat);

const host = /** @type {any} */ (window);
const early = host.Heard?.q ?? [];
host.Heard = (/** @type {string} */ name, /** @type {any[]} */ ...values) => CALLS[name]?.(...values);
for (const call of early) host.Heard(...call);
