"""Through the deeds, on both databases: whatever frees somebody leaves a look at the line. Maria has all she can carry; Ana waits."""

from __future__ import annotations

from dataclasses import replace

import pytest

from handoff import records
from handoff.desk import staff, staffing
from handoff.desk.thread import open_thread
from handoff.desk.work import Work
from handoff.store import tables as t
from tests.cast import Cast, is_here
from tests.offering import look, offered
from tests.test_told import ben_waits

pytestmark = pytest.mark.usefixtures("cast")


async def full(cast: Cast) -> str:
    """One of the three whom Maria talks with; Ana waits behind them, before nobody."""
    await is_here(cast, cast.maria)
    for _ in range(3):
        talking = await ben_waits(cast)
        await cast.desk.do(staff.take, cast.maria, talking)
    await cast.asks_for_a_person()
    await cast.presses("Chat with a person")
    await look(cast)
    assert ("Maria", "pending") not in await offered(cast)
    return talking


async def test_a_chat_that_is_erased_frees_whoever_had_it(cast: Cast) -> None:
    talking = await full(cast)
    await cast.desk.do(records.erase, talking, who="patient")
    await look(cast)
    assert ("Maria", "pending") in await offered(cast)


async def test_a_chat_that_goes_on_by_text_weighs_less(cast: Cast) -> None:
    """Two of the three go on by text: there is room for one more chat."""
    talking = await full(cast)
    others = [row["id"] for row in await cast.rows(t.conversation) if row["state"] == "human" and row["id"] != talking]

    def by_text(work: Work, conversation: str) -> None:
        thread = open_thread(work, conversation)
        thread.row["channel"] = "sms"
        thread.save()

    for conversation in (talking, others[0]):
        await cast.desk.do(by_text, conversation)
    await look(cast)
    assert ("Maria", "pending") in await offered(cast)


async def test_a_conversation_that_is_erased_while_the_line_is_looked_at_holds_nobody_back(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    await is_here(cast, cast.maria)
    await is_here(cast, cast.sam)
    await cast.asks_for_a_person()
    await cast.presses("Chat with a person")
    real = staffing.needs

    def with_a_ghost(*given: object) -> list[object]:
        found = real(*given)  # type: ignore[arg-type]
        return [replace(found[0], id="gone", conversation="gone", priority=0), *found]

    monkeypatch.setattr(staffing, "needs", with_a_ghost)
    await look(cast)
    assert len([state for _, state in await offered(cast) if state == "pending"]) == 1
