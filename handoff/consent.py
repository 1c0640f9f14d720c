"""Consent: a ledger per channel and purpose, and what it allows. Nothing is ever changed in it; the newest entry counts. Pure.

A purpose has a consent of its own, so that ending one leaves the others: whoever wants no more texts is still phoned back as they
asked, and a safety matter is still seen through, by a person and a phone. Source: 47 CFR 64.1200(a)(10) (revocation by any
reasonable means), (a)(9)(iv) (health-care exemption: opt-out at once), (b) as to emergencies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Purpose(StrEnum):
    REPLY = "reply"  # answers to a patient who writes
    AUTOMATED = "automated"  # what nobody asked for just now: an invitation, a reminder, going on after a silence
    CALLBACK = "callback"  # a phone call that was asked for, and what must be said about it
    SAFETY = "safety"  # a safety matter that is open


class How(StrEnum):
    WROTE_FIRST = "wrote_first"
    KEYWORD = "keyword"  # a word that carriers own
    SENTENCE = "sentence"  # in the patient's own words
    STAFF = "staff"  # told a member of staff, who noted it
    PROVIDER = "provider"  # the provider told us
    ASKED = "asked"  # asked for it under a wording that was shown


@dataclass(frozen=True)
class Consent:
    """One entry. `wording`: the version of the words that were shown, or whose words they were."""

    channel: str  # sms | voice | web
    purpose: Purpose
    given: bool
    wording: str
    how: How
    who: str
    at: datetime


# What holds where the ledger says nothing. A call about an open safety matter waits for no consent.
UNSAID: dict[tuple[str, Purpose], bool] = {("voice", Purpose.SAFETY): True, ("web", Purpose.REPLY): True, ("web", Purpose.SAFETY): True}


def may(ledger: Sequence[Consent], channel: str, purpose: Purpose) -> bool:
    """May we use `channel` for `purpose`? `ledger`: oldest first."""
    said = (entry.given for entry in reversed(ledger) if (entry.channel, entry.purpose) == (channel, purpose))
    return next(said, UNSAID.get((channel, purpose), False))


# What each kind of text needs, by its purpose in the ledger of texts. A code was asked for just now, and a notice confirms an opt-out
# (47 CFR 64.1200(a)(12)): these need nothing, and a page, or an answer to whoever is on call, goes to staff. A text
# about a promised call belongs to the call.
NEEDED: Mapping[str, tuple[str, Purpose] | None] = {
    "reply": ("sms", Purpose.REPLY),
    "staff": ("sms", Purpose.REPLY),
    "safety": ("sms", Purpose.SAFETY),
    "callback": ("voice", Purpose.CALLBACK),
    "code": None,
    "notice": None,
    "page": None,
    "on_call": None,
}


def may_text(ledger: Sequence[Consent], purpose: str) -> bool:
    """May a text of `purpose` go out? `ledger`: oldest first."""
    needed = NEEDED[purpose]
    return needed is None or may(ledger, *needed)
