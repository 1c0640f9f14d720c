"""Promises: a sentence to a patient that something will happen by a time, and when somebody looks whether it will. Pure.

Before one is missed a supervisor is told, so that it can still be kept; then the patient hears from us that it will be late; and only
then is it broken.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum


class Kind(StrEnum):
    CALLBACK = "callback"  # a call in its window
    ANSWER_HERE = "answer_here"  # an answer in the thread


class Stage(IntEnum):
    """How near the end is."""

    EARLY = 0
    ALERT = 1  # supervisors are told
    TELL = 2  # the patient is told
    BROKEN = 3


@dataclass(frozen=True)
class Margins:
    """How long before the end each is done."""

    alert: timedelta
    tell: timedelta


MARGINS = {
    Kind.CALLBACK: Margins(alert=timedelta(minutes=30), tell=timedelta(minutes=10)),
    Kind.ANSWER_HERE: Margins(alert=timedelta(hours=4), tell=timedelta(minutes=30)),
}


def stage(kind: Kind, due: datetime, now: datetime) -> Stage:
    """How near its end a promise is at `now`."""
    margins = MARGINS[kind]
    if now >= due:
        return Stage.BROKEN
    if now >= due - margins.tell:
        return Stage.TELL
    return Stage.ALERT if now >= due - margins.alert else Stage.EARLY


def next_look(kind: Kind, due: datetime, now: datetime) -> datetime | None:
    """When to look again; None when there is nothing more to look for."""
    margins = MARGINS[kind]
    return next((at for at in (due - margins.alert, due - margins.tell, due) if at > now), None)
