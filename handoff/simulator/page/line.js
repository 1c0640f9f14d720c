// The way to the service: a stream of what the phones show, and small requests. Knows no DOM.

/** @typedef {import("./types.d.ts").Shown} Shown */
/** @typedef {import("./types.d.ts").About} About */

export class Line {
  /** @type {EventSource | null} */
  #stream = null;

  /** @returns {Promise<About>} */
  async about() {
    const answer = await fetch("/simulator/about");
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  }

  /** Show these numbers from now on. @param {string[]} numbers @param {(shown: Shown) => void} onShown @param {(live: boolean) => void} onLine */
  watch(numbers, onShown, onLine) {
    this.#stream?.close();
    const asked = new URLSearchParams(numbers.map((number) => ["number", number]));
    const stream = (this.#stream = new EventSource(`/simulator/events?${asked}`));
    stream.onopen = () => onLine(true);
    stream.onmessage = (event) => onShown(JSON.parse(event.data));
    stream.onerror = () => {
      if (this.#stream !== stream) return;
      onLine(false);
      if (stream.readyState === EventSource.CLOSED) setTimeout(() => this.#stream === stream && this.watch(numbers, onShown, onLine), 2_000);
    };
  }

  /** @param {"text" | "call" | "faults"} what @param {unknown} body @returns {Promise<void>} Rejects with the sentence to show. */
  async tell(what, body) {
    const answer = await fetch(`/simulator/${what}`, {
      method: "POST",
      headers: { "X-Heard": "1", "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    if (answer.ok) return;
    const found = await answer.json().catch(() => null);
    throw new Error(found?.error?.message ?? "");
  }
}
