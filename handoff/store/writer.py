"""The one writer of SQLite: a thread that takes deeds, runs each under a savepoint, and commits them as a group.

1. Wait for a deed; with it go all that wait and fit into 50 ms (at most 500): those of people and webhooks before those of jobs, of
   which one goes in any case.
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
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine

from handoff.errors import StoreUnavailable
from handoff.store import BEHIND, RAN_OUT
from handoff.store.engine import SQLITE_BUSY_MS, outage

GROUP = 500
LONGEST_GROUP = 0.05  # seconds: whoever comes meanwhile waits so long for the disk
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
        self.behind = BEHIND.get()


R = TypeVar("R", bound=Run)


class Writer:
    """`writable`: the last write was stored. `lag`: seconds the last deed waited."""

    def __init__(self, engine: Engine) -> None:
        self.writable = True
        self.lag = 0.0
        self._engine = engine
        self._db: Connection | None = None
        self._arriving: queue.SimpleQueue[Wish | None] = queue.SimpleQueue()
        self._line: tuple[deque[Wish], deque[Wish]] = (deque(), deque())  # people and webhooks; jobs, behind them
        self._ending = False
        self._pause = 0.0
        self._closed_until = self._next_trial = 0.0
        self._reason = "disk"
        self._tidied = time.monotonic()
        self._untidy = False
        self._thread = threading.Thread(target=self._write_all, name="heard-writer", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        return self._arriving.qsize() + sum(map(len, self._line))

    def put(self, wish: Wish) -> None:
        self._arriving.put(wish)

    def stop(self) -> None:
        """Finish what waits, then close the file. Blocks."""
        self._arriving.put(None)
        self._thread.join()
        self._engine.dispose()

    def _write_all(self) -> None:
        while not self._ending or any(self._line):
            self._line_up(wait=not any(self._line))
            if any(self._line):
                _tell(self._serve(self._in_order()))
            elif not self._ending and not self.writable:
                self._try_out()
            self._tidy()
        self._drop()

    def _line_up(self, *, wait: bool = False) -> None:
        """Put whoever has come into the line; `wait` for one, until it is time for a trial or a tidying."""
        with contextlib.suppress(queue.Empty):
            while not self._ending:
                wish = self._arriving.get(wait, self._patience() if wait else None)
                wait = False
                if wish is None:
                    self._ending = True
                else:
                    self._line[wish.behind].append(wish)

    def _in_order(self) -> Iterator[Wish]:
        """One group, taken out of the line one by one: whoever comes meanwhile is still ahead of the jobs."""
        ahead, behind = self._line
        end, a_job_went = time.monotonic() + LONGEST_GROUP, False
        for taken in range(GROUP):
            late = taken > 0 and time.monotonic() > end
            turn = behind if late or not ahead else ahead
            if not turn or (late and a_job_went):
                return
            a_job_went = a_job_went or turn is behind
            wish = turn.popleft()
            self.lag = time.monotonic() - wish.since
            yield wish
            self._line_up()

    def _patience(self) -> float | None:
        now = time.monotonic()
        if not self.writable:
            return max(self._next_trial - now, 0.0)
        return max(self._tidied + TIDY - now, 0.0) if self._untidy else None

    def _serve(self, line: Iterator[R]) -> list[R]:
        """Run and store one group; all, unstored, while the file is closed. Returns them with their outcomes."""
        group: list[R] = []
        if time.monotonic() < self._closed_until:
            group.extend(line)
            _refuse(group, StoreUnavailable(reason=self._reason))
            return group
        try:
            reason = self._commit(line, group)
        except BaseException as error:  # nobody may be left waiting, whatever it was
            self._reason = outage(error) or outage(error.__context__) or "disk"
            self._wait_longer()
            self._closed_until = self._next_trial
            self._drop()
            group.extend(line)
            _refuse(group, StoreUnavailable(reason=self._reason))
            return group
        self._untidy = True
        if reason is None:
            self.writable, self._pause = True, 0.0
        else:
            self._wait_longer()
        return group

    def _commit(self, line: Iterator[R], group: list[R]) -> str | None:
        """Run and store a line as one group. Returns the outage that single deeds met, if any; raises where nothing was stored."""
        if self._db is None:
            self._db = self._engine.connect()
        db, met = self._db, None
        file: Any = db.connection.driver_connection
        with db.begin():
            for wish in line:
                group.append(wish)
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
        self._serve(iter([Run(_trial)]))

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
