"""SQLite: one writer that commits in groups (writer.py), and a few readers with connections of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from handoff.errors import StoreUnavailable
from handoff.store import RAN_OUT, StoreHealth
from handoff.store.engine import outage, sqlite_engine
from handoff.store.writer import Wish, Writer

T = TypeVar("T")
MOST_WAITING = 10_000
READERS = 4


class SqliteStore:
    dialect = "sqlite"

    def __init__(self, url: str) -> None:
        self._writer = Writer(sqlite_engine(url))
        self._reading = sqlite_engine(url, reader=True)
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="heard-reader")
        self._reads = 0
        self._closed = False

    async def write(self, deed: Callable[[Connection], T]) -> T:
        if self._closed or self._writer.waiting >= MOST_WAITING:
            raise StoreUnavailable(reason="closed" if self._closed else "busy")
        wish = Wish(deed, asyncio.get_running_loop())
        self._writer.put(wish)
        # Shielded: a caller who goes away does not undo what is being stored.
        value: T = await asyncio.shield(wish.future)
        return value

    async def read(self, query: Callable[[Connection], T]) -> T:
        if self._closed or self._reads >= MOST_WAITING:
            raise StoreUnavailable(reason="closed" if self._closed else "busy")
        self._reads += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, query)
        finally:
            self._reads -= 1

    def _read(self, query: Callable[[Connection], T]) -> T:
        try:
            with self._reading.begin() as db:
                return query(db)
        except StopIteration as error:
            raise RuntimeError(RAN_OUT) from error
        except DBAPIError as error:
            reason = outage(error)
            if reason is None:
                raise
            raise StoreUnavailable(reason=reason) from error

    def health(self) -> StoreHealth:
        return StoreHealth(self._writer.writable, self._writer.waiting, round(self._writer.lag * 1000, 1))

    async def close(self) -> None:
        """Finish what waits, then close; the writer last, because the last one out moves the log into the file."""
        if self._closed:
            return
        self._closed = True
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._readers.shutdown()
        self._reading.dispose()
        self._writer.stop()
