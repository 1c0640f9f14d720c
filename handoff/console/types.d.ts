// The wire's shapes, as the service sends them.
export interface Me { id: string; name: string; role: string; available: boolean; phone?: string | null }
export interface Reason { reason: string; words: string }
export interface Line { author: string; text: string; at: string }
export interface Case { kind: string; state: string; due_at: string | null }
export interface Callback {
  id: string;
  state: string;
  number: string;
  ending: string;
  window_from: string;
  window_to: string;
  about: string;
  language: string;
  attempts: number;
  next_at: string | null;
  staff: { id: string; name: string } | null;
  leg: "ringing_staff" | "ringing_patient" | "talking" | null;
}
export interface Page { who: "everybody" | "supervisor" | "admin"; step: number; at: string; texts?: PageText[] }
export interface Offer { mine: boolean; call: boolean; name: string; until: string }
export interface Item {
  conversation: string;
  version: number;
  state: string;
  owner: string;
  staff: { id: string; name: string } | null;
  channel: string;
  texts?: string | null;
  locale: string;
  priority: number;
  reasons: Reason[];
  waiting_since: string | null;
  since?: string | null;
  last_line: Line | null;
  last_seq: number;
  case: Case | null;
  callback?: Callback | null;
  page?: Page | null;
  mark?: string | null;
  offer?: Offer | null;
  team?: string | null;
  topic?: string | null;
  note?: string | null;
  can: string[];
}
export interface Message {
  id: string;
  seq: number;
  client_id: string | null;
  author: string;
  name: string | null;
  text: string;
  buttons: { id: string; title: string }[];
  pressed: string | null;
  at: string;
}
export interface Delivery { state: "queued" | "sent" | "delivered" | "failed" | "uncertain"; reason: string | null }
export interface PageText extends Delivery { phone: string }
export interface Picture { id: string | null; state: "not_opened" | "waiting" | "kept" | "failed"; reason: string | null }
export interface Answer { survey: string; title: string; question: string; text: string; state: string; label: string | null; at: string | null }
export interface Move { at: string; who: string; had?: string | null; event: string; from_state: string; to_state: string; why: string | null }
export interface Unsent { conversation: string; client_id: string; text: string; at: string; state: "sending" | "failed"; tries: number; trouble: string }
