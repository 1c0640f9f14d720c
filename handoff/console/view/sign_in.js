// Signed out: address and password.
import { asTrouble } from "../desk.js";
import { html, useEffect, useRef, useState } from "../vendor.js";
import { words } from "../words.js";

/** @param {{desk: import("../desk.js").Desk}} props */
export function SignIn({ desk }) {
  const first = useRef(/** @type {HTMLInputElement | null} */ (null));
  const [trouble, setTrouble] = useState("");
  const [isBusy, setBusy] = useState(false);
  useEffect(() => first.current?.focus(), []);

  /** @param {SubmitEvent} event */
  async function submit(event) {
    event.preventDefault();
    const form = new FormData(/** @type {HTMLFormElement} */ (event.currentTarget));
    const [email, password] = [String(form.get("email")).trim(), String(form.get("password"))];
    if (!email || !password) return setTrouble(words.signIn.missing);
    setBusy(true);
    setTrouble("");
    try {
      await desk.signIn(email, password);
    } catch (error) {
      setTrouble(asTrouble(error).message);
      setBusy(false);
    }
  }

  const shown = trouble || desk.notice?.text || (desk.stage === "ended" ? words.signIn.ended : "");
  return html`
    <main class="sign-in">
      <form class="card" onSubmit=${submit} noValidate aria-labelledby="sign-in-title">
        <p class="brand">${words.app} <span>${words.desk}</span></p>
        <h1 id="sign-in-title">${words.signIn.title}</h1>
        <p class="quiet">${words.signIn.intro}</p>
        <p class=${shown ? "trouble" : "no-trouble"} id="sign-in-trouble" role="alert">${shown}</p>
        <label for="email">${words.signIn.email}</label>
        <input id="email" name="email" type="email" autocomplete="username" ref=${first} aria-describedby="sign-in-trouble" required />
        <label for="password">${words.signIn.password}</label>
        <input id="password" name="password" type="password" autocomplete="current-password" aria-describedby="sign-in-trouble" required />
        <button class="primary" type="submit" aria-disabled=${isBusy}>${isBusy ? words.signIn.busy : words.signIn.submit}</button>
      </form>
    </main>
  `;
}
