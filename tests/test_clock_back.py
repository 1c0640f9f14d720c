"""The machine's clock is put back by an hour: nothing that was to last for minutes lasts for an hour more. Maria picks up; Ana asks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from handoff.desk import staff
from handoff.desk.clock_back import clock_went_back
from handoff.desk.work import LINE
from handoff.store import tables as t
from tests.cast import Cast, in_line, is_here
from tests.offering import look, offered

pytestmark = pytest.mark.usefixtures("cast")


async def put_back(cast: Cast) -> None:
    cast.clock.forward(hours=-1)
    rules = cast.desk.house.routing.teams.rules
    await cast.desk.do(lambda work: clock_went_back(work.db, work.now, rules))


async def seconds_left(cast: Cast, table: Any, column: str, **which: str) -> list[float]:
    rows = [row for row in await cast.rows(table) if all(row[name] == value for name, value in which.items())]
    return [(row[column] - cast.clock.now()).total_seconds() for row in rows]


async def test_an_offer_a_connection_and_a_wait_last_as_long_as_they_do(cast: Cast) -> None:
    await in_line(cast)
    await look(cast)
    cast.clock.forward(seconds=10)
    await put_back(cast)
    assert await seconds_left(cast, t.offer, "until", state="pending") == [45]
    assert await seconds_left(cast, t.presence, "lease_until") == [20]
    assert await seconds_left(cast, t.job, "run_at", kind="timer", state="ready") == [8 * 60]
    cast.clock.forward(seconds=20)
    await look(cast)
    assert await offered(cast) == [("Maria", "rescinded")]  # her connection is over


async def test_the_circle_widens_from_now_and_the_age_stays(cast: Cast) -> None:
    await in_line(cast)
    (before,) = await cast.rows(t.handoff_request)
    await put_back(cast)
    (after,) = await cast.rows(t.handoff_request)
    assert (after["queue_age_from"], after["aimed_at"]) == (before["queue_age_from"], cast.clock.now())


async def test_whoever_let_it_pass_does_not_rest_for_an_hour(cast: Cast) -> None:
    await in_line(cast)
    await look(cast)
    for _ in range(3):
        cast.clock.forward(seconds=15)
        await is_here_still(cast)
        await look(cast)
    assert await offered(cast) == [("Maria", "timed_out")]
    await put_back(cast)
    await cast.desk.do(staff.set_available, cast.maria, True)
    await look(cast)
    assert ("Maria", "pending") in await offered(cast)


async def is_here_still(cast: Cast) -> None:
    await cast.desk.do(lambda work: work.db.execute(t.presence.delete()))
    await is_here(cast, cast.maria)


async def test_a_chat_whose_owner_is_gone_is_not_kept_for_an_hour(cast: Cast) -> None:
    await in_line(cast)
    await cast.desk.do(staff.take, cast.maria, cast.ana)
    await put_back(cast)
    put_back_at = cast.clock.now()
    while (await cast.state())[0] == "human":
        cast.clock.forward(seconds=20)
        await cast.time_passes()
    assert await cast.state() == ("waiting", "queue")
    assert cast.clock.now() - put_back_at == timedelta(seconds=80)


async def test_an_hour_of_the_day_stays_an_hour_of_the_day(cast: Cast) -> None:
    at = cast.clock.now() + timedelta(minutes=10)
    await cast.desk.do(lambda work: work.enqueue("callback", key="c", payload={}, run_at=at))
    await put_back(cast)
    assert await seconds_left(cast, t.job, "run_at", kind="callback") == [3600 + 600]


async def test_the_line_is_looked_at_at_once_whatever_it_was_to_wait_for(cast: Cast) -> None:
    """A call rests for the patient's night, which by the right time has not begun."""
    await in_line(cast)
    await look(cast)
    await cast.desk.do(lambda work: work.enqueue(LINE, key=LINE, payload={}, run_at=work.now + timedelta(hours=9)))
    await put_back(cast)
    assert set(await seconds_left(cast, t.job, "run_at", kind=LINE, state="ready")) == {0}
