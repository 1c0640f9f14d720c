"""Which text of a line is next: in order, one at a time; safety and codes wait for nobody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from handoff.outbound_text import TextState
from handoff.text_line import Waiting, look

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def line(*given: str) -> list[Waiting]:
    """`"queued"`, `"accepted staff +9"`: state, purpose, and in how many seconds it is due; ids rise."""
    found = []
    for number, one in enumerate(given):
        state, purpose, due = [*one.split(), *["reply", "0"][len(one.split()) - 1 :]][:3]
        found.append(Waiting(str(number), TextState(state), purpose, NOW + timedelta(seconds=int(due))))
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
        (["queued reply 3600", "queued"], "1", None),  # the night or a cap holds back itself only
        (["queued reply 3600"], None, 3600),
        (["queued reply 3600", "accepted reply 9", "queued"], None, 9),
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
    ],
)
def test_next(texts: list[str], next_one: str | None, again: int | None) -> None:
    found = look(reversed(line(*texts)), NOW)
    assert (found.text.id if found.text else None) == next_one
    if again is not None:
        assert found.again == NOW + timedelta(seconds=again)
