"""The same deeds on PostgreSQL: one transaction each, in a bounded pool of threads, tried again after a deadlock.

A connection lost during a commit leaves open whether the deed is stored: the caller hears `StoreUnavailable`, and a deed
that comes again finds by its client id or lease what is there.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from handoff.errors import StoreUnavailable
from handoff.store import BEHIND, RAN_OUT, StoreHealth
from handoff.store.engine import outage, postgres_engine

T = TypeVar("T")
POOL = 10
FOR_JOBS = 4  # of the pool: the rest is kept for people and webhooks
TRIES = 6
AGAIN = {"40001", "40P01"}  # serialization_failure, deadlock_detected: nothing was stored, and trying again helps
MOST_WAITING = 10_000
TRIAL_EVERY = 1.0  # seconds


class PostgresStore:
    dialect = "postgresql"

    def __init__(self, url: str) -> None:
        self._engine = postgres_engine(url, size=POOL)
        # What a query sees is one moment, as it is on SQLite.
        self._reading = self._engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._threads = ThreadPoolExecutor(POOL - FOR_JOBS, thread_name_prefix="heard-postgres")
        self._behind = ThreadPoolExecutor(FOR_JOBS, thread_name_prefix="heard-postgres-jobs")
        self._waiting = 0
        self._writable = True
        self._next_trial = 0.0
        self._lag = 0.0
        self._closed = False

    async def write(self, deed: Callable[[Connection], T]) -> T:
        return await self._in_thread(self._write, deed)

    async def read(self, query: Callable[[Connection], T]) -> T:
        return await self._in_thread(self._read, query)

    async def _in_thread(self, run: Callable[[Callable[[Connection], T], float], T], deed: Callable[[Connection], T]) -> T:
        if self._closed or self._waiting >= MOST_WAITING:
            raise StoreUnavailable(reason="closed" if self._closed else "busy")
        self._waiting += 1
        threads = self._behind if BEHIND.get() else self._threads
        future = asyncio.get_running_loop().run_in_executor(threads, run, deed, time.monotonic())
        future.add_done_callback(self._done)
        # Shielded: a caller who goes away does not undo what is being stored.
        return await asyncio.shield(future)

    def _done(self, _: object) -> None:
        self._waiting -= 1

    def _write(self, deed: Callable[[Connection], T], since: float) -> T:
        self._lag = time.monotonic() - since
        try:
            value = self._transact(self._engine, deed)
        except StoreUnavailable as error:
            self._writable = self._writable and error.facts.get("reason") == "busy"
            raise
        self._writable = True
        return value

    def _read(self, query: Callable[[Connection], T], since: float) -> T:
        return self._transact(self._reading, query)

    @staticmethod
    def _transact(engine: Engine, deed: Callable[[Connection], T]) -> T:
        for tried in range(1, TRIES + 1):
            try:
                with engine.begin() as db:
                    return deed(db)
            except StopIteration as error:
                raise RuntimeError(RAN_OUT) from error
            except PoolTimeout as error:
                raise StoreUnavailable(reason="busy") from error
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) in AGAIN:
                    time.sleep(random.uniform(0, 0.02 * 2**tried))
                    continue
                reason = outage(error)
                if reason is None:
                    raise
                raise StoreUnavailable(reason=reason) from error
        raise StoreUnavailable(reason="busy")

    def health(self) -> StoreHealth:
        """Looks again by itself, once a second, while the database refuses writes."""
        if not self._writable and not self._closed and time.monotonic() >= self._next_trial:
            self._next_trial = time.monotonic() + TRIAL_EVERY
            self._threads.submit(self._try_out)
        return StoreHealth(self._writable, self._waiting, round(self._lag * 1000, 1))

    def _try_out(self) -> None:
        try:
            with self._engine.begin() as db:
                db.execute(text("SELECT pg_current_xact_id()"))  # a read-only server refuses to give one
            self._writable = True
        except (DBAPIError, PoolTimeout):
            self._writable = False

    async def close(self) -> None:
        """Finish what waits, then close."""
        if self._closed:
            return
        self._closed = True
        for threads in (self._threads, self._behind):
            await asyncio.to_thread(threads.shutdown)
        self._engine.dispose()
