"""The line of texts to one patient: which one is to be dealt with now, and when to look again. Pure.

The next text goes only after the one before it was sent, or ten seconds after it was accepted. What waits for the morning or for a
phone that is off lets others pass; whatever else waits, and what is uncertain, lets only safety and codes pass.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from handoff.outbound_text import TextState

ALONE = ("page", "on_call")  # goes to another phone than the patient's: it waits for none of theirs, and none of theirs for it
PASSES = ("safety", "code", *ALONE)  # waits for no text of another kind, and for no cap
YIELDS = ("quiet_hours", "unreachable", "network")  # what waits for one of these lets those behind it go first


@dataclass(frozen=True)
class Waiting:
    """One text that has not come to its end; ids rise in the order in which texts were left. `due_at`: not before."""

    id: str
    state: TextState
    purpose: str
    due_at: datetime
    reason: str | None = None


@dataclass(frozen=True)
class Look:
    """`text`: the one to deal with now, if any; `again`: when to look again, if that is known."""

    text: Waiting | None = None
    again: datetime | None = None


def look(line: Iterable[Waiting], now: datetime) -> Look:
    """What to do now in a line of texts that are queued, attempting, uncertain or accepted."""
    again: datetime | None = None
    held = {True: False, False: False}  # by whether it passes others
    for one in sorted(line, key=lambda one: (one.purpose not in PASSES, one.purpose in ALONE, one.id)):
        passes = one.purpose in PASSES
        if one.state is TextState.ATTEMPTING:
            return Look(one)
        if one.due_at > now:
            again = one.due_at if again is None else min(again, one.due_at)
            if one.purpose in ALONE:
                continue
            held[False] |= one.state is not TextState.QUEUED or one.reason not in YIELDS
            held[True] |= one.state is TextState.ACCEPTED and passes
        elif one.state is not TextState.ACCEPTED and not (one.state is TextState.QUEUED and held[passes] and one.purpose not in ALONE):
            return Look(one)
    return Look(None, again)
