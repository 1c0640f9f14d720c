"""The ledger of one text that we send: its states, what may happen to it, one table of moves. Pure.

Creating a text at the provider is not idempotent. So a row says `attempting` before the provider is asked, and what was not
answered is `maybe_sent`: never sent again unless it is known, or after ten minutes as good as known, that it was not created. (A page
is the exception, see `PAGES`.)
What the provider reports comes late, twice and in any order: ranks are monotone, and of two ends the later one counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from handoff.errors import IllegalMove

FOUND_OUT = timedelta(minutes=10)  # so long an uncertain text is looked for before it is sent once more
NEXT_AFTER = timedelta(seconds=10)  # so long the next text waits for the word that this one was sent


@dataclass(frozen=True)
class Resend:
    """What becomes of an uncertain text: it is looked for `found_out` long, then sent once more, in `attempts` attempts at most.

    `blind`: also where the provider does not tell what it has.
    """

    found_out: timedelta
    attempts: int
    blind: bool = False


# A patient is never sent the same words twice. A page that comes twice wakes somebody who is to wake; one that is lost leaves a patient
# in danger alone: so it is sent again soon, and with less certainty. It ends when somebody has come, see `text_limits`.
PATIENTS = Resend(FOUND_OUT, 2)
PAGES = Resend(timedelta(seconds=30), 4, blind=True)


def resend_of(purpose: str) -> Resend:
    return PAGES if purpose == "page" else PATIENTS


class TextState(StrEnum):
    QUEUED = "queued"  # waits for its turn, or for the end of what holds it back
    ATTEMPTING = "attempting"  # the provider is being asked, or was when we died
    MAYBE_SENT = "maybe_sent"  # no answer: it may have been created or not
    ACCEPTED = "accepted"  # the provider has it
    SENT = "sent"  # the provider has passed it on
    DELIVERED = "delivered"  # the phone has it
    UNDELIVERED = "undelivered"  # the network could not bring it
    FAILED = "failed"  # the provider refused it or could not send it
    BLOCKED = "blocked"  # we did not send it: opted out, too late, not to that country, ...


class TextEvent(StrEnum):
    ATTEMPT = "attempt"  # its turn has come
    BLOCK = "block"  # it must not go out
    CREATED = "created"  # the provider answered with a sid, or its list has it
    PUT_OFF = "put_off"  # refused for now, certainly not created: it keeps its place
    REFUSED = "refused"  # refused for good, certainly not created
    UNCERTAIN = "uncertain"  # no answer, a broken one, or we died meanwhile
    NOT_FOUND = "not_found"  # ten minutes later the provider still knows nothing of it
    REPORTED_ACCEPTED = "reported_accepted"
    REPORTED_SENT = "reported_sent"
    REPORTED_DELIVERED = "reported_delivered"
    REPORTED_UNDELIVERED = "reported_undelivered"
    REPORTED_FAILED = "reported_failed"
    AGAIN = "again"  # it failed in a way that may pass: once more, later


S, E = TextState, TextEvent
_REPORTS: Mapping[TextEvent, TextState] = {
    E.REPORTED_ACCEPTED: S.ACCEPTED,
    E.REPORTED_SENT: S.SENT,
    E.REPORTED_DELIVERED: S.DELIVERED,
    E.REPORTED_UNDELIVERED: S.UNDELIVERED,
    E.REPORTED_FAILED: S.FAILED,
}
RANKS: Mapping[TextState, int] = {S.ACCEPTED: 1, S.SENT: 2, S.DELIVERED: 3, S.UNDELIVERED: 3, S.FAILED: 3}
_ENDS = (S.DELIVERED, S.UNDELIVERED, S.FAILED)

MOVES: Mapping[tuple[TextState, TextEvent], TextState] = {
    (S.QUEUED, E.ATTEMPT): S.ATTEMPTING,
    (S.QUEUED, E.BLOCK): S.BLOCKED,
    # what the provider answers
    (S.ATTEMPTING, E.CREATED): S.ACCEPTED,
    (S.ATTEMPTING, E.PUT_OFF): S.QUEUED,
    (S.ATTEMPTING, E.REFUSED): S.FAILED,
    (S.ATTEMPTING, E.UNCERTAIN): S.MAYBE_SENT,
    # its report was faster than its answer: that proves more than any answer could
    **{(state, event): state for state in RANKS for event in (E.CREATED, E.PUT_OFF, E.REFUSED, E.UNCERTAIN)},
    # so much faster that it failed by now, and waits to be sent once more, or must not be
    **{(S.QUEUED, event): S.QUEUED for event in (E.CREATED, E.UNCERTAIN)},
    (S.BLOCKED, E.UNCERTAIN): S.BLOCKED,
    # what becomes of an uncertain one
    (S.MAYBE_SENT, E.CREATED): S.ACCEPTED,
    (S.MAYBE_SENT, E.NOT_FOUND): S.QUEUED,
    (S.MAYBE_SENT, E.UNCERTAIN): S.MAYBE_SENT,
    # a report proves that it was created; one that waits to be sent once more need not be
    **{(state, event): to for state in (S.QUEUED, S.ATTEMPTING, S.MAYBE_SENT) for event, to in _REPORTS.items()},
    # monotone ranks; of two ends `step` takes the later
    **{(state, event): to if RANKS[to] >= RANKS[state] else state for state in RANKS for event, to in _REPORTS.items()},
    # blocked before it was sent once more, and yet it had gone out the first time
    **{(S.BLOCKED, event): to for event, to in _REPORTS.items()},
    (S.BLOCKED, E.CREATED): S.ACCEPTED,
    (S.UNDELIVERED, E.AGAIN): S.QUEUED,
    (S.FAILED, E.AGAIN): S.QUEUED,
}


@dataclass(frozen=True)
class OutboundText:
    """What the machine needs to know of one text; `at`: the provider's moment of the state it is in."""

    state: TextState
    attempts: int = 0
    sid: str | None = None
    at: datetime | None = None
    resend: Resend = PATIENTS


