// What makes a waiting patient unmissable outside the page's own frame: the title, the icon, a notification, a sound.
import { choice, keepChoice } from "./keep.js";
import { words } from "./words.js";

const AGAIN = 30_000; // milliseconds between repeats while somebody waits

export class Alarm {
  sound = choice("sound", false);
  notify = choice("notify", false) && canNotify() && Notification.permission === "granted";
  #last = 0;
  #count = 0;
  #called = 0;
  /** @type {AudioContext | null} */
  #audio = null;

  get isBlocked() {
    return !canNotify() || Notification.permission === "denied";
  }

  /** @param {boolean} on a click must have asked for it */
  async setNotify(on) {
    this.notify = on && canNotify() && (await Notification.requestPermission()) === "granted";
    keepChoice("notify", this.notify);
  }

  /** @param {boolean} on */
  setSound(on) {
    this.sound = on;
    keepChoice("sound", on);
    if (on) this.#beep(false);
  }

  /** Say what there is; repeats by itself as long as it is called. @param {{waiting: number, unread: number, safety: boolean, called: number}} news @param {number} now */
  show({ waiting, unread, safety, called }, now) {
    const count = waiting + unread;
    const badge = count === 0 ? "" : `(${count}) `;
    const title = waiting === 0 ? words.app : `${safety ? words.alert.safety : words.alert.title(waiting)} · ${words.app}`;
    if (document.title !== badge + title) {
      document.title = badge + title;
      setIcon(count > 0, safety);
    }
    const isNew = waiting > this.#count || called > this.#called;
    this.#count = waiting;
    this.#called = called;
    if (waiting === 0 || (!isNew && now - this.#last < AGAIN)) return;
    this.#last = now;
    if (this.sound) this.#beep(safety);
    if (safety) this.#tell(words.alert.desktopSafety, words.alert.desktopBody, true);
    else this.#tell(words.alert.desktop, words.alert.desktopBody);
  }

  /** Whoever is about to be signed out may be looking at something else. */
  warn() {
    if (this.sound) this.#beep(false);
    this.#tell(words.idle.desktop, words.idle.why, true);
  }

  /** By a notification, to whoever is not looking here. @param {string} title @param {string} body @param {boolean} [stays] */
  #tell(title, body, stays = false) {
    if (!this.notify || document.hasFocus()) return;
    try {
      const shown = new Notification(title, { body, tag: "heard", requireInteraction: stays });
      shown.onclick = () => {
        window.focus();
        shown.close();
      };
    } catch {
      this.notify = false; // some phones have the permission but no such constructor
    }
  }

  /** @param {boolean} safety */
  #beep(safety) {
    this.#audio ??= new AudioContext();
    void this.#audio.resume();
    const start = this.#audio.currentTime;
    for (const [at, pitch] of safety ? [[0, 880], [0.18, 880], [0.36, 1175]] : [[0, 660], [0.18, 880]]) {
      const tone = new OscillatorNode(this.#audio, { frequency: pitch });
      const loud = new GainNode(this.#audio, { gain: 0 });
      loud.gain.setValueAtTime(0, start + at);
      loud.gain.linearRampToValueAtTime(0.15, start + at + 0.02);
      loud.gain.linearRampToValueAtTime(0, start + at + 0.15);
      tone.connect(loud).connect(this.#audio.destination);
      tone.start(start + at);
      tone.stop(start + at + 0.16);
    }
  }
}

function canNotify() {
  return "Notification" in window;
}

/** @param {boolean} dot @param {boolean} safety */
function setIcon(dot, safety) {
  const icon = document.getElementById("icon");
  if (!(icon instanceof HTMLLinkElement)) return;
  icon.dataset.plain ??= icon.href;
  const mark = encodeURIComponent(`<circle cx='24' cy='8' r='8' fill='${safety ? "#c01c28" : "#e07b00"}'/></svg>`);
  icon.href = dot ? icon.dataset.plain.replace("%3C/svg%3E", mark) : icon.dataset.plain;
}
