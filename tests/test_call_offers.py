"""Promised calls are offered like those who wait: to one person at a time, for a minute, from when they are due. It is Monday, 9:00 UTC."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from handoff.desk import callback_acts, passing_on, promise_watch, staff, staffing
from handoff.desk.clock_back import clock_went_back
from handoff.errors import OfferOver
from handoff.hours import Window
from handoff.invariants import find_breaches
from handoff.store import tables as t
from tests.cast import Cast, is_here
from tests.offering import item, later, look, offered
from tests.test_asking import asks, open_one


async def asks_for_today(cast: Cast) -> str:
    """Ana is promised a call in a window that has begun; Maria and Sam are here."""
    await is_here(cast, cast.maria)
    await is_here(cast, cast.sam)
    await asks(cast, "2025550199", "ok", "1", "my bill")
    callback = await open_one(cast)
    await until(cast, callback["window_from"])
    return str(callback["id"])


async def until(cast: Cast, at: datetime) -> None:
    await later(cast, seconds=max(0.0, (at - cast.clock.now()).total_seconds()))


async def test_a_due_call_is_offered_for_a_minute_then_to_the_next(cast: Cast) -> None:
    callback = await asks_for_today(cast)
    assert await offered(cast) == [("Maria", "pending")]
    shown = (await item(cast, cast.maria))["offer"]
    assert (shown["mine"], shown["call"]) == (True, True)
    assert await cast.desk.look(find_breaches) == []
    await later(cast, seconds=59)
    assert await offered(cast) == [("Maria", "pending")]
    await later(cast, seconds=1)
    assert await offered(cast) == [("Maria", "timed_out"), ("Sam", "pending")]
    await cast.desk.do(callback_acts.claim, cast.sam, callback)
    assert await offered(cast) == [("Maria", "timed_out"), ("Sam", "accepted")]
    assert await cast.desk.look(find_breaches) == []


async def test_a_call_is_offered_to_nobody_before_its_window(cast: Cast) -> None:
    await is_here(cast, cast.maria)
    await asks(cast, "2025550199", "ok", "2", "my bill")
    begins = (await open_one(cast))["window_from"]
    assert begins > cast.clock.now()
    await look(cast)
    assert await offered(cast) == []
    await until(cast, begins)
    assert await offered(cast) == [("Maria", "pending")]


async def test_a_call_is_before_nobody_whose_time_is_yet_to_come_again(cast: Cast) -> None:
    """The clock is put back: danger would else wait for an answer to a call that is not due."""
    await asks_for_today(cast)
    assert await offered(cast) == [("Maria", "pending")]
    cast.clock.forward(hours=-5)
    await cast.desk.do(lambda work: clock_went_back(work.db, work.now, work.house.routing.teams.rules))
    await look(cast)
    assert await offered(cast) == [("Maria", "rescinded")]


async def test_anybody_may_take_it_all_the_same(cast: Cast) -> None:
    callback = await asks_for_today(cast)
    await cast.desk.do(callback_acts.claim, cast.sam, callback)
    assert await offered(cast) == [("Maria", "rescinded")]
    with pytest.raises(OfferOver):
        await cast.desk.do(passing_on.reject, cast.maria, cast.ana, "busy")


async def test_who_rejects_it_says_why_and_it_goes_to_the_next(cast: Cast) -> None:
    await asks_for_today(cast)
    await cast.desk.do(passing_on.reject, cast.maria, cast.ana, "busy")
    await look(cast)
    assert await offered(cast) == [("Maria", "rejected"), ("Sam", "pending")]


async def test_a_call_that_is_given_back_is_offered_again(cast: Cast) -> None:
    callback = await asks_for_today(cast)
    await cast.desk.do(callback_acts.claim, cast.maria, callback)
    await look(cast)
    assert await offered(cast) == [("Maria", "accepted")]
    await cast.desk.do(callback_acts.release, cast.maria, callback)
    await look(cast)
    assert len(await offered(cast)) == 2


async def test_a_call_that_is_moved_or_called_off_is_before_nobody(cast: Cast) -> None:
    callback = await asks_for_today(cast)
    tomorrow = cast.clock.now().replace(hour=9, minute=0) + timedelta(days=1)
    await cast.desk.do(callback_acts.move, cast.priya, callback, Window(tomorrow, tomorrow + timedelta(hours=3)))
    assert await offered(cast) == [("Maria", "cancelled")]
    await look(cast)
    assert await offered(cast) == [("Maria", "cancelled")]


async def test_after_a_try_in_vain_it_is_offered_when_the_next_is_allowed(cast: Cast) -> None:
    callback = await asks_for_today(cast)
    await cast.desk.do(callback_acts.log_attempt, cast.maria, callback, "no_answer", "")
    await look(cast)
    assert await offered(cast) == [("Maria", "accepted")]
    await later(cast, minutes=9)
    assert len(await offered(cast)) == 1
    await later(cast, minutes=1)
    assert len(await offered(cast)) == 2


async def test_a_late_call_is_still_offered_until_a_supervisor_has_it(cast: Cast) -> None:
    """But not at night: whoever took it could not phone, for the patient sleeps and the time that they chose is over."""
    await asks_for_today(cast)
    await until(cast, (await open_one(cast))["window_to"])  # 6:00 where Ana's number is
    lease, payload = await cast.job("watch_promise")
    await cast.desk.do(promise_watch.watch, lease, payload)
    assert (await open_one(cast))["state"] == "overdue"
    await later(cast, minutes=3)
    assert (await offered(cast))[-1][1] == "rescinded"
    (morning,) = await cast.desk.look(lambda db: staffing.next_calls(db, cast.desk.house, cast.clock.now()))
    assert morning.hour == 13  # 8:00 there
    await until(cast, morning)
    assert (await offered(cast))[-1][1] == "pending"


async def test_a_call_that_only_danger_made_due_at_night_is_before_nobody_once_that_is_over(cast: Cast) -> None:
    """Else whoever it is before is asked about nothing else for as long, danger included."""
    await asks_for_today(cast)
    await until(cast, (await open_one(cast))["window_to"])  # 6:00 where Ana's number is
    await later(cast, minutes=3)
    before = len(await cast.rows(t.offer))
    await cast.writes("I want to kill myself")
    await look(cast)
    (call,) = [row for row in (await cast.rows(t.offer))[before:] if row["callback"] is not None]
    assert call["state"] == "pending"
    await cast.desk.do(staff.take, cast.priya, cast.ana)
    await cast.desk.do(staff.hand_back, cast.priya, cast.ana)
    await look(cast)
    (call,) = [row for row in await cast.rows(t.offer) if row["id"] == call["id"]]
    assert call["state"] == "rescinded"


async def test_a_call_of_an_older_wait_goes_before_who_waits_now(cast: Cast) -> None:
    callback = await asks_for_today(cast)
    await cast.desk.do(staff.set_available, cast.sam, False)
    await cast.desk.do(callback_acts.claim, cast.maria, callback)
    await cast.desk.do(callback_acts.release, cast.maria, callback)
    await cast.asks_for_a_person()
    await cast.presses("Chat with a person")
    await look(cast)
    (pending,) = [row for row in await cast.rows(t.offer) if row["state"] == "pending"]
    assert pending["callback"] == callback  # the older wait
    assert await cast.desk.look(find_breaches) == []


async def test_a_call_that_somebody_makes_takes_of_their_room(cast: Cast) -> None:
    callback = await asks_for_today(cast)
    await cast.desk.do(callback_acts.claim, cast.maria, callback)
    assert await loads(cast) == {"Maria": 2, "Sam": 0}


async def loads(cast: Cast) -> dict[str, int]:
    found = await cast.desk.look(staffing.members, cast.desk.house, cast.clock.now(), ())
    names = {person.id: person.name for person in (cast.maria, cast.sam, cast.priya)}
    return {names[one.id]: one.load for one in found}


async def test_taking_a_call_is_an_answer(cast: Cast) -> None:
    callback = await asks_for_today(cast)
    await cast.desk.do(lambda work: work.db.execute(t.staff.update().values(missed=2, idle_since=None)))
    await cast.desk.do(callback_acts.claim, cast.maria, callback)
    (row,) = [row for row in await cast.rows(t.staff) if row["id"] == cast.maria.id]
    assert (row["missed"], row["idle_since"]) == (0, cast.clock.now())
