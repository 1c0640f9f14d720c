"""Through the deeds, on both databases: a request in line is offered to one person after the other; passed on, parked, never lost.

Maria and Sam are members of staff. Ana waits. A look at the line is the job that every change of it leaves.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from handoff import routing
from handoff.channels import Inbound
from handoff.conversation import Event
from handoff.desk import offering, passing_on, patients, sessions, staff, staffing
from handoff.desk.orders import Cause, act
from handoff.desk.thread import open_thread
from handoff.desk.work import Work
from handoff.errors import AlreadyTaken, BadInput, OfferOver
from handoff.routing import Circle, Offer
from handoff.store import tables as t
from tests.cast import SITE, Cast, in_line, is_here
from tests.offering import item, later, look, offered

pytestmark = pytest.mark.usefixtures("cast")


async def test_who_waits_is_offered_to_one_person_for_45_seconds_then_to_the_next(cast: Cast) -> None:
    await is_here(cast, cast.sam)
    await in_line(cast)
    await look(cast)
    assert await offered(cast) == [("Maria", "pending")]
    mine, theirs = await item(cast, cast.maria), await item(cast, cast.sam)
    assert (mine["offer"]["mine"], theirs["offer"]["mine"], theirs["offer"]["name"]) == (True, False, "Maria")
    await later(cast, seconds=44)
    assert await offered(cast) == [("Maria", "pending")]
    await later(cast, seconds=1)
    assert await offered(cast) == [("Maria", "timed_out"), ("Sam", "pending")]
    await cast.desk.do(staff.take, cast.sam, cast.ana)
    assert await offered(cast) == [("Maria", "timed_out"), ("Sam", "accepted")]


async def test_anybody_may_take_it_all_the_same_and_the_offer_is_rescinded(cast: Cast) -> None:
    await is_here(cast, cast.sam)
    await in_line(cast)
    await look(cast)
    await cast.desk.do(staff.take, cast.sam, cast.ana)
    assert await offered(cast) == [("Maria", "rescinded")]
    with pytest.raises(AlreadyTaken, match="Sam"):
        await cast.desk.do(staff.take, cast.maria, cast.ana)


async def test_who_rejects_it_says_why_and_is_not_asked_again_at_once(cast: Cast) -> None:
    await in_line(cast)
    await look(cast)
    with pytest.raises(BadInput):
        await cast.desk.do(passing_on.reject, cast.maria, cast.ana, "no mood")
    with pytest.raises(OfferOver):
        await cast.desk.do(passing_on.reject, cast.sam, cast.ana, "busy")
    await cast.desk.do(passing_on.reject, cast.maria, cast.ana, "busy")
    await look(cast)
    assert await offered(cast) == [("Maria", "rejected")]
    assert [row["reason"] for row in await cast.rows(t.offer)] == ["busy"]
    await is_here(cast, cast.sam)
    await look(cast)
    assert await offered(cast) == [("Maria", "rejected"), ("Sam", "pending")]
    await later(cast, seconds=45)
    assert (await offered(cast))[1:] == [("Sam", "timed_out")]  # Maria still rests
    await later(cast, seconds=75)
    assert (await offered(cast))[2:] == [("Maria", "pending")]


async def test_whoever_answers_no_offer_is_set_to_away_and_told(cast: Cast, desk: Any) -> None:
    bells: list[str] = []

    async def hear(bell: Any) -> None:
        bells.append(bell.staff)

    desk.doorbell.subscribe(hear)
    await in_line(cast)
    await look(cast)
    for _ in range(3):
        await later(cast, seconds=45)
        await later(cast, minutes=2)
    assert await offered(cast) == [("Maria", "timed_out")] * 3
    assert cast.maria.id in bells
    (row,) = [row for row in await cast.rows(t.staff) if row["id"] == cast.maria.id]
    assert (row["available"], row["missed"]) == (False, 3)
    await cast.desk.do(staff.set_available, cast.maria, True)
    await look(cast)
    assert (await offered(cast))[3:] == [("Maria", "pending")]


async def test_whoever_goes_away_is_not_asked_any_longer_and_whoever_is_back_is_asked_at_once(cast: Cast) -> None:
    await is_here(cast, cast.sam)
    await in_line(cast)
    await look(cast)
    await cast.desk.do(staff.set_available, cast.maria, False)
    await look(cast)
    assert await offered(cast) == [("Maria", "rescinded"), ("Sam", "pending")]
    await cast.desk.do(staff.set_available, cast.maria, True)
    await cast.desk.do(staff.set_available, cast.sam, False)
    await look(cast)
    assert (await offered(cast))[1:] == [("Sam", "rescinded"), ("Maria", "pending")]


async def test_whoever_had_missed_too_many_when_the_number_was_lowered_is_told_instead_of_never_asked(cast: Cast) -> None:
    await in_line(cast)
    await cast.desk.do(lambda work: work.db.execute(t.staff.update().where(t.staff.c.id == cast.maria.id).values(missed=7)))
    await look(cast)
    assert [row["available"] for row in await cast.rows(t.staff) if row["id"] == cast.maria.id] == [False]


async def test_a_rejection_is_an_answer_and_no_miss(cast: Cast) -> None:
    await in_line(cast)
    await cast.desk.do(lambda work: work.db.execute(t.staff.update().values(missed=2)))
    await look(cast)
    await cast.desk.do(passing_on.reject, cast.maria, cast.ana, "busy")
    assert [row["missed"] for row in await cast.rows(t.staff) if row["id"] == cast.maria.id] == [0]


async def test_more_offers_than_one_look_makes_are_made_by_the_next(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offering, "AT_ONCE", 1)
    await is_here(cast, cast.sam)
    await in_line(cast)
    await second_patient(cast)
    await look(cast)
    assert sorted(await offered(cast)) == [("Maria", "pending"), ("Sam", "pending")]


@pytest.mark.parametrize(
    ("ends", "state"),
    [(Event.PATIENT_CANCELLED, "cancelled"), (Event.WAITED_TOO_LONG, "cancelled"), (Event.PATIENT_LEFT, "cancelled")],
)
async def test_what_leaves_the_line_is_before_nobody(cast: Cast, ends: Event, state: str) -> None:
    await in_line(cast)
    await look(cast)

    def end(work: Work) -> None:
        thread = open_thread(work, cast.ana)
        act(thread, ends, Cause("patient"))
        thread.save()

    await cast.desk.do(end)
    await look(cast)
    assert await offered(cast) == [("Maria", state)]
    assert (await item(cast, cast.priya))["offer"] is None


async def test_who_waited_too_long_and_waits_again_has_the_old_age(cast: Cast) -> None:
    await in_line(cast)
    (before,) = await cast.rows(t.handoff_request)
    cast.clock.forward(minutes=8)
    await is_here(cast, cast.sam)
    await cast.time_passes()
    assert (await cast.state())[0] == "choosing"
    (held,) = await cast.rows(t.handoff_request)
    assert held["state"] == "created"
    await cast.presses("Chat with a person")
    (after,) = await cast.rows(t.handoff_request)
    assert (after["state"], after["queue_age_from"]) == ("queued", before["queue_age_from"])


async def test_a_safety_matter_is_offered_to_whoever_is_here_however_full(cast: Cast) -> None:
    await is_here(cast, cast.maria)
    await cast.desk.do(lambda work: work.db.execute(t.staff.update().values(missed=2)))
    await cast.writes("I want to kill myself")
    await look(cast)
    assert await offered(cast) == [("Maria", "pending")]


async def test_a_safety_matter_does_not_wait_for_an_answer_to_something_else(cast: Cast) -> None:
    """Maria is asked about Ana and has not answered when Ben, in danger, comes: she is asked about him, and Ana after that."""
    await in_line(cast)
    await look(cast)
    assert (await item(cast, cast.maria))["offer"] is not None
    cast.clock.forward(seconds=10)
    ben = (await cast.desk.do(sessions.open_session, secret=None, site=SITE, protocol="widget", locale="en")).conversation
    await cast.desk.do(patients.receive, Inbound(ben, "b1", "I want to kill myself"))
    await look(cast)
    assert await offered(cast) == [("Maria", "rescinded"), ("Maria", "pending")]
    assert (await item(cast, cast.maria))["offer"] is None
    assert {row["missed"] for row in await cast.rows(t.staff)} == {0}
    await cast.desk.do(staff.take, cast.maria, ben)
    await look(cast)
    assert [state for _, state in await offered(cast)] == ["rescinded", "accepted", "pending"]


async def test_where_the_safety_matter_was_taken_meanwhile_nothing_takes_the_place_of_anything(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the decision and the offers Sam takes Ben, whose place before Maria was to be Ana's; and Ana was to be offered on."""
    await is_here(cast, cast.sam)
    await in_line(cast)
    await look(cast)
    ben = (await cast.desk.do(sessions.open_session, secret=None, site=SITE, protocol="widget", locale="en")).conversation
    await cast.desk.do(patients.receive, Inbound(ben, "b1", "I want to kill myself"))
    request = {row["conversation"]: row["id"] for row in await cast.rows(t.handoff_request)}
    until = cast.clock.now() + timedelta(seconds=45)
    decided = [
        Offer(request[ben], cast.maria.id, until, Circle.ALL, instead_of=request[cast.ana]),
        Offer(request[cast.ana], cast.sam.id, until, Circle.TEAM),
    ]
    seen = await cast.desk.look(staffing.needs, cast.desk.house, cast.clock.now())
    await cast.desk.do(staff.take, cast.sam, ben)
    monkeypatch.setattr(staffing, "needs", lambda *_: seen)
    monkeypatch.setattr(routing, "decide", lambda *_: decided)
    await look(cast)
    assert await offered(cast) == [("Maria", "pending")]


