"""Who may see and do what: one table, denied by default. Every staff event and route names its act here, or it does not exist."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from handoff.conversation import State
from handoff.errors import NotAllowed


class Role(StrEnum):
    MEMBER = "member"  # answers patients
    SUPERVISOR = "supervisor"  # may also step into what is with somebody else or with the bot
    ADMIN = "admin"  # may also export and erase


class Act(StrEnum):
    SEE_QUEUE = "see_queue"
    STAY = "stay"  # say that one is at the console, so that it is not signed out
    SET_AVAILABLE = "set_available"
    READ = "read"
    TAKE = "take"
    STEP_IN = "step_in"  # take what is not in line: with the bot, closed, or with a colleague who parked it
    WRITE = "write"
    HAND_BACK = "hand_back"
    PARK = "park"  # wait for the patient
    TRANSFER = "transfer"  # pass it on to a team or a colleague
    REJECT = "reject"  # say why one cannot take what one is offered
    CLOSE = "close"
    STOP_TEXTS = "stop_texts"  # note that a patient wants no more texts
    CALL = "call"  # plan, take and make a promised call, and note how it went
    SET_PHONE = "set_phone"  # one's own, which rings first
    MARK = "mark"  # say whether a conversation came to a person at the right time
    EXPORT = "export"
    ERASE = "erase"


@dataclass(frozen=True)
class Person:
    """A signed-in member of staff."""

    id: str
    name: str
    role: Role
    available: bool = True
    email: str = ""


@dataclass(frozen=True)
class Sight:
    """What the rules look at in one conversation: its state, its owner, whether it has an open case, and who took it when it last came
    to a person."""

    state: State
    owner: str
    case: bool = False
    takers: frozenset[str] = frozenset()


_ALL = frozenset(Role)
_SENIOR = frozenset({Role.SUPERVISOR, Role.ADMIN})
ROLES: Mapping[Act, frozenset[Role]] = {
    Act.SEE_QUEUE: _ALL,
    Act.STAY: _ALL,
    Act.SET_AVAILABLE: _ALL,
    Act.READ: _ALL,
    Act.TAKE: _ALL,
    Act.STEP_IN: _SENIOR,
    Act.WRITE: _ALL,
    Act.HAND_BACK: _ALL,
    Act.PARK: _ALL,
    Act.TRANSFER: _ALL,
    Act.REJECT: _ALL,
    Act.CLOSE: _ALL,
    Act.STOP_TEXTS: _ALL,
    Act.CALL: _ALL,
    Act.SET_PHONE: _ALL,
    Act.MARK: _ALL,
    Act.EXPORT: frozenset({Role.ADMIN}),
    Act.ERASE: frozenset({Role.ADMIN}),
}


def may(person: Person, act: Act, sight: Sight | None = None) -> bool:
    """May `person` do `act` (to the conversation behind `sight`)?"""
    if person.role not in ROLES[act]:
        return False
    return sight is None or _OF_ONE.get(act, _always)(person, sight)


def check(person: Person, act: Act, sight: Sight | None = None) -> None:
    """Raises `NotAllowed`."""
    if not may(person, act, sight):
        raise NotAllowed


def _always(person: Person, sight: Sight) -> bool:
    return True


def _is_mine(person: Person, sight: Sight) -> bool:
    return sight.owner == f"staff:{person.id}"


def _is_in_line(person: Person, sight: Sight) -> bool:
    """Waiting for anybody, or a case that waits for an answer."""
    return sight.state is State.WAITING or (sight.case and sight.state in (State.BOT, State.CHOOSING, State.CLOSED))


def _may_read(person: Person, sight: Sight) -> bool:
    """What needs a person, or is with one; what a patient tells only the bot is read by seniors alone."""
    return person.role in _SENIOR or _is_in_line(person, sight) or sight.state in (State.HUMAN, State.PARKED)


def _may_mark(person: Person, sight: Sight) -> bool:
    """Whoever has it or took it, though it may be closed by now, and seniors."""
    return person.role in _SENIOR or _is_mine(person, sight) or person.id in sight.takers


_OF_ONE = {
    Act.READ: _may_read,
    Act.STOP_TEXTS: _may_read,
    Act.CALL: _may_read,
    Act.TAKE: _is_in_line,
    Act.WRITE: _is_mine,
    Act.HAND_BACK: _is_mine,
    Act.PARK: _is_mine,
    Act.TRANSFER: _is_mine,
    Act.REJECT: _may_read,
    Act.CLOSE: _is_mine,
    Act.MARK: _may_mark,
}
