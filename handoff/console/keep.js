// What survives a reload. Unsent words stay in this tab (sessionStorage) and go with the sign-out; choices stay in the browser.

const HERE = "heard.desk.";

/** @param {string} key @param {string} text an empty text forgets the key */
export function keepDraft(key, text) {
  attempt(() => (text === "" ? sessionStorage.removeItem(`${HERE}draft.${key}`) : sessionStorage.setItem(`${HERE}draft.${key}`, text)));
}

/** @param {string} key @returns {string} */
export function draft(key) {
  return attempt(() => sessionStorage.getItem(`${HERE}draft.${key}`)) ?? "";
}

/** @param {string} staff @param {import("./types.d.ts").Unsent[]} unsent */
export function keepUnsent(staff, unsent) {
  attempt(() => sessionStorage.setItem(`${HERE}unsent`, JSON.stringify({ staff, unsent })));
}

/** Words of somebody else who used this tab are dropped unread. @param {string} staff @returns {import("./types.d.ts").Unsent[]} */
export function unsentOf(staff) {
  const kept = attempt(() => JSON.parse(sessionStorage.getItem(`${HERE}unsent`) ?? "null"));
  if (kept?.staff === staff && Array.isArray(kept.unsent)) return kept.unsent;
  if (kept) forgetWords();
  return [];
}

export function forgetWords() {
  attempt(() => {
    for (const key of Object.keys(sessionStorage)) if (key.startsWith(HERE)) sessionStorage.removeItem(key);
  });
}

/** @param {"sound" | "notify" | "question_key"} name @param {boolean} usual @returns {boolean} */
export function choice(name, usual) {
  const kept = attempt(() => localStorage.getItem(HERE + name));
  return kept === null || kept === undefined ? usual : kept === "yes";
}

/** @param {"sound" | "notify" | "question_key"} name @param {boolean} on */
export function keepChoice(name, on) {
  attempt(() => localStorage.setItem(HERE + name, on ? "yes" : "no"));
}

/** Storage can be full or forbidden; the console works without it. @template T @param {() => T} act @returns {T | undefined} */
function attempt(act) {
  try {
    return act();
  } catch {
    return undefined;
  }
}
