"""Through the deeds, on both databases: a conversation that is passed on or parked is never without somebody, and never lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from handoff.channels import Inbound
from handoff.desk import passing_on, patients, staff, views
from handoff.errors import BadInput, NotYours
from handoff.invariants import find_breaches
from handoff.store import tables as t
from handoff.teams import Abilities, Team, Teams
from tests.cast import Cast, in_line, is_here
from tests.offering import item, later, look, offered

pytestmark = pytest.mark.usefixtures("cast")


async def test_a_conversation_that_is_passed_on_stays_with_its_owner_until_it_is_taken(cast: Cast) -> None:
    await in_line(cast)
    await is_here(cast, cast.sam)
    await look(cast)
    await cast.desk.do(staff.take, cast.maria, cast.ana)
    (before,) = await cast.rows(t.handoff_request)
    cast.clock.forward(minutes=10)
    await is_here(cast, cast.priya)
    await cast.desk.do(passing_on.transfer, cast.maria, cast.ana, team=None, to=cast.priya.id, note="She asks about her bill.")
    await look(cast)
    assert await cast.state() == ("waiting", f"staff:{cast.maria.id}")
    assert (await offered(cast))[1:] == [("Priya", "pending")]  # to her alone, whoever else is here
    (after,) = await cast.rows(t.handoff_request)
    assert after["queue_age_from"] == before["queue_age_from"]
    assert (await item(cast, cast.priya))["note"] == "She asks about her bill."
    await cast.desk.do(staff.write, cast.maria, cast.ana, "m1", "My colleague is on her way.")
    await cast.desk.do(staff.take, cast.priya, cast.ana)
    assert await cast.state() == ("human", f"staff:{cast.priya.id}")
    with pytest.raises(NotYours):
        await cast.desk.do(staff.write, cast.maria, cast.ana, "m2", "One more thing.")


async def test_it_is_known_since_when_it_is_with_whoever_has_it_and_since_when_the_patient_waits(cast: Cast) -> None:
    await in_line(cast)
    asked = views.moment(cast.clock.now())
    cast.clock.forward(minutes=6)
    await cast.desk.do(staff.take, cast.maria, cast.ana)
    taken = views.moment(cast.clock.now())
    cast.clock.forward(minutes=2)
    await cast.desk.do(staff.write, cast.maria, cast.ana, "m1", "Good morning.")
    await cast.writes("I want to end it all")  # more words of danger move nothing
    shown = await item(cast, cast.maria)
    assert (shown["waiting_since"], shown["since"]) == (asked, taken)
    cast.clock.forward(minutes=2)
    await cast.desk.do(passing_on.transfer, cast.maria, cast.ana, team=None, to=cast.sam.id, note="")
    await cast.desk.do(staff.take, cast.sam, cast.ana)
    shown = await item(cast, cast.maria)
    assert (shown["waiting_since"], shown["since"]) == (asked, views.moment(cast.clock.now()))


async def test_if_the_one_it_is_for_does_not_answer_others_are_asked_but_not_whoever_passed_it_on(cast: Cast) -> None:
    await in_line(cast)
    await look(cast)
    await cast.desk.do(staff.take, cast.maria, cast.ana)
    await is_here(cast, cast.sam)
    await is_here(cast, cast.priya)
    await cast.desk.do(passing_on.transfer, cast.maria, cast.ana, team=None, to=cast.priya.id, note="")
    await look(cast)
    await later(cast, seconds=45)
    await later(cast, seconds=75)
    assert (await offered(cast))[1:] == [("Priya", "timed_out"), ("Sam", "pending")]


@pytest.mark.parametrize(("team", "to"), [(None, None), ("clinic", "maria"), ("nobody", None), (None, "nobody"), (None, "maria")])
async def test_it_can_be_passed_on_to_a_team_or_a_person_that_there_is(cast: Cast, team: str | None, to: str | None) -> None:
    await in_line(cast)
    await cast.desk.do(staff.take, cast.maria, cast.ana)
    with pytest.raises(BadInput):
        await cast.desk.do(passing_on.transfer, cast.maria, cast.ana, team=team, to=cast.maria.id if to == "maria" else to, note="")
    assert await cast.state() == ("human", f"staff:{cast.maria.id}")


async def test_whoever_passes_it_on_is_told_who_is_here_to_take_it(cast: Cast) -> None:
    names = ("desk", "nurses", "billing")
    people = {f"{one}@clinic.example": Abilities(frozenset({team})) for one, team in zip(("maria", "sam", "priya"), names, strict=True)}
    teams = Teams({name: Team(name, {"en": name}) for name in names}, "desk", people)
    house = cast.desk.house
    cast.desk.house = replace(house, routing=replace(house.routing, teams=teams))
    await is_here(cast, cast.maria)
    await is_here(cast, cast.sam)

    async def here() -> dict[str, list[str]]:
        found = await cast.desk.look(passing_on.targets, cast.desk.house, cast.maria, cast.clock.now())
        return {kind: [one["name"] for one in targets if one["here"]] for kind, targets in found.items()}

    assert await here() == {"teams": ["nurses"], "people": ["Sam"]}  # her own team has nobody but her
    await is_here(cast, cast.priya)
    await cast.desk.do(staff.set_available, cast.sam, False)
    assert await here() == {"teams": ["billing"], "people": ["Priya"]}
    cast.clock.forward(seconds=21)  # no console has said that it is still open
    assert await here() == {"teams": [], "people": []}


async def test_two_of_one_name_are_told_apart_by_their_addresses(cast: Cast) -> None:
    await cast.desk.do(lambda work: work.db.execute(t.staff.update().where(t.staff.c.id == cast.priya.id).values(name="Sam")))
    found = await cast.desk.look(passing_on.targets, cast.desk.house, cast.maria, cast.clock.now())
    assert sorted(one["name"] for one in found["people"]) == ["Root", "Sam (priya@clinic.example)", "Sam (sam@clinic.example)"]


async def test_a_parked_conversation_comes_back_to_the_same_person(cast: Cast) -> None:
    await in_line(cast)
    await look(cast)
    await cast.desk.do(staff.take, cast.maria, cast.ana)
    await cast.desk.do(passing_on.park, cast.maria, cast.ana)
    assert await cast.state() == ("parked", f"staff:{cast.maria.id}")
    await cast.writes("here I am again")
    assert await cast.state() == ("human", f"staff:{cast.maria.id}")


async def test_or_into_line_at_its_old_age_when_that_person_is_away(cast: Cast) -> None:
    await in_line(cast)
    await look(cast)
    await cast.desk.do(staff.take, cast.maria, cast.ana)
    (before,) = await cast.rows(t.handoff_request)
    await cast.desk.do(passing_on.park, cast.maria, cast.ana)
    cast.clock.forward(minutes=3)  # her lease has run out
    await is_here(cast, cast.sam)
    await cast.writes("here I am again")
    await look(cast)
    (after,) = await cast.rows(t.handoff_request)
    assert (await cast.state(), after["queue_age_from"]) == (("waiting", "queue"), before["queue_age_from"])
    assert (await offered(cast))[-1] == ("Sam", "pending")
    assert "Maria is away just now" in await cast.last()


@pytest.mark.parametrize("by", ["words", "button"])
async def test_somebody_who_is_at_their_screen_but_set_to_away_is_away(cast: Cast, by: str) -> None:
    await in_line(cast)
    await cast.desk.do(staff.take, cast.maria, cast.ana)
    await cast.desk.do(passing_on.park, cast.maria, cast.ana)
    await cast.desk.do(staff.set_available, cast.maria, False)
    await (cast.writes("here I am again") if by == "words" else cast.asks_for_a_person())
    assert await cast.state() == ("waiting", "queue")
    assert "Maria is away just now" in await cast.last()


async def passed_on(cast: Cast) -> None:
    """Maria has passed Ana on to Priya, who is not there; the owner's screen stays open."""
    await in_line(cast)
    await look(cast)
    await cast.desk.do(staff.take, cast.maria, cast.ana)
    await cast.desk.do(passing_on.transfer, cast.maria, cast.ana, team=None, to=cast.priya.id, note="")
    await look(cast)


