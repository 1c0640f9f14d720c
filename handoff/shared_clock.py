"""The time of nodes that share a database: the database's, so that leases, offers and waits mean the same to each of them."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, func, select

from handoff.clock import Clock
from handoff.errors import StoreUnavailable
from handoff.store import Store

log = logging.getLogger(__name__)
MEASURED_EVERY = 10.0  # seconds


class SharedClock:
    """Carried on by the machine's own stopwatch between two looks at the database: whoever sets this machine's clock changes nothing."""

    def __init__(self, store: Store, own: Clock, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        """`own`: what is told until the database has been asked once."""
        self._store, self._monotonic = store, monotonic
        self._at, self._since = own.now(), monotonic()

    def now(self) -> datetime:
        return self._at + timedelta(seconds=self._monotonic() - self._since)

    async def measure(self) -> None:
        """Ask the database once. Raises `StoreUnavailable`."""
        asked = self._monotonic()
        at = await self._store.read(_database_time)
        answered = self._monotonic()
        self._at, self._since = at, (asked + answered) / 2

    async def keep(self) -> None:
        """Ask again and again, until it is cancelled."""
        while True:
            await asyncio.sleep(MEASURED_EVERY)
            try:
                await self.measure()
            except StoreUnavailable:
                log.warning("the clock goes on by itself: the database does not answer")


def _database_time(db: Connection) -> datetime:
    at: datetime = db.execute(select(func.clock_timestamp())).scalar_one()
    return at.astimezone(UTC)
