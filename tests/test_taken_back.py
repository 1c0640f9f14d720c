"""What comes back: whoever passed it on or parked it has not joined again, and a note is there for whoever has it next. On both databases."""

from __future__ import annotations

import pytest

from handoff.desk import passing_on, staff, views
from handoff.invariants import find_breaches
from handoff.store import tables as t
from tests.cast import Cast, in_line
from tests.offering import item
from tests.test_passing_on import passed_on, unsafe_and_passed_on

pytestmark = pytest.mark.usefixtures("cast")


async def test_whoever_takes_back_what_they_passed_on_has_not_joined_again(cast: Cast) -> None:
    await passed_on(cast)
    said = await cast.messages()
    await cast.desk.do(staff.take, cast.maria, cast.ana)
    assert await cast.state() == ("human", f"staff:{cast.maria.id}")
    assert [row["text"] for row in (await cast.messages())[len(said) :]] == ["Maria is still with you here."]
    (request,) = await cast.rows(t.handoff_request)
    assert (request["state"], request["person"], request["aimed_at"]) == ("assigned", None, None)
    assert [row["event"] for row in (await cast.desk.look(views.moves, cast.ana))][-3:] == ["taken", "transferred", "taken_back"]
    assert await cast.desk.look(find_breaches) == []


async def test_a_colleague_to_whom_it_is_passed_on_has_joined(cast: Cast) -> None:
    await passed_on(cast)
    await cast.desk.do(staff.take, cast.priya, cast.ana)
    assert await cast.last() == "Priya has joined the chat."


@pytest.mark.parametrize("parked", [False, True])
async def test_whoever_takes_what_they_have_says_nothing_to_the_patient(cast: Cast, parked: bool) -> None:
    await in_line(cast)
    await cast.desk.do(staff.take, cast.maria, cast.ana)
    said = await cast.messages()
    if parked:
        await cast.desk.do(passing_on.park, cast.maria, cast.ana)
    await cast.desk.do(staff.take, cast.maria, cast.ana)
    assert await cast.state() == ("human", f"staff:{cast.maria.id}")
    assert await cast.messages() == said
    assert await cast.desk.look(find_breaches) == []


async def test_danger_that_is_taken_back_is_seen_through_by_the_same_person(cast: Cast) -> None:
    await unsafe_and_passed_on(cast)
    await cast.desk.do(staff.take, cast.maria, cast.ana)
    assert await cast.state() == ("human", f"staff:{cast.maria.id}")
    assert "park" not in (await item(cast, cast.maria))["can"]
    assert await cast.desk.look(find_breaches) == []


async def test_what_was_noted_on_closing_is_read_by_whoever_has_the_patient_next(cast: Cast) -> None:
    await in_line(cast)
    await cast.desk.do(staff.take, cast.maria, cast.ana)
    await cast.desk.do(staff.close, cast.maria, cast.ana, "answered", "Her bill is halved; the letter goes out on Monday.")
    await cast.asks_for_a_person()
    await cast.presses("Chat with a person")
    assert (await item(cast, cast.maria))["note"] == "Her bill is halved; the letter goes out on Monday."
    await cast.desk.do(staff.take, cast.maria, cast.ana)
    await cast.desk.do(staff.close, cast.maria, cast.ana, "answered", "The letter has come.")
    assert (await item(cast, cast.priya))["note"] == "The letter has come."
