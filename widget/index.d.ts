// What a page may use of the widget.
export interface HeardEvents {
  "heard:open": CustomEvent<Record<string, never>>;
  "heard:close": CustomEvent<Record<string, never>>;
  /** Who wrote, never what. */
  "heard:message": CustomEvent<{ author: "patient" | "bot" | "staff" | "service"; seq: number }>;
  "heard:error": CustomEvent<{ code: string }>;
}
/**
 * `<feedback-chat>`. Attributes: `server`, `layout` (bubble | inline | fullscreen), `locale` (en | es), `survey`, `theme` (light | dark),
 * `storage` (local | session), `invite-after` (seconds; off without it), `privacy` (an https address).
 * Parts: launcher, panel, header, message, choice, composer, input, send, person, invitation. Colours: `--heard-*` custom properties.
 */
export class FeedbackChat extends HTMLElement {
  open(focus?: boolean): void;
  close(): void;
  toggle(): void;
  /** Any word that stands for whoever is signed in on your page; a change makes this device forget the chat. It is not sent anywhere. */
  identify(who: string | null): void;
  /** End the conversation; with `clear`, forget it on this device. */
  end(clear: boolean): Promise<void>;
}
type Name = "open" | "close" | "message" | "error";
export interface Heard {
  (call: "open" | "close" | "toggle" | "shutdown"): void;
  (call: "identify", who: string | null): void;
  (call: "update", settings: Record<string, string>): void;
  (call: "on", name: Name, heard: (event: Event) => void): void;
  q?: unknown[];
}
declare global {
  interface HTMLElementTagNameMap { "feedback-chat": FeedbackChat }
  interface Window { Heard?: Heard }
}
