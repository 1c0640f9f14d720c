// @ts-check
// The short way to embed: <script async src="https://…/widget/embed.js" data-layout="bubble" data-locale="en"></script>
// A page may call before this has loaded: window.Heard = window.Heard || function () { (Heard.q = Heard.q || []).push(arguments) }
(() => {
  const ATTRIBUTES = ["server", "layout", "locale", "survey", "theme", "storage", "invite-after", "privacy"];
  const script = /** @type {HTMLScriptElement} */ (
    document.currentScript ?? [...document.scripts].find((one) => /\/widget\/embed\.js$/.test(one.src.split("?")[0]))
  );
  const chat = /** @type {import("./feedback-chat.js").FeedbackChat} */ (document.createElement("feedback-chat"));

  /** @type {Record<string, (...values: any[]) => void>} */
  const CALLS = {
    open: () => chat.open(),
    close: () => chat.close(),
    toggle: () => chat.toggle(),
    identify: (/** @type {string | null} */ who) => chat.identify(who),
    update: (/** @type {Record<string, string>} */ settings) => {
      for (const [name, value] of Object.entries(settings)) if (ATTRIBUTES.includes(name)) chat.setAttribute(name, value);
    },
    shutdown: () => chat.end(true).then(() => chat.remove()),
    on: (/** @type {string} */ name, /** @type {(event: Event) => void} */ heard) => chat.addEventListener(`heard:${name}`, heard),
  };

  for (const name of ATTRIBUTES) {
    const value = script.getAttribute(`data-${name}`);
    if (value) chat.setAttribute(name, value);
  }
  if (!chat.hasAttribute("server")) chat.setAttribute("server", new URL(script.src).origin);

  // import(), not a script element: that needs no permission where Trusted Types are required.
  import(new URL("feedback-chat.js", script.src).href).then(() => {
    document.body.append(chat);
    const host = /** @type {any} */ (window);
    const early = host.Heard?.q ?? [];
    host.Heard = (/** @type {string} */ name, /** @type {any[]} */ ...values) => CALLS[name]?.(...values);
    for (const call of early) host.Heard(...call);
  });
})();