async def test_the_wait_is_told_only_when_enough_people_were_taken_lately(cast: Cast) -> None:
    await is_here(cast, cast.maria)
    await cast.asks_for_a_person()
    await cast.presses("Chat with a person")
    assert "min" not in await cast.last()

    def takes(work: Work) -> None:
        for number in range(7):
            work.db.execute(
                t.move.insert().values(
                    id=work.ids.new(), conversation=cast.ana, at=work.now, who="staff:x", event="taken", from_state="waiting",
                    to_state="human", from_owner="queue", to_owner="staff:x", epoch=number, why="",
                )
            )  # fmt: skip
            cast.clock.forward(minutes=3)
            work.now = cast.clock.now()

    await cast.desk.do(takes)
    await is_here(cast, cast.sam)
    await cast.desk.do(lambda work: act_cancel(work, cast.ana))
    await cast.asks_for_a_person()
    await cast.presses("Chat with a person")
    assert "about 3 min" in await cast.last()


def act_cancel(work: Work, conversation: str) -> None:
    thread = open_thread(work, conversation)
    act(thread, Event.PATIENT_CANCELLED, Cause("patient"))
    thread.save()


async def test_closed_until_when_is_said_where_the_clinic_is_closed(cast: Cast) -> None:
    cast.clock.forward(days=5)  # Saturday
    await cast.asks_for_a_person()
    assert "on Monday 30 November at" in await cast.last()


