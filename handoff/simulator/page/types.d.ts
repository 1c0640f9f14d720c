// The wire's shapes, as the simulator sends them.
export interface About { clinic: string; ours: string; patient: string; staff: string }
export interface Text {
  sid: string;
  mine: boolean;
  body: string;
  media: number;
  at: string;
  state: string;
  error: number | null;
  reached: boolean;
  taken: number | null;
}
export interface Call {
  sid: string;
  sender: string;
  at: string;
  state: string;
  mailbox: boolean;
  said: string[];
  asked: boolean;
  bridged: boolean;
  started: string | null;
  seconds: number;
  alive: boolean;
}
export interface Phone { number: string; texts: Text[]; calls: Call[]; call: Call | null; error: number; opted_out: boolean }
export interface Faults { slow: boolean; lost: boolean; deaf: boolean }
export interface Shown { phones: Phone[]; faults: Faults }
export type Who = "patient" | "staff";
export type Act = "accept" | "decline" | "mailbox" | "hang_up" | "press";
