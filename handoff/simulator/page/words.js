// Everything the page says.
export const words = {
  title: "Phone",
  ringingTitle: "☎ Ringing",
  brand: "The phone on the screen",
  about: "Texts and calls go through a look-alike of the phone provider on this machine. No real phone is reached.",
  console: "Console",
  all: "Everything side by side",
  panes: "Show",
  lost: "No connection to the service. Trying again …",
  phone: { patient: "Patient’s phone", staff: "Staff phone" },
  empty: {
    /** @param {string} ours */
    patient: (ours) => `Nothing here yet. Write a text to the clinic (${ours}), for example “hello”.`,
    staff: () => "Nothing here yet. When the clinic phones a patient back, this phone rings first.",
  },
  number: {
    change: "Change the number",
    label: "Number of this phone",
    hint: "In the international form, for example +12025550143.",
    wrong: "That is no number in the international form: + and 7 to 15 digits.",
    use: "Use this number",
  },
  thread: "Texts and calls",
  write: "Write a text",
  send: "Send",
  picture: "Send a picture",
  pictures: /** @param {number} count */ (count) => (count === 1 ? "A picture" : `${count} pictures`),
  notSent: "That was not sent. Please try again.",
  mark: {
    sending: "Sending …",
    delivered: "Delivered",
    unreachable: "The clinic could not be reached. It asks for missed texts every few minutes.",
    /** @param {number} status */
    refused: (status) => `The clinic’s system did not take it (${status}).`,
    onItsWay: "On its way …",
    /** @param {string} why */
    never: (why) => `Never arrived on this phone: ${why}`,
  },
  /** @type {Record<number, string>} */
  errors: { 30003: "the phone cannot be reached (30003)", 30007: "the carrier filtered it (30007)" },
  otherError: /** @param {number | null} code */ (code) => (code ? `error ${code}` : "no reason given"),
  call: {
    incoming: "Incoming call",
    /** @param {string} phone */
    announced: (phone) => `Incoming call. ${phone}.`,
    accept: "Accept",
    decline: "Decline",
    mailbox: "Voicemail",
    letRing: "Let it ring",
    rings: "It rings on. The caller gives up after a while.",
    talking: "On the phone",
    bridged: "Connected with the other phone",
    hangUp: "Hang up",
    keypad: "Keypad",
    said: "What is said",
    silence: "Nothing has been said yet.",
    taking: "Voicemail is taking a message …",
    voicemail: "Voicemail",
    emptyVoicemail: "Voicemail without words",
    missed: "Missed call",
    declined: "Declined call",
    failed: "Call that failed",
    /** @param {string} length */
    done: (length) => `Call, ${length}`,
    /** @param {string} key */
    key: (key) => ({ "*": "Star", "#": "Hash" })[key] ?? key,
  },
  faults: {
    title: "Failures on purpose",
    tab: "Failures",
    /** @param {string} number */
    texts: (number) => `Texts to ${number}`,
    arrive: "arrive",
    30003: "are not delivered: the phone is off",
    30007: "are filtered by the carrier",
    optedOut: "This phone has opted out at the provider; texting START from it ends that",
    provider: "The provider",
    slow: "answers slowly: after 12 seconds",
    lost: "loses its status reports",
    deaf: "cannot reach us: texts wait until we ask for them",
  },
};
