"""The one writer of SQLite: a thread that takes deeds, runs each under a savepoint, and commits them as a group.

1. Wait for a deed; take all that wait with it (at most 500).
2. BEGIN IMMEDIATE; run each under a savepoint; one that raises is undone alone.
3. COMMIT, which fsyncs; only then do the callers hear. A failed commit fails every deed of the group: nothing was stored.
4. After a failure the file is opened anew, later each time (0.1 s doubling to 5 s); until then deeds are refused at once.
   With no deed waiting, a small trial write finds out when the disk is well again.
5. Once a minute the log of the database is emptied into it, so that erased words do not linger there.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, Engine

from handoff.errors import StoreUnavailable
from handoff.store import RAN_OUT
from handoff.store.engine import SQLITE_BUSY_MS, outage

GROUP = 500
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0  # seconds before the file is opened anew
TIDY = 60.0
TRIAL = (
    "CREATE TABLE heard_trial (x)",
    "INSERT INTO heard_trial VALUES (zeroblob(65536))",  # takes new pages, or a full disk would pass
    "DROP TABLE heard_trial",
)


class Run:
    """A deed and its outcome."""

    def __init__(self, deed: Callable[[Connection], Any]) -> None:
        self.deed = deed
        self.value: Any = None
        self.error: BaseException | None = None


class Wish(Run):
    """A deed that waits, and where its outcome goes."""

    def __init__(self, deed: Callable[[Connection], Any], loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(deed)
        self.loop = loop
        self.future: asyncio.Future[Any] = loop.create_future()
        self.since = time.monotonic()


class Writer:
    """`writable`: the last write was stored. `lag`: seconds the last group's first deed waited."""

    def __init__(self, engine: Engine) -> None:
        self.writable = True
        self.lag = 0.0
        self._engine = engine
        self._db: Connection | None = None
        self._wishes: queue.SimpleQueue[Wish | None] = queue.SimpleQueue()
        self._pause = 0.0
        self._closed_until = self._next_trial = 0.0
        self._reason = "disk"
        self._tidied = time.monotonic()
        self._untidy = False
        self._thread = threading.Thread(target=self._write_all, name="heard-writer", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        return self._wishes.qsize()

    def put(self, wish: Wish) -> None:
        self._wishes.put(wish)

    def stop(self) -> None:
        """Finish what waits, then close the file. Blocks."""
        self._wishes.put(None)
        self._thread.join()
        self._engine.dispose()

    def _write_all(self) -> None:
        last = False
        while not last:
            group, last = self._next_group()
            if group:
                self.lag = time.monotonic() - group[0].since
                self._serve(group)
                _tell(group)
            elif not last and not self.writable:
                self._try_out()
            self._tidy()
        self._drop()

    def _next_group(self) -> tuple[list[Wish], bool]:
        """The wishes that wait, and whether they are the last; none where it is time for a trial or a tidying instead."""
        group: list[Wish] = []
        try:
            wish = self._wishes.get(timeout=self._patience())
            while wish is not None:
                group.append(wish)
                if len(group) == GROUP:
                    return group, False
                wish = self._wishes.get_nowait()
        except queue.Empty:
            return group, False
        return group, True

    def _patience(self) -> float | None:
        now = time.monotonic()
        if not self.writable:
            return max(self._next_trial - now, 0.0)
        return max(self._tidied + TIDY - now, 0.0) if self._untidy else None

    def _serve(self, group: Sequence[Run]) -> None:
        if time.monotonic() < self._closed_until:
            _refuse(group, StoreUnavailable(reason=self._reason))
            return
        try:
            reason = self._commit(group)
        except BaseException as error:  # nobody may be left waiting, whatever it was
            self._reason = outage(error) or outage(error.__context__) or "disk"
            self._wait_longer()
            self._closed_until = self._next_trial
            self._drop()
            _refuse(group, StoreUnavailable(reason=self._reason))
            return
        self._untidy = True
        if reason is None:
            self.writable, self._pause = True, 0.0
        else:
            self._wait_longer()

    def _commit(self, group: Sequence[Run]) -> str | None:
        """Run and store a group. Returns the outage that single deeds met, if any; raises where nothing was stored."""
        if self._db is None:
            self._db = self._engine.connect()
        db, met = self._db, None
        file: Any = db.connection.driver_connection
        with db.begin():
            for wish in group:
                # Straight to the driver: a savepoint through SQLAlchemy costs more than most deeds.
                file.execute("SAVEPOINT deed")
                try:
                    wish.value = wish.deed(db)
                except BaseException as error:
                    file.execute("ROLLBACK TO deed")  # raises where SQLite has undone the whole group (full disk, I/O error)
                    reason = outage(error)
                    met = reason or met
                    wish.error = error if reason is None else StoreUnavailable(reason=reason)
                file.execute("RELEASE deed")
            if not file.in_transaction:
                raise StoreUnavailable(reason="disk")
        return met

    def _wait_longer(self) -> None:
        self.writable = False
        self._pause = min(max(self._pause * 2, FIRST_PAUSE), LONGEST_PAUSE)
        self._next_trial = time.monotonic() + self._pause

    def _drop(self) -> None:
        if self._db is not None:
            with contextlib.suppress(Exception):
                self._db.close()
            self._db = None

    def _try_out(self) -> None:
        """Is the disk well again? With nobody writing, nobody else would find out."""
        self._serve([Run(_trial)])

    def _tidy(self) -> None:
        if self._db is None or not self._untidy or time.monotonic() < self._tidied + TIDY:
            return
        self._tidied, self._untidy = time.monotonic(), False
        file: Any = self._db.connection.driver_connection
        with contextlib.suppress(Exception):
            file.execute("PRAGMA busy_timeout=0")  # readers may hold the log: then next minute
            self._untidy = bool(file.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0])
            file.execute(f"PRAGMA busy_timeout={SQLITE_BUSY_MS}")
        self._db.rollback()


def _trial(db: Connection) -> None:
    for statement in TRIAL:
        db.exec_driver_sql(statement)


def _refuse(group: Sequence[Run], error: StoreUnavailable) -> None:
    for wish in group:
        wish.value, wish.error = None, StoreUnavailable(**error.facts)


def _tell(group: list[Wish]) -> None:
    by_loop: dict[asyncio.AbstractEventLoop, list[Wish]] = {}
    for wish in group:
        by_loop.setdefault(wish.loop, []).append(wish)
    for loop, wishes in by_loop.items():
        with contextlib.suppress(RuntimeError):  # that loop has ended, and with it who asked
            loop.call_soon_threadsafe(_resolve, wishes)


def _resolve(wishes: list[Wish]) -> None:
    for wish in wishes:
        if wish.future.done():
            continue
        if isinstance(wish.error, StopIteration):
            wish.future.set_exception(RuntimeError(RAN_OUT))
        elif wish.error is not None:
            wish.future.set_exception(wish.error)
        else:
            wish.future.set_result(wish.value)
