"""Promised calls over closed days, changed clocks and changed minds, on both databases. The clinic is in New York, open 9:00 to 17:00."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from handoff.desk import callback_acts, promise_watch
from handoff.errors import BadInput
from handoff.hours import Hours, Window
from handoff.store import tables as t
from tests.cast import Cast, is_here

NEW_YORK = ZoneInfo("America/New_York")
NUMBER = "+12025550199"
THANKSGIVING = date(2026, 11, 26)


@pytest.fixture
async def clinic(cast: Cast) -> Cast:
    weekdays = dict.fromkeys(range(5), ((9 * 60, 17 * 60),))
    cast.desk.house = replace(cast.desk.house, hours=Hours(NEW_YORK, weekdays, frozenset({THANKSGIVING})))
    return cast


def at(cast: Cast, wall: str) -> None:
    cast.clock.at = datetime.fromisoformat(wall).replace(tzinfo=NEW_YORK).astimezone(UTC)


async def promised(cast: Cast, *, named: str) -> dict[str, Any]:
    """A call in the first offered window whose button begins so."""
    await is_here(cast, cast.maria)
    await cast.asks_for_a_person()
    await cast.presses("Ask for a phone call")
    for said in (NUMBER, "yes"):
        await cast.writes(said)
    await cast.presses(named)
    await cast.writes("my bill")
    return await callback(cast)


async def callback(cast: Cast) -> dict[str, Any]:
    (row,) = await cast.rows(t.callback)
    return row


def wall(moment: datetime) -> str:
    return moment.astimezone(NEW_YORK).strftime("%a %d %H:%M")


async def in_vain(cast: Cast) -> dict[str, Any]:
    await cast.desk.do(callback_acts.log_attempt, cast.maria, (await callback(cast))["id"], "no_answer", "")
    return await callback(cast)


async def test_a_holiday_between_asking_and_the_call_is_never_offered(clinic: Cast) -> None:
    at(clinic, "2026-11-25T16:30")  # the eve of Thanksgiving, too late for a window today
    found = await promised(clinic, named="On Friday 27 November")
    assert (wall(found["window_from"]), wall(found["window_to"])) == ("Fri 27 09:00", "Fri 27 11:00")


async def test_a_try_in_vain_on_the_eve_of_a_holiday_is_followed_by_one_after_it(clinic: Cast) -> None:
    at(clinic, "2026-11-25T14:00")
    await promised(clinic, named="Today")
    at(clinic, "2026-11-25T16:55")
    found = await in_vain(clinic)
    assert wall(found["next_at"]) == "Fri 27 09:00"
    due = [row["due_at"] for row in await clinic.rows(t.promise) if row["state"] == "open"]
    assert [wall(one) for one in due] == ["Fri 27 11:00"]


@pytest.mark.parametrize(
    ("asked", "named", "begins"),
    [
        ("2026-10-30T16:30", "On Monday 2 November", "2026-11-02T14:00:00+00:00"),  # winter time begins on the Sunday between
        ("2026-03-06T16:30", "On Monday 9 March", "2026-03-09T13:00:00+00:00"),  # and summer time
    ],
)
async def test_nine_o_clock_stays_nine_o_clock_over_a_change_of_the_hour(clinic: Cast, asked: str, named: str, begins: str) -> None:
    at(clinic, asked)
    found = await promised(clinic, named=named)
    assert (found["window_from"].astimezone(UTC).isoformat(), wall(found["window_from"])[-5:]) == (begins, "09:00")
    assert "between 09:00 and 11:00" in await clinic.last()


async def test_a_window_may_be_changed_after_a_try_in_vain_and_the_old_promise_goes(clinic: Cast) -> None:
    at(clinic, "2026-11-23T10:00")
    await promised(clinic, named="Today")
    await in_vain(clinic)
    tomorrow = clinic.desk.house.hours.windows(clinic.clock.now() + timedelta(days=1), 1)[0]
    await clinic.desk.do(callback_acts.move, clinic.maria, (await callback(clinic))["id"], tomorrow)
    found = await callback(clinic)
    assert (found["state"], found["attempts"], found["next_at"]) == ("scheduled", 0, None)  # a new time, three new tries
    assert Window(found["window_from"], found["window_to"]) == tomorrow
    assert [row["due_at"] for row in await clinic.rows(t.promise) if row["state"] == "open"] == [tomorrow.ends]
    clinic.clock.at = tomorrow.ends
    lease, payload = await clinic.job("watch_promise")
    await clinic.desk.do(promise_watch.watch, lease, payload)
    assert (await callback(clinic))["state"] == "overdue"


async def test_nobody_can_promise_a_call_on_a_closed_day(clinic: Cast) -> None:
    at(clinic, "2026-11-25T10:00")
    begins = datetime(2026, 11, 26, 10, tzinfo=NEW_YORK)
    await is_here(clinic, clinic.priya)
    with pytest.raises(BadInput):
        await clinic.desk.do(callback_acts.plan_one, clinic.priya, clinic.ana, NUMBER, Window(begins, begins + timedelta(hours=2)), "")
