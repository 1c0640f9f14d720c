// Times in words. Pure: the moment comes in.

const clock = new Intl.DateTimeFormat("en", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const day = new Intl.DateTimeFormat("en", { weekday: "long", day: "numeric", month: "long" });
const short = new Intl.DateTimeFormat("en", { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

/** @param {string | null} since @param {number} now @returns {string} "45 s", "3 min", "2 h 05 min", "4 days" */
export function length(since, now) {
  if (since === null) return "";
  const seconds = Math.max(0, Math.floor((now - Date.parse(since)) / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${String(minutes % 60).padStart(2, "0")} min`;
  return `${Math.floor(hours / 24)} days`;
}

/** @param {string} until @param {number} now whole seconds that are left, never below zero */
export function secondsLeft(until, now) {
  return Math.max(0, Math.ceil((Date.parse(until) - now) / 1000));
}

/** @param {string} at @returns {string} "09:41" */
export function hour(at) {
  return clock.format(new Date(at));
}

/** @param {string} at @returns {string} "Tuesday, November 24" */
export function dayOf(at) {
  return day.format(new Date(at));
}

/** @param {string} at @returns {string} "Tue, Nov 24, 09:41" */
export function moment(at) {
  return short.format(new Date(at));
}
