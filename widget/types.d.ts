// The shapes that the widget's modules share. Not downloaded by visitors.
export type Author = "patient" | "bot" | "staff" | "service";
export interface Button { id: string; title: string }
export interface Message {
  id: string; seq: number; client_id: string | null; author: Author; name: string | null; text: string;
  buttons: Button[]; pressed: string | null; at: string;
}
export interface State {
  state: "bot" | "choosing" | "waiting" | "human" | "parked" | "closed";
  version: number; last_seq: number; staff: { name: string } | null; ahead: number | null;
  can: string[]; asking?: { kind: string } | null;
}
export interface Trouble { code: string; message?: string; retry?: boolean; retry_after?: number }
/** Something the patient did that the service has not confirmed yet, or that has not come back as a message. */
export interface Pending {
  client_id: string; text: string; button: string | null; at: string;
  status: "sending" | "sent" | "failed"; error: string | null; seq: number; tries: number; closes: number;
}
export interface Typing { author: Author; name: string | null }
export interface Page { messages: Message[]; last_seq: number; state: State | null; more: boolean }
export interface Session {
  ticket: string; resume: string | null; fresh: boolean; expires_at: string;
  clinic: { name: string; phone: string }; emergency: string; shared_device: boolean;
}
export type Phase =
  | "idle"        // nothing was asked of the service yet
  | "connecting"  // for the first time
  | "online"
  | "offline"     // the browser has no network
  | "lost"        // the line was cut; trying again
  | "down"        // several tries failed
  | "ended" | "erased" | "expired" // over; a new chat can be started
  | "refused";    // this page may not use the service
export interface Clock { now(): number; after(ms: number, call: () => void): () => void }
export type Strings = typeof import("./locales/en.js").default;
/** What a component may do; the element implements it. */
export interface Chat {
  thread: import("./thread.js").Thread;
  transport: import("./transport.js").Transport;
  t: Strings; locale: string; locales: [string, string][]; layout: string; modal: boolean; open: boolean;
  notice: string; confirm: string; menu: boolean; nudge: boolean; draft: string; label: string; greeting: string; privacy: string; now: number;
  setOpen(on: boolean): void;
  send(text: string): boolean;
  press(button: Button): void;
  retry(item: Pending): void;
  discard(item: Pending): void;
  typed(text: string): void;
  setMenu(on: boolean): void;
  ask(what: string): void;
  confirmed(): void;
  setLocale(locale: string): void;
  download(): void;
  startNew(): void;
  hideNudge(forever: boolean): void;
  read(atEnd: boolean): void;
  say(text: string): void;
}
