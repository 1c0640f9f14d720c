"""The runner: does the jobs of one node. Woken by its own node's commits and by the next job's time, and once a second in any case.

Each kind of job has slots of its own: a bot or a provider that is slow holds back its own jobs, and no timer, page or text.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from handoff import jobs
from handoff.clock import Clock
from handoff.errors import HeardError, StoreUnavailable
from handoff.jobs import LONGEST_DELAY, Fenced, Job, Lease
from handoff.store import BEHIND, Store

log = logging.getLogger(__name__)
POLL, RENEW = 1.0, 10.0  # seconds
BREATH = 0.02  # seconds between two looks: what ends in that time is looked after together
LIMIT = 25.0  # seconds for one job: less than its lease
BACK = timedelta(seconds=5)  # a clock that goes back by more was set

Handler = Callable[[Job], Awaitable[None]]


class Runner:
    def __init__(
        self,
        store: Store,
        handlers: Mapping[str, Handler],
        *,
        node: str,
        clock: Clock,
        concurrency: int = 64,
        rng: random.Random | None = None,
        alone: bool | None = None,
        clock_went_back: Callable[[Connection, datetime], object] = jobs.pull_forward,
        limit: float = LIMIT,
    ) -> None:
        """A handler finishes its job inside the transaction of its effect; what it raises means "again later".

        `concurrency`: jobs of one kind at a time.
        `alone`: no other node uses this database, so leases found at the start are dead; by default so on SQLite.
        `clock_went_back`: a deed that keeps what is stored from waiting for the old time to come again.
        `limit`: seconds one job may take.
        """
        self._store = store
        self._handlers = handlers
        self._node = node
        self._clock = clock
        self._slots = {kind: asyncio.Semaphore(concurrency) for kind in handlers}
        self._concurrency = concurrency
        self._random = rng or random.Random()
        self._alone = store.dialect == "sqlite" if alone is None else alone
        self._limit = limit
        self._clock_went_back = clock_went_back
        self._running: dict[str, asyncio.Task[None]] = {}
        self._kinds: Counter[str] = Counter()  # of those that run
        self._wake = asyncio.Event()
        self._stopped = asyncio.Event()
        self._loops: list[asyncio.Task[None]] = []
        self._seen: datetime | None = None

    def start(self) -> None:
        self._loops = [asyncio.create_task(self._claim_for_ever()), asyncio.create_task(self._renew_for_ever())]

    def wake(self) -> None:
        """Look for jobs now."""
        self._wake.set()

    def adopt(self, job: Job) -> None:
        """Take a job that this node has just left: run it now if it was born claimed, else look for it.

        After `stop` nothing runs: what was born claimed is given back by `stop` itself, or by whoever starts next.
        """
        if job.lease is not None and not self._stopped.is_set():
            self._begin(job)
        else:
            self._wake.set()

    async def stop(self, drain: float = 10.0) -> None:
        """Take nothing new, let what runs finish for `drain` seconds, give the rest back."""
        self._stopped.set()
        self._wake.set()
        await asyncio.gather(*self._loops, return_exceptions=True)
        if self._running:
            await asyncio.wait(list(self._running.values()), timeout=drain)
        left = list(self._running.values())
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        try:
            await self._store.write(partial(jobs.give_back_all, owner=self._node))
        except StoreUnavailable:
            log.warning("leases could not be given back; they end by themselves")

    def _begin(self, job: Job) -> None:
        if job.lease is None or job.id in self._running:
            return
        self._kinds[job.kind] += 1
        self._running[job.id] = asyncio.create_task(self._run(job, job.lease))
        self._running[job.id].add_done_callback(lambda _: self._end(job))

    def _end(self, job: Job) -> None:
        self._running.pop(job.id, None)
        self._kinds[job.kind] -= 1
        self._wake.set()

    async def _run(self, job: Job, lease: Lease) -> None:
        """A job that is cancelled keeps its lease until `stop` gives back all that is left."""
        BEHIND.set(True)
        try:
            async with self._slots[job.kind], asyncio.timeout(self._limit):
                await self._handlers[job.kind](job)
        except Fenced:
            log.warning("job %s (%s) was taken over or cancelled", job.id, job.kind)
        except Exception as error:
            code = error.code if isinstance(error, HeardError) else type(error).__name__
            log.error("job %s (%s) failed: %s", job.id, job.kind, code)
            await self._retry(job, lease, code)

    async def _retry(self, job: Job, lease: Lease, code: str) -> None:
        """Full jitter over 2^attempts seconds, at most five minutes."""
        delay = timedelta(seconds=self._random.uniform(0, min(LONGEST_DELAY.total_seconds(), 2.0**job.attempts)))
        try:
            again = await self._store.write(lambda db: jobs.retry(db, lease, now=self._clock.now(), delay=delay, error=code))
        except Exception as error:
            log.warning("job %s (%s) waits for its lease to end: %s", job.id, job.kind, type(error).__name__)
        else:
            if not again:
                log.error("job %s (%s) is dead after %d attempts: %s", job.id, job.kind, job.attempts, code)

    async def _claim_for_ever(self) -> None:
        started = False
        while not self._stopped.is_set():
            await asyncio.sleep(BREATH)
            self._wake.clear()
            pause = POLL
            try:
                if not started:
                    await self._take_stock()
                    started = True
                pause = await self._look()
            except StoreUnavailable:
                log.warning("jobs wait: the database does not answer")
            except Exception as error:  # whatever it was, the jobs of tomorrow need this loop
                log.error("looking for jobs failed: %s", type(error).__name__)
            try:
                async with asyncio.timeout(pause):
                    await self._wake.wait()
            except TimeoutError:
                continue

    async def _take_stock(self) -> None:
        if self._alone:
            await self._store.write(partial(jobs.take_over, owner=self._node))
        await self._store.write(lambda db: self._clock_went_back(db, self._clock.now()))

    async def _look(self) -> float:
        """Claim and begin what may run. Returns seconds until the next look."""
        now, mine = self._clock.now(), tuple(self._running)
        if self._seen is not None and now < self._seen - BACK:
            log.warning("the clock went back by %d s", (self._seen - now).total_seconds())
            await self._store.write(lambda db: self._clock_went_back(db, now))
        self._seen = now
        full = [kind for kind, running in self._kinds.items() if running >= self._concurrency]
        found, later = await self._store.read(lambda db: jobs.look_ahead(db, now=now, owner=self._node, mine=mine, but=full))
        if found:
            limit = self._concurrency
            # Asked again inside the writer: a job may have been adopted since.
            claimed = await self._store.write(
                lambda db: jobs.claim(db, now=self._clock.now(), owner=self._node, limit=limit, mine=tuple(self._running), but=full)
            )
            for job in claimed:
                self._begin(job)
        return POLL if later is None else min(POLL, max((later - self._clock.now()).total_seconds(), 0.0))

    async def _renew_for_ever(self) -> None:
        while not self._stopped.is_set():
            try:
                async with asyncio.timeout(RENEW):
                    await self._stopped.wait()
            except TimeoutError:
                await self._renew()

    async def _renew(self) -> None:
        mine = tuple(self._running)
        try:
            if mine:
                await self._store.write(partial(jobs.renew, now=self._clock.now(), owner=self._node, jobs=mine))
        except Exception as error:
            log.warning("leases could not be renewed: %s", type(error).__name__)
