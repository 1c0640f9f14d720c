// What goes wrong on purpose.
import { html } from "../vendor.js";
import { words } from "../words.js";

const ERRORS = /** @type {const} */ ([0, 30003, 30007]);

/** @param {{model: import("../model.js").Model}} props */
export function FaultsPane({ model }) {
  const phone = model.phone("patient");
  return html`
    <section class="faults" aria-labelledby="faults-title">
      <h2 id="faults-title">${words.faults.title}</h2>
      <fieldset>
        <legend>${words.faults.texts(phone.number)}</legend>
        ${ERRORS.map(
          (error) =>
            html`<label key=${error} class="choice">
              <input type="radio" name="error" checked=${phone.error === error} onChange=${() => void model.fail({ error })} />
              ${error === 0 ? words.faults.arrive : words.faults[error]}
            </label>`,
        )}
        <label class="choice">
          <input type="checkbox" checked=${phone.opted_out} onChange=${(/** @type {any} */ event) => void model.fail({ opted_out: event.target.checked })} />
          ${words.faults.optedOut}
        </label>
      </fieldset>
      <fieldset>
        <legend>${words.faults.provider}</legend>
        ${/** @type {const} */ (["slow", "lost", "deaf"]).map(
          (name) =>
            html`<label key=${name} class="choice">
              <input type="checkbox" checked=${model.faults[name]} onChange=${(/** @type {any} */ event) => void model.fail({ [name]: event.target.checked })} />
              ${words.faults[name]}
            </label>`,
        )}
      </fieldset>
    </section>
  `;
}