async def test_nobody_offered_twice_at_once(cast: Cast) -> None:
    """One person, two who wait: the second waits until the first offer is answered."""
    await in_line(cast)
    other = await second_patient(cast)
    await look(cast)
    assert await offered(cast) == [("Maria", "pending")]
    await cast.desk.do(staff.take, cast.maria, cast.ana)
    await look(cast)
    assert await offered(cast) == [("Maria", "accepted"), ("Maria", "pending")]
    (row,) = [row for row in await cast.rows(t.offer) if row["state"] == "pending"]
    assert row["conversation"] == other


async def second_patient(cast: Cast) -> str:
    session = await cast.desk.do(sessions.open_session, secret=None, site=SITE, protocol="widget", locale="en")
    await cast.desk.do(patients.receive, Inbound(session.conversation, "b1", button="person"))
    await cast.desk.do(patients.receive, Inbound(session.conversation, "b2", "1"))
    return str(session.conversation)


@pytest.mark.parametrize("microsecond", [0, 499, 500, 501, 938_600, 999_999])
async def test_who_said_no_rests_whatever_the_microsecond(cast: Cast, microsecond: int) -> None:
    """What is stored is never later than now: a rest that seemed to begin in the future would be of a clock that was put back since."""
    cast.clock.at = cast.clock.at.replace(microsecond=microsecond)
    await in_line(cast)
    await look(cast)
    await cast.desk.do(passing_on.reject, cast.maria, cast.ana, "busy")
    await look(cast)
    assert await offered(cast) == [("Maria", "rejected")]
