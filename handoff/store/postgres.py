"""The same deeds on PostgreSQL: one transaction each, in a bounded pool of threads, tried again after a deadlock."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from handoff.errors import StoreUnavailable
from handoff.store import StoreHealth
from handoff.store.engine import postgres_engine

T = TypeVar("T")
POOL = 10
TRIES = 4
AGAIN = {"40001", "40P01"}  # serialization_failure, deadlock_detected: nothing was stored, and trying again helps
MOST_WAITING = 10_000


class PostgresStore:
    dialect = "postgresql"

    def __init__(self, url: str) -> None:
        self._engine = postgres_engine(url, size=POOL)
        self._threads = ThreadPoolExecutor(POOL, thread_name_prefix="heard-postgres")
        self._waiting = 0
        self._writable = True
        self._lag = 0.0

    async def write(self, deed: Callable[[Connection], T]) -> T:
        return await self._in_thread(self._transact, deed)

    async def read(self, query: Callable[[Connection], T]) -> T:
        return await self._in_thread(self._transact, query)

    async def _in_thread(self, run: Callable[[Callable[[Connection], T], float], T], deed: Callable[[Connection], T]) -> T:
        if self._waiting >= MOST_WAITING:
            raise StoreUnavailable
        self._waiting += 1
        try:
            # Shielded: a caller who goes away does not undo what is being stored.
            future = asyncio.get_running_loop().run_in_executor(self._threads, run, deed, time.monotonic())
            return await asyncio.shield(future)
        finally:
            self._waiting -= 1

    def _transact(self, deed: Callable[[Connection], T], since: float) -> T:
        self._lag = time.monotonic() - since
        for left in range(TRIES - 1, -1, -1):
            try:
                with self._engine.begin() as db:
                    value = deed(db)
                self._writable = True
                return value
            except PoolTimeout as error:
                raise StoreUnavailable(reason="busy") from error
            except DBAPIError as error:
                state = getattr(error.orig, "sqlstate", None)
                if state in AGAIN and left:
                    continue
                if error.connection_invalidated or state is None or state in AGAIN or state.startswith(("08", "53", "57", "58", "25006")):
                    self._writable = False
                    raise StoreUnavailable(reason="database") from error
                raise
        raise StoreUnavailable

    def health(self) -> StoreHealth:
        return StoreHealth(self._writable, self._waiting, round(self._lag * 1000, 1))

    async def close(self) -> None:
        await asyncio.get_running_loop().run_in_executor(None, self._threads.shutdown)
        self._engine.dispose()