def step(text: OutboundText, event: TextEvent, *, at: datetime | None = None, sid: str | None = None) -> OutboundText:
    """What `event` makes of `text`; `at`: the provider's moment, `sid`: what it calls the text, where it said so.

    Raises `IllegalMove` where the table has no such row, and for more uncertain attempts than its `resend` allows.
    """
    to = MOVES.get((text.state, event))
    if to is None or (event is E.NOT_FOUND and text.attempts >= text.resend.attempts):
        allowed = ", ".join(found for state, found in MOVES if state is text.state)
        raise IllegalMove(f"A text that is {text.state} cannot have {event}; it can have {allowed}.", state=str(text.state))
    if event is E.ATTEMPT:
        return OutboundText(to, text.attempts + 1, resend=text.resend)
    if event is E.PUT_OFF and to is S.QUEUED:  # nothing was created, so it was no attempt
        return OutboundText(to, text.attempts - 1, resend=text.resend)
    ended = text.state in _ENDS or (text.state is S.QUEUED and text.sid is not None)  # or failed, and waits to be sent once more
    if event in _REPORTS and ended and not _counts(text, to, at):
        return text
    if to is text.state:
        return replace(text, sid=text.sid or sid)
    return replace(text, state=to, sid=text.sid or sid, at=text.at if to is S.QUEUED else at)


def _counts(text: OutboundText, to: TextState, at: datetime | None) -> bool:
    """Does another end count? The later one by the provider's clock; where that tells nothing, the worse."""
    if to is text.state or to not in _ENDS:
        return False
    if text.state is S.QUEUED and to is not S.DELIVERED:
        return False
    if text.at is None or at is None or text.at == at:
        return to is not S.DELIVERED
    return at > text.at


def event_of(status: str) -> TextEvent | None:
    """What a word of Twilio's means (docs: Message resource, "status"); None for one we do not know."""
    return _WORDS.get(status)


_WORDS: Mapping[str, TextEvent] = {
    "accepted": E.REPORTED_ACCEPTED,
    "scheduled": E.REPORTED_ACCEPTED,
    "queued": E.REPORTED_ACCEPTED,
    "sending": E.REPORTED_ACCEPTED,
    "sent": E.REPORTED_SENT,
    "delivered": E.REPORTED_DELIVERED,
    "read": E.REPORTED_DELIVERED,
    "undelivered": E.REPORTED_UNDELIVERED,
    "failed": E.REPORTED_FAILED,
    "canceled": E.REPORTED_FAILED,
}
