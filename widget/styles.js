// @ts-check
/** One sheet for every element on the page; colours are named once and named again for the dark. */
export const sheet = new CSSStyleSheet();

const DARK = `--heard-paper:#14201f;--heard-ink:#e8f1ef;--heard-soft:#9fb5b1;--heard-line:#33504c;--heard-mine:#1f6f64;--heard-mine-ink:#fff;
--heard-theirs:#1f302e;--heard-accent:#5cc8b6;--heard-accent-ink:#06201c;--heard-warn:#ffcf8a;--heard-warn-paper:#3a2b12;--heard-bad:#ffb4ab;--heard-note:#9fb5b1`;

sheet.replaceSync(`
:host{--heard-paper:#fff;--heard-ink:#17302d;--heard-soft:#516864;--heard-line:#cfdedb;--heard-mine:#0b6b5d;--heard-mine-ink:#fff;
--heard-theirs:#eef5f3;--heard-accent:#0b6b5d;--heard-accent-ink:#fff;--heard-warn:#6b4300;--heard-warn-paper:#fff3dc;--heard-bad:#a3160b;--heard-note:#516864;
--heard-radius:14px;--heard-font:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif;
all:initial;font:16px/1.45 var(--heard-font);color:var(--heard-ink);color-scheme:light;display:block}
@media (prefers-color-scheme:dark){:host(:not([theme="light"])){${DARK};color-scheme:dark}}
:host([theme="dark"]){${DARK};color-scheme:dark}
:host([layout="bubble"]),:host(:not([layout])){position:fixed;inset-block-end:max(16px,env(safe-area-inset-bottom));inset-inline-end:16px;z-index:2147483000}
:host([layout="inline"]){block-size:min(640px,90vh)}
:host([layout="fullscreen"]){position:fixed;inset:0}
*,*::before,*::after{box-sizing:border-box}
[hidden]{display:none!important}
.hidden{position:absolute;inline-size:1px;block-size:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
button,summary,textarea{font:inherit;color:inherit}
button,summary{min-block-size:44px;min-inline-size:44px;border:1px solid var(--heard-line);border-radius:var(--heard-radius);background:var(--heard-paper);padding:8px 14px;cursor:pointer;text-align:start}
button:disabled{cursor:default;opacity:.62}
:focus-visible{outline:3px solid var(--heard-accent);outline-offset:2px}
button.plain{border-color:transparent;background:none;text-decoration:underline;padding:4px 8px}
.launcher{background:var(--heard-accent);color:var(--heard-accent-ink);border-color:transparent;border-radius:999px;padding:12px 22px;font-weight:600;box-shadow:0 6px 20px rgb(0 0 0/.22);display:flex;gap:8px;align-items:center}
.badge{background:var(--heard-bad);color:#fff;border-radius:999px;min-inline-size:24px;padding:0 7px;text-align:center;font-size:14px;background:#a3160b}
.panel{display:flex;flex-direction:column;background:var(--heard-paper);overflow:hidden;position:relative;block-size:100%;min-inline-size:0}
:host([layout="inline"]) .panel{border:1px solid var(--heard-line);border-radius:var(--heard-radius)}
:host([layout="bubble"]) .panel,:host(:not([layout])) .panel{position:absolute;inset-block-end:64px;inset-inline-end:0;inline-size:min(400px,calc(100vw - 32px));block-size:min(640px,calc(100dvh - 100px));border:1px solid var(--heard-line);border-radius:calc(var(--heard-radius) + 4px);box-shadow:0 14px 44px rgb(0 0 0/.25)}
.head{display:flex;align-items:center;gap:4px;padding:6px 8px 6px 18px;padding-inline:18px 8px;border-block-end:1px solid var(--heard-line)}
.head h2{font-size:17px;line-height:1.25;margin:0;flex:1}
.icon,summary{border-color:transparent;background:none;display:grid;place-items:center;padding:0;list-style:none;font-size:20px}
summary::-webkit-details-marker{display:none}
.menu{position:relative}
.items{position:absolute;inset-inline-end:0;inset-block-start:46px;z-index:3;background:var(--heard-paper);border:1px solid var(--heard-line);border-radius:var(--heard-radius);box-shadow:0 10px 30px rgb(0 0 0/.22);padding:6px;display:grid;inline-size:max-content;max-inline-size:min(280px,80vw)}
.items button{border:0}
.items button:hover,.choices button:not(:disabled):hover{background:var(--heard-theirs)}
.danger{color:var(--heard-bad)}
.banners{display:grid}
.banner{margin:0;padding:8px 18px;font-size:15px;background:var(--heard-theirs);border-block-end:1px solid var(--heard-line)}
.banner.lost,.banner.broken,.sure{background:var(--heard-warn-paper);color:var(--heard-warn)}
.sure p{margin:0 0 8px}
.sure button{background:var(--heard-paper);margin-inline-end:8px}
.sure button:not(.danger){color:var(--heard-ink)}
.log{flex:1;min-block-size:90px;overflow-y:auto;overscroll-behavior:contain;padding:14px 18px;display:flex;flex-direction:column}
.log>[role="log"]{display:flex;flex-direction:column;gap:8px}
.fine{font-size:14px;color:var(--heard-soft);margin:0 0 12px}
.divider{text-align:center;font-size:13px;color:var(--heard-soft);margin:8px 0}
.fresh{color:var(--heard-accent);font-weight:600}
.said{max-inline-size:86%;align-self:flex-start;display:flex;flex-direction:column;gap:4px}
.said .text{background:var(--heard-theirs);border-radius:var(--heard-radius);border-end-start-radius:4px;padding:9px 14px;white-space:pre-wrap;overflow-wrap:anywhere;unicode-bidi:isolate}
.said.patient{align-self:flex-end;align-items:flex-end}
.patient .text{background:var(--heard-mine);color:var(--heard-mine-ink);border-end-start-radius:var(--heard-radius);border-end-end-radius:4px}
.patient a{color:inherit}
.text a{color:inherit;text-underline-offset:2px}
.staff .text{border:2px solid var(--heard-accent)}
.name{font-size:13px;font-weight:600;color:var(--heard-accent)}
.service{align-self:stretch;max-inline-size:100%}
.service .text{background:none;border-inline-start:3px solid var(--heard-line);border-radius:0;padding:4px 12px;color:var(--heard-ink);font-size:15px}
.sending .text{opacity:.8}
.failed .text{background:none;color:var(--heard-ink);border:2px dashed var(--heard-bad)}
.status{font-size:13px;color:var(--heard-soft)}
.failed .status{color:var(--heard-bad)}
.choices{display:flex;flex-direction:column;gap:6px;margin-block-start:4px}
.choices.many{flex-direction:row;flex-wrap:wrap}
.many button{text-align:center}
.urgent{margin:0}
h2,.fine,.banner,.sure p,.typing,.left,.status,button,.launcher span{unicode-bidi:plaintext}
.choices button{border-color:var(--heard-accent);border-radius:999px}
.choices .chosen{background:var(--heard-mine);color:var(--heard-mine-ink);opacity:1}
.typing{min-block-size:22px;margin:6px 0 0;font-size:14px;color:var(--heard-soft)}
.typing i{display:inline-block;inline-size:8px;block-size:8px;border-radius:50%;background:var(--heard-accent);margin-inline-end:8px;animation:pulse 1.2s ease-in-out infinite}
@keyframes pulse{50%{opacity:.25}}
.jump{position:absolute;inset-block-end:150px;inset-inline:0;margin-inline:auto;inline-size:max-content;background:var(--heard-accent);color:var(--heard-accent-ink);border-radius:999px}
.foot,.composer{grid-template-columns:minmax(0,1fr);min-inline-size:0}
:host([layout="fullscreen"]) .panel>*{padding-inline:max(18px,calc((100% - 46rem)/2))}
.foot{border-block-start:1px solid var(--heard-line);padding:8px 12px max(10px,env(safe-area-inset-bottom));display:grid;gap:6px}
.person{justify-self:start;border-color:var(--heard-accent);color:var(--heard-accent);border-radius:999px;font-weight:600}
.over p{margin:4px}
.composer .row{display:flex;gap:8px;align-items:flex-end}
.left{margin:0;font-size:13px;color:var(--heard-soft)}
.left:empty{display:none}
textarea{flex:1;min-inline-size:0;min-block-size:46px;max-block-size:140px;resize:none;padding:10px 12px;border:1px solid var(--heard-soft);border-radius:var(--heard-radius);background:var(--heard-paper);font-size:max(16px,1em);field-sizing:content;overflow-wrap:anywhere;inline-size:0}
textarea[aria-invalid]{border-color:var(--heard-bad)}
.send{background:var(--heard-accent);color:var(--heard-accent-ink);border-color:transparent;font-weight:600}
.invitation{position:absolute;inset-block-end:64px;inset-inline-end:0;inline-size:min(280px,80vw);background:var(--heard-paper);border:1px solid var(--heard-line);border-radius:var(--heard-radius);padding:10px;box-shadow:0 8px 26px rgb(0 0 0/.2);display:grid;gap:2px}
.invitation .plain:first-child{text-decoration:none;font-weight:600}
.small{font-size:13px}
@media (max-width:480px),(max-height:420px){
:host([layout="bubble"]) .panel,:host(:not([layout])) .panel{position:fixed;inset:0;inline-size:100vw;block-size:100dvh;border:0;border-radius:0}}
@media (max-height:420px){.fine:not(.urgent){display:none}.head{padding-block:0}.jump{inset-block-end:110px}}
@media (prefers-reduced-motion:reduce){.typing i{animation:none}}
@media (forced-colors:active){.said .text,button,.badge{border:1px solid CanvasText}.choices .chosen{border:3px solid Highlight}}
`);
