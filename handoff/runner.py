"""The runner: does the jobs of one node. Woken by its own node's commits, by the clock, and once a second in any case."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from functools import partial

from handoff import jobs
from handoff.clock import Clock
from handoff.errors import HeardError, StoreUnavailable
from handoff.jobs import Fenced, Job
from handoff.store import Store

log = logging.getLogger(__name__)
POLL, RENEW = 1.0, 10.0  # seconds
LIMIT = 25.0  # seconds for one job: less than its lease
LONGEST_DELAY = 300.0

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
    ) -> None:
        """A handler finishes its job inside the transaction of its effect; what it raises means "again later"."""
        self._store = store
        self._handlers = handlers
        self._node = node
        self._clock = clock
        self._concurrency = concurrency
        self._random = rng or random.Random()
        self._running: dict[str, asyncio.Task[None]] = {}
        self._wake = asyncio.Event()
        self._stopping = False
        self._loops: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._loops = [asyncio.create_task(self._claim_for_ever()), asyncio.create_task(self._renew_for_ever())]

    def adopt(self, job: Job) -> None:
        """Take a job that this node has just left: run it now if it was born claimed, else look for it."""
        if job.lease is not None and not self._stopping:
            self._begin(job)
        else:
            self._wake.set()

    async def stop(self, drain: float = 10.0) -> None:
        """Take nothing new, let what runs finish for `drain` seconds, give the rest back."""
        self._stopping = True
        for loop in self._loops:
            loop.cancel()
        if self._running:
            await asyncio.wait(list(self._running.values()), timeout=drain)
        left = list(self._running.values())
        for task in left:
            task.cancel()
        await asyncio.gather(*self._loops, *left, return_exceptions=True)

    def _begin(self, job: Job) -> None:
        task = asyncio.create_task(self._run(job))
        self._running[job.id] = task
        task.add_done_callback(lambda _: self._end(job.id))

    def _end(self, job: str) -> None:
        self._running.pop(job, None)
        self._wake.set()

    async def _run(self, job: Job) -> None:
        assert job.lease is not None
        lease = job.lease
        try:
            async with asyncio.timeout(LIMIT):
                await self._handlers[job.kind](job)
        except Fenced:
            log.warning("job %s (%s) was taken over by another node", job.id, job.kind)
        except asyncio.CancelledError:
            await self._store.write(lambda db: jobs.give_back(db, lease))
            raise
        except Exception as error:
            code = error.code if isinstance(error, HeardError) else type(error).__name__
            log.error("job %s (%s) failed: %s", job.id, job.kind, code)
            await self._retry(job, code)

    async def _retry(self, job: Job, code: str) -> None:
        """Full jitter over 2^attempts seconds, at most five minutes."""
        assert job.lease is not None
        lease = job.lease
        delay = timedelta(seconds=self._random.uniform(0, min(LONGEST_DELAY, 2.0**job.attempts)))
        try:
            await self._store.write(lambda db: jobs.retry(db, lease, now=self._clock.now(), delay=delay, error=code))
        except (Fenced, StoreUnavailable):
            log.warning("job %s (%s) waits for its lease to end", job.id, job.kind)

    async def _claim_for_ever(self) -> None:
        while True:
            self._wake.clear()
            try:
                due = await self._store.read(jobs.next_due)
                if due is not None and due <= self._clock.now() and len(self._running) < self._concurrency:
                    await self._claim()
            except StoreUnavailable:
                log.warning("jobs wait: the database does not answer")
            try:
                async with asyncio.timeout(POLL):
                    await self._wake.wait()
            except TimeoutError:
                continue

    async def _claim(self) -> None:
        limit = self._concurrency - len(self._running)
        mine = tuple(self._running)
        claimed = await self._store.write(lambda db: jobs.claim(db, now=self._clock.now(), owner=self._node, limit=limit, mine=mine))
        for job in claimed:
            self._begin(job)

    async def _renew_for_ever(self) -> None:
        while True:
            await asyncio.sleep(RENEW)
            mine = tuple(self._running)
            try:
                if mine:
                    await self._store.write(partial(jobs.renew, now=self._clock.now(), owner=self._node, jobs=mine))
            except StoreUnavailable:
                log.warning("leases could not be renewed")
