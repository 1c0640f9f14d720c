"""Through the deeds, on both databases: a request in line is offered to one person after the other; passed on, parked, never lost.

Maria and Sam are members of staff. Ana waits. A look at the line is the job that every change of it leaves.
"""

from __future__ import annotations

from typing import Any

import pytest

from handoff import jobs
from handoff.conversation import Event
from handoff.desk import offering, passing_on, patients, staff, views
from handoff.desk.orders import Cause, act
from handoff.desk.thread import open_thread
from handoff.desk.work import Work
from handoff.errors import AlreadyTaken, BadInput, NotYours, OfferOver
from handoff.staff import presence
from handoff.staff.access import Person
from handoff.store import tables as t
from tests.cast import Cast, in_line, is_here

pytestmark = pytest.mark.usefixtures("cast")


async def look(cast: Cast) -> None:
    """Every look that is due, as the runner does it."""
    while True:
        found = await cast.desk.do(
            lambda work: [job for job in jobs.claim(work.db, now=work.now, owner="test", limit=50) if job.kind == "line"]
        )
        born = [
            jobs.Lease(row["id"], row["lease_owner"], row["lease_epoch"])
            for row in await cast.rows(t.job)
            if row["kind"] == "line" and row["state"] == "running"
        ]
        if not born:
            return
        assert {job.id for job in found} <= {lease.job for lease in born}
        for lease in born:
            await cast.desk.do(offering.look_at_line, lease)


async def offered(cast: Cast) -> list[tuple[str, str]]:
    """Whom it was offered to, and what became of it, oldest first."""
    names = {person.id: person.name for person in (cast.maria, cast.sam, cast.priya)}
    return [(names[row["staff"]], row["state"]) for row in sorted(await cast.rows(t.offer), key=lambda row: (row["made_at"], row["id"]))]


async def later(cast: Cast, **length: float) -> None:
    """Time passes, and everybody's connection lives on."""
    cast.clock.forward(**length)
    sockets = [row["socket"] for row in await cast.rows(t.presence) if row["node"] != "gone"]
    await cast.desk.do(presence.renew, sockets)
    await look(cast)


async def item(cast: Cast, person: Person) -> dict[str, Any]:
    return await cast.desk.look(views.item, cast.desk.house, person, cast.ana)


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


async def test_whoever_goes_away_is_not_asked_any_longer(cast: Cast) -> None:
    await is_here(cast, cast.sam)
    await in_line(cast)
    await look(cast)
    await cast.desk.do(staff.set_available, cast.maria, False)
    await look(cast)
    assert await offered(cast) == [("Maria", "rejected"), ("Sam", "pending")]


async def test_an_offer_ends_though_nobody_is_left(cast: Cast) -> None:
    await in_line(cast)
    await look(cast)
    cast.clock.forward(seconds=45)  # her lease has run out
    await look(cast)
    assert await offered(cast) == [("Maria", "timed_out")]


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


async def test_a_safety_matter_is_offered_to_whoever_is_here_however_full(cast: Cast) -> None:
    await is_here(cast, cast.maria)
    await cast.desk.do(lambda work: work.db.execute(t.staff.update().values(missed=2)))
    await cast.writes("I want to kill myself")
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
    from handoff.channels import Inbound
    from handoff.desk import sessions
    from tests.cast import SITE

    session = await cast.desk.do(sessions.open_session, secret=None, site=SITE, protocol="widget", locale="en")
    await cast.desk.do(patients.receive, Inbound(session.conversation, "b1", button="person"))
    await cast.desk.do(patients.receive, Inbound(session.conversation, "b2", "1"))
    return str(session.conversation)
