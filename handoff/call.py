"""The ledger of one call leg: what we know of a call that Twilio was asked to place. Values in, values out.

`attempting` is committed before Twilio is asked. No answer makes `maybe_placed`, which is never placed again: a status callback, the
list of calls, or a fetch says what became of it, and failing all of them it is given up. States only go forward: a late or doubled
report changes nothing. The words of reports are Twilio's ("Call status events", "Calls resource").
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class CallState(StrEnum):
    ATTEMPTING = "attempting"  # written down, and Twilio is about to be asked
    MAYBE_PLACED = "maybe_placed"  # asked, and no answer came: it may ring or not
    QUEUED = "queued"  # Twilio has it
    RINGING = "ringing"
    IN_PROGRESS = "in_progress"  # picked up
    COMPLETED = "completed"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    FAILED = "failed"  # refused, not to be reached, or given up
    CANCELED = "canceled"  # hung up by us before it was picked up, or never placed after all


class CallEvent(StrEnum):
    ACCEPTED = "accepted"  # Twilio answered the creation with a sid, or lists it
    REFUSED = "refused"  # Twilio answered no: nothing rings
    UNCERTAIN = "uncertain"  # no answer, or a broken one
    DROPPED = "dropped"  # called off before Twilio was asked
    RINGS = "rings"
    ANSWERED = "answered"
    COMPLETED = "completed"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    FAILED = "failed"
    CANCELED = "canceled"
    GIVEN_UP = "given_up"  # nothing was heard of it for too long


S, E = CallState, CallEvent
_ENDS = {
    E.COMPLETED: S.COMPLETED,
    E.BUSY: S.BUSY,
    E.NO_ANSWER: S.NO_ANSWER,
    E.FAILED: S.FAILED,
    E.CANCELED: S.CANCELED,
    E.GIVEN_UP: S.FAILED,
}
_HEARD = {E.ACCEPTED: S.QUEUED, E.RINGS: S.RINGING, E.ANSWERED: S.IN_PROGRESS, **_ENDS}

# What is not in the table changes nothing: it is late, doubled, or of a call that has ended.
MOVES: Mapping[CallState, Mapping[CallEvent, CallState]] = {
    S.ATTEMPTING: {**_HEARD, E.REFUSED: S.FAILED, E.UNCERTAIN: S.MAYBE_PLACED, E.DROPPED: S.CANCELED},
    S.MAYBE_PLACED: _HEARD,
    S.QUEUED: {E.RINGS: S.RINGING, E.ANSWERED: S.IN_PROGRESS, **_ENDS},
    S.RINGING: {E.ANSWERED: S.IN_PROGRESS, **_ENDS},
    S.IN_PROGRESS: {E.COMPLETED: S.COMPLETED, E.FAILED: S.FAILED, E.CANCELED: S.COMPLETED, E.GIVEN_UP: S.FAILED},
    S.COMPLETED: {},
    S.BUSY: {},
    S.NO_ANSWER: {},
    S.FAILED: {},
    S.CANCELED: {},
}

RANKS: Mapping[CallState, int] = {
    S.ATTEMPTING: 0,
    S.MAYBE_PLACED: 1,
    S.QUEUED: 2,
    S.RINGING: 3,
    S.IN_PROGRESS: 4,
    **dict.fromkeys((S.COMPLETED, S.BUSY, S.NO_ANSWER, S.FAILED, S.CANCELED), 5),
}

# Twilio's words of `CallStatus` and of the Calls resource.
REPORTS: Mapping[str, CallEvent] = {
    "queued": E.ACCEPTED,
    "initiated": E.ACCEPTED,
    "ringing": E.RINGS,
    "in-progress": E.ANSWERED,
    "answered": E.ANSWERED,
    "completed": E.COMPLETED,
    "busy": E.BUSY,
    "no-answer": E.NO_ANSWER,
    "failed": E.FAILED,
    "canceled": E.CANCELED,
}


def after(state: CallState, event: CallEvent) -> CallState:
    """The state after `event`; the same one where it is late or doubled."""
    return MOVES[state].get(event, state)


def has_ended(state: CallState) -> bool:
    return RANKS[state] == 5


def came_of(answered_by: str | None, spoke: bool, state: CallState) -> str:
    """What an ended patient leg was: spoke | voicemail | busy | no_answer | failed.

    A call that was picked up and ended before it was connected counts as no answer: somebody hung up while Twilio listened.
    """
    if spoke:
        return "spoke"
    if is_machine(answered_by):
        return "voicemail"
    return {S.BUSY: "busy", S.FAILED: "failed"}.get(state, "no_answer")


def is_machine(answered_by: str | None) -> bool:
    """Does Twilio's `AnsweredBy` mean that nobody listens? `unknown` is taken for a person. Source: "Answering Machine Detection"."""
    return answered_by is not None and (answered_by.startswith("machine") or answered_by == "fax")
