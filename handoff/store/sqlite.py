"""The one writer of SQLite: a thread that takes deeds, runs each under a savepoint, and commits them as a group.

1. Wait for a deed; take all that wait with it (at most 500).
2. BEGIN IMMEDIATE; run each under a savepoint; one that raises is undone alone.
3. COMMIT, which fsyncs; only then do the callers hear. A failed commit fails every deed of the group: nothing was stored.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from handoff.errors import StoreUnavailable
from handoff.store import StoreHealth
from handoff.store.engine import sqlite_engine

T = TypeVar("T")
GROUP = 500
MOST_WAITING = 10_000
READERS = 4


class _Wish:
    """A deed that waits, and where its outcome goes."""

    def __init__(self, deed: Callable[[Connection], Any], loop: asyncio.AbstractEventLoop) -> None:
        self.deed = deed
        self.loop = loop
        self.future: asyncio.Future[Any] = loop.create_future()
        self.since = time.monotonic()
        self.value: Any = None
        self.error: BaseException | None = None


class SqliteStore:
    dialect = "sqlite"

    def __init__(self, url: str) -> None:
        self._url = url
        self._engine = sqlite_engine(url)
        self._reading = sqlite_engine(url, reader=True)
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="heard-reader")
        self._wishes: queue.SimpleQueue[_Wish | None] = queue.SimpleQueue()
        self._writable = True
        self._lag = 0.0
        self._closed = False
        self._writer = threading.Thread(target=self._write_all, name="heard-writer", daemon=True)
        self._writer.start()

    async def write(self, deed: Callable[[Connection], T]) -> T:
        if self._closed or self._wishes.qsize() >= MOST_WAITING:
            raise StoreUnavailable
        wish = _Wish(deed, asyncio.get_running_loop())
        self._wishes.put(wish)
        # Shielded: a caller who goes away does not undo what is being stored.
        return await asyncio.shield(wish.future)

    async def read(self, query: Callable[[Connection], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, query)

    def _read(self, query: Callable[[Connection], T]) -> T:
        try:
            with self._reading.begin() as db:
                return query(db)
        except DBAPIError as error:
            raise StoreUnavailable(reason=_reason(error)) from error

    def health(self) -> StoreHealth:
        return StoreHealth(self._writable, self._wishes.qsize(), round(self._lag * 1000, 1))

    async def close(self) -> None:
        """Finish what waits, then close."""
        self._closed = True
        self._wishes.put(None)
        await asyncio.get_running_loop().run_in_executor(None, self._writer.join)
        self._readers.shutdown()
        self._reading.dispose()
        self._engine.dispose()

    def _write_all(self) -> None:
        db: Connection | None = None
        last = False
        while not last:
            group, last = self._next_group()
            if not group:
                continue
            self._lag = time.monotonic() - group[0].since
            try:
                if db is None or db.closed or db.invalidated:
                    db = self._engine.connect()
                self._write_group(db, group)
                self._writable = True
            except Exception as error:
                # A full disk, a failed fsync, a lock held elsewhere: nobody of the group is told "stored", and the file is opened anew.
                self._writable = False
                for wish in group:
                    wish.error = error if not isinstance(error, DBAPIError) else StoreUnavailable(reason=_reason(error))
                if db is not None:
                    db.invalidate()
                    db.close()
                    db = None
            _tell(group)
        if db is not None:
            db.close()

    def _next_group(self) -> tuple[list[_Wish], bool]:
        group: list[_Wish] = []
        wish = self._wishes.get()
        while wish is not None:
            group.append(wish)
            if len(group) == GROUP:
                return group, False
            try:
                wish = self._wishes.get_nowait()
            except queue.Empty:
                return group, False
        return group, True

    @staticmethod
    def _write_group(db: Connection, group: list[_Wish]) -> None:
        with db.begin():
            for wish in group:
                savepoint = db.begin_nested()
                try:
                    wish.value = wish.deed(db)
                    savepoint.commit()
                except Exception as error:
                    if isinstance(error, DBAPIError) and not savepoint.is_active:
                        raise
                    savepoint.rollback()
                    wish.error = StoreUnavailable(reason=_reason(error)) if isinstance(error, DBAPIError) and _is_outage(error) else error


def _tell(group: list[_Wish]) -> None:
    by_loop: dict[asyncio.AbstractEventLoop, list[_Wish]] = {}
    for wish in group:
        by_loop.setdefault(wish.loop, []).append(wish)
    for loop, wishes in by_loop.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(_resolve, wishes)


def _resolve(wishes: list[_Wish]) -> None:
    for wish in wishes:
        if wish.future.done():
            continue
        if wish.error is not None:
            wish.future.set_exception(wish.error)
        else:
            wish.future.set_result(wish.value)


def _is_outage(error: DBAPIError) -> bool:
    """The disk or the file refused, rather than the statement being wrong."""
    return type(error.orig).__name__ == "OperationalError"


def _reason(error: BaseException) -> str:
    """full | locked | read_only | disk, never the statement or its values."""
    text = str(getattr(error, "orig", error)).lower()
    words = {"full": "full", "locked": "locked", "busy": "locked", "readonly": "read_only", "read-only": "read_only"}
    return next((reason for word, reason in words.items() if word in text), "disk")