async def test_what_is_passed_on_and_taken_by_nobody_goes_back_to_whoever_passed_it_on(cast: Cast) -> None:
    await passed_on(cast)
    (watch,) = [row for row in await cast.rows(t.job) if row["kind"] == "timer" and row["state"] == "ready"]
    assert (watch["run_at"] - cast.clock.now()).total_seconds() == 20
    for _ in range(23):
        await later(cast, seconds=20)
        await cast.time_passes()
    assert await cast.state() == ("waiting", f"staff:{cast.maria.id}")
    for _ in range(2):
        await later(cast, seconds=20)
        await cast.time_passes()
    assert await cast.state() == ("human", f"staff:{cast.maria.id}")
    assert await cast.last() == "No colleague has been free in time. Maria is still with you here."
    (request,) = await cast.rows(t.handoff_request)
    assert (request["state"], request["person"], request["aimed_at"]) == ("assigned", None, None)


async def test_whoever_passed_it_on_and_is_lost_has_it_no_more_and_the_longest_wait_goes_on(cast: Cast) -> None:
    await passed_on(cast)
    begun = cast.clock.now()
    while (await cast.state())[1] != "queue":
        cast.clock.forward(seconds=20)
        await cast.time_passes()
    assert (cast.clock.now() - begun).total_seconds() == 80  # a lease of 20 seconds and the minute of grace
    assert "connection to Maria was lost" in await cast.last()
    lost = (await cast.desk.look(views.moves, cast.ana))[-1]
    assert (lost["event"], lost["who"], lost["had"]) == ("staff_lost", "timer", "Maria")
    (timer,) = [row for row in await cast.rows(t.job) if row["kind"] == "timer" and row["state"] in ("ready", "running")]
    assert (timer["run_at"] - begun).total_seconds() == 8 * 60


