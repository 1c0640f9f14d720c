"""How near its end a promise is, and when somebody looks next: minute by minute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from handoff.promise import Kind, Stage, next_look, stage

DUE = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "minutes_left", "expected", "look_at_minutes_left"),
    [
        (Kind.CALLBACK, 120, Stage.EARLY, 30),
        (Kind.CALLBACK, 31, Stage.EARLY, 30),
        (Kind.CALLBACK, 30, Stage.ALERT, 10),
        (Kind.CALLBACK, 11, Stage.ALERT, 10),
        (Kind.CALLBACK, 10, Stage.TELL, 0),
        (Kind.CALLBACK, 1, Stage.TELL, 0),
        (Kind.CALLBACK, 0, Stage.BROKEN, None),
        (Kind.CALLBACK, -60, Stage.BROKEN, None),  # we were down: it is broken at once, not warned of
        (Kind.ANSWER_HERE, 241, Stage.EARLY, 240),
        (Kind.ANSWER_HERE, 240, Stage.ALERT, 30),
        (Kind.ANSWER_HERE, 30, Stage.TELL, 0),
        (Kind.ANSWER_HERE, 0, Stage.BROKEN, None),
    ],
)
def test_a_promise_nears_its_end(kind: Kind, minutes_left: int, expected: Stage, look_at_minutes_left: int | None) -> None:
    now = DUE - timedelta(minutes=minutes_left)
    assert stage(kind, DUE, now) is expected
    look = None if look_at_minutes_left is None else DUE - timedelta(minutes=look_at_minutes_left)
    assert next_look(kind, DUE, now) == look
