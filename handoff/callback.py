"""The callback machine: a promised phone call from asking for it to its end. Values in, values out: states, events, one table, `step`.

It says what happens next and which orders follow; handoff/desk/callbacks.py carries them out in the same transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from handoff.errors import IllegalMove
from handoff.hours import Hours, Window

MAX_ATTEMPTS = 3
APART = timedelta(minutes=10)  # between two attempts


class State(StrEnum):
    REQUESTED = "requested"  # wanted, without a window yet
    SCHEDULED = "scheduled"  # has a window; anybody may take it
    CLAIMED = "claimed"  # a member of staff has taken it
    DIALLING = "dialling"  # a phone rings: theirs, or the patient's
    CONNECTED = "connected"  # they talk
    COMPLETED = "completed"  # they have talked
    NO_ANSWER = "no_answer"  # given up: nobody answered
    VOICEMAIL = "voicemail"  # given up: a machine took a message
    WRONG_NUMBER = "wrong_number"  # the number is somebody else's
    CANCELLED = "cancelled"  # called off
    OVERDUE = "overdue"  # the window is over and nobody has talked with the patient
    ESCALATED = "escalated"  # a supervisor decides what to do


class Event(StrEnum):
    PLANNED = "planned"  # given a window
    CLAIMED = "claimed"
    RELEASED = "released"
    DIALLED = "dialled"
    STAFF_MISSED = "staff_missed"  # the member of staff did not pick up their own phone
    PATIENT_ANSWERED = "patient_answered"
    COMPLETED = "completed"
    NOT_ANSWERED = "not_answered"
    MACHINE_ANSWERED = "machine_answered"
    BUSY = "busy"
    WRONG_NUMBER = "wrong_number"
    CALL_FAILED = "call_failed"  # the call could not be put through
    CANCELLED = "cancelled"
    MOVED = "moved"  # another window
    WINDOW_MISSED = "window_missed"
    ESCALATED = "escalated"


class Order(StrEnum):
    """What the desk does because of a move, in the order in which the move lists them."""

    MAKE_PROMISE = "make_promise"  # to call in the window, and its watch; the promise before is withdrawn
    KEEP_PROMISE = "keep_promise"
    PROMISE_AGAIN = "promise_again"  # to try again by a time; what was said must have a watch
    BREAK_PROMISE = "break_promise"
    WITHDRAW_PROMISE = "withdraw_promise"
    SAY_WHEN = "say_when"  # the window, and how to change it or call it off
    SAY_TRIED = "say_tried"
    SAY_GIVEN_UP = "say_given_up"  # the last attempt was in vain; their concern stays with the team
    SAY_WRONG_NUMBER = "say_wrong_number"
    SAY_CALLED_OFF = "say_called_off"
    SAY_OVERDUE = "say_overdue"  # that nobody called, and new windows
    ALERT = "alert"  # supervisors
    END = "end"  # closed
    WATCH_AGAIN = "watch_again"  # a late call was taken: who forgets it does not keep it
    SETTLE_CASE = "settle_case"  # nothing else is promised: the case is closed with it


@dataclass(frozen=True)
class Callback:
    """What the machine needs to know of one callback."""

    state: State
    attempts: int
    window_from: datetime
    window_to: datetime
    next_at: datetime | None = None  # not before, after an attempt in vain
    staff: str | None = None  # who took it


@dataclass(frozen=True)
class Move:
    """One row of the table. `in_vain`: an attempt that counts; after the last one the callback is escalated, wherever `to` leads,
    and one before the window leaves window and promise as they are.

    `keeps_staff`: it stays with who took it. `afresh`: a new window, and attempts count from nothing again.
    """

    to: State
    orders: tuple[Order, ...] = ()
    in_vain: bool = False
    keeps_staff: bool = False
    afresh: bool = False


@dataclass(frozen=True)
class Step:
    """What `step` returns: the callback before and after, and the orders."""

    event: Event
    before: Callback
    after: Callback
    orders: tuple[Order, ...]


S, E, O = State, Event, Order  # noqa: E741  (the table below reads as a table)

_PLAN = Move(S.SCHEDULED, (O.MAKE_PROMISE, O.SAY_WHEN), afresh=True)
_CLAIM = Move(S.CLAIMED)
_CLAIM_LATE = Move(S.CLAIMED, (O.WATCH_AGAIN,))
_IN_VAIN = Move(S.SCHEDULED, (O.KEEP_PROMISE, O.PROMISE_AGAIN, O.SAY_TRIED), in_vain=True)  # a call was promised and made
_TALKED = Move(S.COMPLETED, (O.KEEP_PROMISE, O.END, O.SETTLE_CASE), keeps_staff=True)
_WRONG = Move(S.WRONG_NUMBER, (O.WITHDRAW_PROMISE, O.SAY_WRONG_NUMBER, O.END))
_CALL_OFF = Move(S.CANCELLED, (O.WITHDRAW_PROMISE, O.SAY_CALLED_OFF, O.END, O.SETTLE_CASE))
_MISS = Move(S.OVERDUE, (O.BREAK_PROMISE, O.SAY_OVERDUE, O.ALERT))
_ESCALATE = Move(S.ESCALATED, (O.ALERT,))
_GIVEN_UP = (O.BREAK_PROMISE, O.SAY_GIVEN_UP, O.ALERT)  # after the last attempt in vain, in place of the move's own orders

MOVES: Mapping[tuple[State, Event], Move] = {
    # wanted
    (S.REQUESTED, E.PLANNED): _PLAN,
    (S.REQUESTED, E.MOVED): _PLAN,
    (S.REQUESTED, E.CANCELLED): _CALL_OFF,
    (S.REQUESTED, E.ESCALATED): _ESCALATE,
    # waiting for its window, or for somebody
    (S.SCHEDULED, E.PLANNED): _PLAN,
    (S.SCHEDULED, E.MOVED): _PLAN,
    (S.SCHEDULED, E.CLAIMED): _CLAIM,
    (S.SCHEDULED, E.CANCELLED): _CALL_OFF,
    (S.SCHEDULED, E.WINDOW_MISSED): _MISS,
    (S.SCHEDULED, E.ESCALATED): _ESCALATE,
    # with a member of staff, who may dial by hand: what they say of the call stands here too
    (S.CLAIMED, E.RELEASED): Move(S.SCHEDULED),
    (S.CLAIMED, E.DIALLED): Move(S.DIALLING, keeps_staff=True),
    (S.CLAIMED, E.COMPLETED): _TALKED,
    (S.CLAIMED, E.NOT_ANSWERED): _IN_VAIN,
    (S.CLAIMED, E.MACHINE_ANSWERED): _IN_VAIN,
    (S.CLAIMED, E.BUSY): _IN_VAIN,
    (S.CLAIMED, E.WRONG_NUMBER): _WRONG,
    (S.CLAIMED, E.PLANNED): _PLAN,
    (S.CLAIMED, E.MOVED): _PLAN,
    (S.CLAIMED, E.CANCELLED): _CALL_OFF,
    (S.CLAIMED, E.WINDOW_MISSED): _MISS,
    (S.CLAIMED, E.ESCALATED): _ESCALATE,
    # ringing
    (S.DIALLING, E.STAFF_MISSED): Move(S.SCHEDULED),  # the patient was not rung: no attempt
    (S.DIALLING, E.PATIENT_ANSWERED): Move(S.CONNECTED, (O.KEEP_PROMISE,), keeps_staff=True),
    (S.DIALLING, E.COMPLETED): _TALKED,  # the news that they answered was lost or came late
    (S.DIALLING, E.NOT_ANSWERED): _IN_VAIN,
    (S.DIALLING, E.MACHINE_ANSWERED): _IN_VAIN,
    (S.DIALLING, E.BUSY): _IN_VAIN,
    (S.DIALLING, E.CALL_FAILED): _IN_VAIN,
    (S.DIALLING, E.WRONG_NUMBER): _WRONG,
    (S.DIALLING, E.CANCELLED): _CALL_OFF,
    # talking
    (S.CONNECTED, E.COMPLETED): _TALKED,
    (S.CONNECTED, E.WRONG_NUMBER): _WRONG,
    (S.CONNECTED, E.NOT_ANSWERED): _IN_VAIN,  # a cut line, or it was not the patient after all
    (S.CONNECTED, E.MACHINE_ANSWERED): _IN_VAIN,
    (S.CONNECTED, E.CALL_FAILED): _IN_VAIN,
    # late
    (S.OVERDUE, E.CLAIMED): _CLAIM_LATE,
    (S.OVERDUE, E.PLANNED): _PLAN,
    (S.OVERDUE, E.MOVED): _PLAN,
    (S.OVERDUE, E.CANCELLED): _CALL_OFF,
    (S.OVERDUE, E.ESCALATED): _ESCALATE,
    # a supervisor decides
    (S.ESCALATED, E.CLAIMED): _CLAIM_LATE,
    (S.ESCALATED, E.PLANNED): _PLAN,
    (S.ESCALATED, E.MOVED): _PLAN,
    (S.ESCALATED, E.CANCELLED): _CALL_OFF,
    (S.ESCALATED, E.COMPLETED): _TALKED,
    (S.ESCALATED, E.NOT_ANSWERED): Move(S.NO_ANSWER, (O.WITHDRAW_PROMISE, O.END)),
    (S.ESCALATED, E.MACHINE_ANSWERED): Move(S.VOICEMAIL, (O.WITHDRAW_PROMISE, O.END)),
    (S.ESCALATED, E.WRONG_NUMBER): _WRONG,
}

FREE = (S.SCHEDULED, S.OVERDUE)  # with nobody, and for anybody to take
UNDER_WAY = (S.DIALLING, S.CONNECTED)
TAKEN = (S.CLAIMED, *UNDER_WAY)
ENDS = frozenset({S.COMPLETED, S.NO_ANSWER, S.VOICEMAIL, S.WRONG_NUMBER, S.CANCELLED})


def allowed(callback: Callback) -> tuple[Event, ...]:
    """The events that may happen to a callback now, in the order of `Event`."""
    return tuple(event for event in Event if _find(callback, event) is not None)


def step(callback: Callback, event: Event, now: datetime, hours: Hours, *, staff: str | None = None, window: Window | None = None) -> Step:
    """What `event` does to `callback` at `now`. `staff`: who takes it, for CLAIMED; `window`: the new one, for PLANNED and MOVED.

    Raises `IllegalMove`, with what was allowed, where the table has no such row, or what the event needs is missing.
    """
    move = _find(callback, event)
    if move is None:
        names = ", ".join(allowed(callback)) or "nothing more"
        raise IllegalMove(f"A callback that is {callback.state} cannot have {event}; it can have {names}.", state=str(callback.state))
    if (event is E.CLAIMED and staff is None) or (move.afresh and window is None):
        raise IllegalMove(f"{event} needs {'a window' if move.afresh else 'somebody who takes it'}.", state=str(callback.state))
    after = replace(
        callback, state=move.to, staff=staff if event is E.CLAIMED else callback.staff if move.keeps_staff else None, next_at=None
    )
    if move.afresh and window is not None:
        after = replace(after, attempts=0, window_from=window.begins, window_to=window.ends)
    if not move.in_vain:
        return Step(event, callback, after, move.orders)
    after = replace(after, attempts=callback.attempts + 1)
    if after.attempts >= MAX_ATTEMPTS:
        return Step(event, callback, replace(after, state=S.ESCALATED), _GIVEN_UP)
    if now < callback.window_from:  # rung early: what was promised stands, and is owed, also by who thought that they had kept it
        owed = (O.MAKE_PROMISE,) if callback.state is S.CONNECTED else ()
        return Step(event, callback, replace(after, next_at=max(now + APART, callback.window_from)), (*owed, O.SAY_TRIED))
    return Step(event, callback, replace(after, next_at=hours.opens_next(now + APART) or now + APART), move.orders)


def _find(callback: Callback, event: Event) -> Move | None:
    """Who was rung as often as may be is not rung again, unless a new window is agreed."""
    if event is E.CLAIMED and callback.attempts >= MAX_ATTEMPTS:
        return None
    return MOVES.get((callback.state, event))
