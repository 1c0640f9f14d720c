// The page: puts line, model and views together.
import { Line } from "./line.js";
import { Model } from "./model.js";
import { html, render } from "./vendor.js";
import { App } from "./view/app.js";

const model = new Model(new Line());
render(html`<${App} model=${model} />`, /** @type {Element} */ (document.getElementById("app")));
void model.start();
