"""Nodes that share a PostgreSQL go by its time: one of them was set an hour wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from handoff.errors import StoreUnavailable
from handoff.shared_clock import SharedClock
from handoff.store import Store
from tests.fakes import MONDAY, FakeClock

pytestmark = pytest.mark.parametrize("settings", ["postgresql"], indirect=True)
NEAR = timedelta(minutes=1)


class Stopwatch:
    seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


async def test_it_tells_the_time_of_the_database_and_goes_on_by_the_stopwatch(store: Store) -> None:
    watch = Stopwatch()
    clock = SharedClock(store, FakeClock(), monotonic=watch)
    assert clock.now() == MONDAY  # until the database was asked
    await clock.measure()
    told = clock.now()
    assert abs(told - datetime.now(UTC)) < NEAR
    assert told.tzinfo is UTC
    watch.seconds += 5
    assert clock.now() - told == timedelta(seconds=5)


async def test_while_the_database_does_not_answer_it_goes_on(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    watch = Stopwatch()
    clock = SharedClock(store, FakeClock(), monotonic=watch)
    await clock.measure()
    told = clock.now()

    async def silent(query: object) -> None:
        raise StoreUnavailable

    monkeypatch.setattr(store, "read", silent)
    with pytest.raises(StoreUnavailable):
        await clock.measure()
    watch.seconds += 60
    assert clock.now() - told == timedelta(seconds=60)