async def test_what_is_passed_on_by_somebody_who_is_away_by_then_is_not_given_back_to_them(cast: Cast) -> None:
    await passed_on(cast)
    await cast.desk.do(staff.set_available, cast.maria, False)
    for _ in range(24):
        await later(cast, seconds=20)
        await cast.time_passes()
    assert await cast.state() == ("choosing", "bot")
    assert "nobody has been free in time" in [row["text"] for row in await cast.messages()][-2]


async def unsafe_and_passed_on(cast: Cast) -> None:
    await is_here(cast, cast.maria)
    await cast.writes("I want to kill myself")
    await cast.desk.do(staff.take, cast.maria, cast.ana)
    await cast.desk.do(passing_on.transfer, cast.maria, cast.ana, team=None, to=cast.priya.id, note="")


async def test_danger_that_is_passed_on_calls_nobody_while_its_owner_is_there(cast: Cast) -> None:
    await unsafe_and_passed_on(cast)
    assert [row["step"] for row in await cast.rows(t.page) if row["ended_at"] is None] == []
    assert await cast.desk.look(find_breaches) == []


@pytest.mark.parametrize("gone", ["away", "lost"])
async def test_danger_that_is_passed_on_calls_everybody_when_its_owner_is_gone(cast: Cast, gone: str) -> None:
    await unsafe_and_passed_on(cast)
    if gone == "away":  # and says so: nobody waits for what is known
        await cast.desk.do(staff.set_available, cast.maria, False)
        assert [row["run_at"] for row in await cast.rows(t.job) if (row["kind"], row["state"]) == ("timer", "ready")] == [cast.clock.now()]
        await cast.time_passes()
        assert (await cast.state())[1] == "queue"
    while (await cast.state())[1] != "queue":
        cast.clock.forward(seconds=20)
        await cast.time_passes()
    assert [row["step"] for row in await cast.rows(t.page) if row["ended_at"] is None] == [0]
    assert await cast.desk.look(find_breaches) == []


async def test_more_words_of_danger_are_no_reason_to_wait_longer_for_a_colleague(cast: Cast) -> None:
    await unsafe_and_passed_on(cast)
    for number in range(24):
        await later(cast, seconds=20)
        if number == 12:
            await cast.writes("I will kill myself tonight")
        await cast.time_passes()
    assert await cast.state() == ("human", f"staff:{cast.maria.id}")


async def test_what_the_console_offers_can_be_done(cast: Cast) -> None:
    await passed_on(cast)
    assert [name for name in (await item(cast, cast.maria))["can"] if name != "plan_call"] == ["read", "write", "take", "mark"]
    await cast.desk.do(staff.take, cast.maria, cast.ana)
    assert {"hand_back", "close", "park", "transfer"} <= set((await item(cast, cast.maria))["can"])
    await cast.writes("I want to kill myself")
    assert "park" not in (await item(cast, cast.maria))["can"]


async def test_getting_it_back_is_no_answer_to_an_offer(cast: Cast) -> None:
    await passed_on(cast)
    await cast.desk.do(lambda work: work.db.execute(t.staff.update().values(missed=2)))
    for _ in range(24):
        await later(cast, seconds=20)
        await cast.time_passes()
    assert await cast.state() == ("human", f"staff:{cast.maria.id}")
    assert [row["missed"] for row in await cast.rows(t.staff) if row["id"] == cast.maria.id] == [2]


async def lost(cast: Cast) -> None:
    """The connection to Maria is lost, so that Ana waits for anybody."""
    while (await cast.state())[1] != "queue":
        cast.clock.forward(seconds=20)
        await cast.time_passes()


ASKED = "Is it about bill 1 or bill 2?"


@pytest.mark.parametrize("goes_on", [None, lost])
@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("1", "waiting"),
        ("One", "waiting"),
        ("yes, stop waiting", "waiting"),
        ("they stop waiting patients", "waiting"),
        ("quiero esperar", "waiting"),
        ("stop waiting", "bot"),
        ("Leave the line, please", "bot"),
        ("Quiero dejar de esperar", "bot"),
        ("no quiero esperar", "bot"),
    ],
)
async def test_who_waits_and_answers_what_staff_asked_leaves_the_line_in_plain_words_only(
    cast: Cast, said: str, state: str, goes_on: Callable[[Cast], Any] | None
) -> None:
    await passed_on(cast)
    await cast.desk.do(staff.write, cast.maria, cast.ana, "m1", ASKED)
    if goes_on is not None:
        await goes_on(cast)
    await cast.desk.do(patients.receive, Inbound(cast.ana, "t1", said, channel="sms"))
    assert (await cast.state())[0] == state
    (request,) = await cast.rows(t.handoff_request)
    assert (request["state"] == "cancelled") is (state == "bot")


@pytest.mark.parametrize(("channel", "state"), [("sms", "bot"), ("web", "waiting")])
async def test_in_line_a_number_leaves_it_where_lines_are_numbered_and_nobody_has_said_anything_since(
    cast: Cast, channel: str, state: str
) -> None:
    await in_line(cast)
    await cast.desk.do(patients.receive, Inbound(cast.ana, "t1", "1", channel=channel))
    assert (await cast.state())[0] == state
