"""Through the deeds, on both databases: whatever frees or takes away somebody leaves a look at the line. Maria has all she can carry."""

from __future__ import annotations

from dataclasses import replace

import pytest

from handoff import records
from handoff.desk import patients, staff, staffing
from handoff.desk.thread import open_thread
from handoff.desk.work import Work
from handoff.staff import presence
from handoff.store import tables as t
from handoff.teams import Abilities
from tests.cast import Cast, is_here
from tests.offering import look, offered
from tests.test_told import ben_waits

pytestmark = pytest.mark.usefixtures("cast")


async def full(cast: Cast, chat_now: str = "Chat with a person") -> str:
    """One of the three whom Maria talks with; Ana waits behind them, before nobody."""
    await is_here(cast, cast.maria)
    for _ in range(3):
        talking = await ben_waits(cast)
        await cast.desk.do(staff.take, cast.maria, talking)
    await cast.asks_for_a_person()
    await cast.presses(chat_now)
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


async def test_who_is_gone_without_a_word_is_waited_for_no_longer(cast: Cast) -> None:
    """Ana writes Spanish. Maria alone speaks it, and is busy; then her laptop is closed."""
    house = cast.desk.house
    people = {"sam@clinic.example": Abilities(languages=frozenset({"en"}))}
    cast.desk.house = replace(house, routing=replace(house.routing, teams=replace(house.routing.teams, people=people)))
    await cast.desk.do(patients.switch_language, cast.ana, "es")
    await full(cast, "Hablar con una persona")
    cast.clock.forward(seconds=5)
    await is_here(cast, cast.sam)
    await look(cast)
    cast.clock.forward(seconds=14)
    await cast.desk.do(presence.renew, ["socket-Sam"])
    await look(cast)
    assert await offered(cast) == []
    cast.clock.forward(seconds=1)
    await look(cast)
    assert await offered(cast) == [("Sam", "pending")]


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
