"""Why a text did not go out, as a closed list: what we do about each of Twilio's codes, and the plain reason people see. Pure.

Source: Twilio, "Error and Warning Dictionary"; HTTP 401 and 429 come without a code of their own at times.
The sentences for staff stand here (the console has the same, see words.js); those for patients, of fewer kinds, in widget/locales.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Class(StrEnum):
    SOON = "soon"  # refused before it was created: once more, after the pause that was asked for
    LATER = "later"  # the phone could not be reached: at most twice more, 15 minutes apart or longer
    PAUSE = "pause"  # our number sends too fast: it pauses, then goes on in order
    STOP = "stop"  # our account is not accepted: nothing goes out until an operator has mended that
    OPERATOR = "operator"  # refused for a reason an operator must mend; never again by itself
    NUMBER = "number"  # this number takes no texts
    OPTED_OUT = "opted_out"  # the patient has told the carrier or Twilio to stop
    NEVER = "never"  # refused for good


@dataclass(frozen=True)
class Trouble:
    """`again`: may staff try again, or will it go by itself? `staff`: the sentence they see."""

    reason: str
    kind: Class
    again: bool
    staff: str


MAX_AGAIN, AGAIN_AFTER = 2, timedelta(minutes=15)
PAUSE, STOP_LOOK = timedelta(minutes=5), timedelta(minutes=5)  # a paused sender, a stopped account: tried again after that

_RATE = Trouble("too_fast", Class.SOON, True, "The provider asked us to slow down. It goes out by itself in a moment.")
_STOPPED = Trouble("account", Class.STOP, True, "The provider does not accept our account. Texts wait in order until that is mended.")
_FULL = Trouble("sender_paused", Class.PAUSE, True, "Our number has sent too much at once. It goes out by itself in a few minutes.")
_AWAY = Trouble("unreachable", Class.LATER, True, "The phone could not be reached. We try again twice, 15 minutes apart.")
_NETWORK = Trouble("network", Class.LATER, True, "The carrier could not deliver it and did not say why. We try again twice.")
_LANDLINE = Trouble("landline", Class.NUMBER, False, "This number cannot take texts; it may be a landline. Please phone instead.")
_BAD = Trouble("bad_number", Class.NUMBER, False, "No text can be brought to this number. Please check it or phone instead.")
_OPTED_OUT = Trouble("opted_out", Class.OPTED_OUT, False, "The patient has opted out of texts. Please phone if it matters.")
_FILTERED = Trouble("filtered", Class.OPERATOR, False, "A carrier filtered it. It is not sent again; an operator has to look at it.")
_UNREGISTERED = Trouble("unregistered", Class.OPERATOR, False, "Our number is not registered for texting there; an operator must do that.")
_REGION = Trouble("region", Class.OPERATOR, False, "Texting that country is not switched on at the provider; an operator must do that.")
_LATE = Trouble("expired", Class.NEVER, False, "It could not be delivered in time and is of no use any more.")
_REFUSED = Trouble("refused", Class.NEVER, False, "The provider refused it.")

CODES: Mapping[int, Trouble] = {
    429: _RATE,
    20429: _RATE,
    14107: _RATE,
    401: _STOPPED,
    20003: _STOPPED,
    20005: _STOPPED,  # the account is suspended
    20008: _STOPPED,  # test credentials
    21211: _BAD,
    21217: _BAD,
    21401: _BAD,
    21612: _BAD,
    21614: _LANDLINE,
    30004: _BAD,
    30006: _LANDLINE,
    21610: _OPTED_OUT,
    21408: _REGION,
    21606: _UNREGISTERED,  # our number cannot send texts
    21603: _UNREGISTERED,
    21611: _FULL,
    30001: _FULL,
    30022: _FULL,
    30003: _AWAY,
    30005: _AWAY,
    30008: _NETWORK,
    30007: _FILTERED,
    30034: _UNREGISTERED,
    30036: _LATE,
}

# What we ourselves decide: why a text waits, was never sent, or is uncertain.
OURS: Mapping[str, Trouble] = {
    "quiet_hours": Trouble("quiet_hours", Class.SOON, True, "It is night where the patient is. It goes out at 8:00 their time."),
    "daily_cap": Trouble("daily_cap", Class.SOON, True, "The clinic's limit of texts for today is reached. It goes out tomorrow."),
    "number_rate": Trouble("number_rate", Class.SOON, True, "This patient has been sent many texts within an hour. It goes out later."),
    "no_consent": Trouble("no_consent", Class.NEVER, False, "The patient has not agreed to texts of this kind. Please phone instead."),
    "country": Trouble("country", Class.NEVER, False, "The clinic does not text numbers of that country. Please phone instead."),
    "no_number": Trouble("no_number", Class.NEVER, False, "No number is known for this patient's texts."),
    "no_provider": Trouble("no_provider", Class.NEVER, False, "Texting is not set up here."),
    "taken": Trouble("taken", Class.NEVER, False, "A member of staff had come to it before this text was sent."),
    "uncertain": Trouble("uncertain", Class.NEVER, True, "Delivery uncertain: the provider did not say whether it took this text."),
}
OPTED_OUT, EXPIRED = _OPTED_OUT, _LATE

TROUBLES: Mapping[str, Trouble] = {trouble.reason: trouble for trouble in (*CODES.values(), _REFUSED, *OURS.values())}


def trouble_of(code: int, status: int = 0) -> Trouble:
    """What a code of Twilio's means for us, by the HTTP status where it gave none that is known."""
    return CODES.get(code) or CODES.get(status) or _REFUSED
