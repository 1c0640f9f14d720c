"""Which text of a line is next: in order, one at a time; safety and codes wait for nobody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from handoff.outbound_text import TextState
from handoff.text_line import Waiting, look

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def line(*given: str) -> list[Waiting]:
    """`"queued"`, `"queued staff 9 quiet_hours"`: state, purpose, in how many seconds it is due, and why then; ids rise."""
    found = []
    for number, one in enumerate(given):
        state, purpose, due, reason = [*one.split(), *["reply", "0", ""][len(one.split()) - 1 :]][:4]
        found.append(Waiting(str(number), TextState(state), purpose, NOW + timedelta(seconds=int(due)), reason or None))
    return found


@pytest.mark.parametrize(
    ("texts", "next_one", "again"),
    [
        ([], None, None),
        (["queued"], "0", None),
        (["queued", "queued"], "0", None),
        (["accepted reply 9", "queued"], None, 9),  # accepted is not sent
        (["accepted reply 0", "queued"], "1", None),
        (["accepted reply -1", "queued"], "1", None),
        (["queued reply 3600 quiet_hours", "queued"], "1", None),  # what waits for the morning holds back itself only
        (["queued reply 900 unreachable", "queued"], "1", None),
        (["queued reply 3600 quiet_hours"], None, 3600),
        (["queued reply 3600 quiet_hours", "accepted reply 9", "queued"], None, 9),
        (["queued reply 7 too_fast", "queued"], None, 7),  # whatever else waits keeps its place
        (["queued reply 7 daily_cap", "queued"], None, 7),
        (["queued reply 7 account", "queued safety"], "1", None),
        (["attempting", "queued"], "0", None),  # its sender died
        (["maybe_sent", "queued"], "0", None),  # to be looked for
        (["maybe_sent reply 5", "queued"], None, 5),  # nothing overtakes it
        (["maybe_sent reply 5", "queued", "queued safety"], "2", None),  # but what cannot wait
        (["accepted reply 9", "queued code"], "1", None),
        (["accepted safety 9", "queued safety"], None, 9),  # in order among themselves
        (["accepted safety 9", "queued"], None, 9),
        (["maybe_sent safety 5", "queued safety"], "1", None),
        (["queued", "queued safety"], "1", None),
        (["queued staff", "queued callback"], "0", None),
        (["maybe_sent reply 5", "accepted safety 9", "queued page"], "2", None),  # a page waits for nobody
        (["accepted page 9", "queued page"], "1", None),
        (["maybe_sent page 5", "queued page 900 unreachable", "queued"], "2", None),  # and nobody for a page
        (["accepted page 9", "queued safety"], "1", None),
        (["attempting page", "queued"], "0", None),
        (["queued page", "queued safety"], "1", None),  # whoever is in danger is told first whom to call
        (["queued", "queued page"], "1", None),
        (["queued page 9 account"], None, 9),
    ],
)
def test_next(texts: list[str], next_one: str | None, again: int | None) -> None:
    found = look(reversed(line(*texts)), NOW)
    assert (found.text.id if found.text else None) == next_one
    if again is not None:
        assert found.again == NOW + timedelta(seconds=again)
