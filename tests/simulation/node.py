"""One node of the service: a desk, the duties of its jobs, and a runner that works when the simulation says so."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from handoff import jobs
from handoff.calling import Calling
from handoff.clock import Ids
from handoff.desk import texts, turns
from handoff.desk.clock_back import clock_went_back
from handoff.desk.work import LINE, Desk, House
from handoff.doorbell import Doorbell
from handoff.duties import Duties, _purge
from handoff.jobs import Fenced, Job
from handoff.metrics import Metrics
from handoff.phone import Uncertain
from handoff.runner import LIMIT, Handler
from handoff.store.purge import expired
from handoff.texting import Texting
from tests.simulation.bot import SimBot
from tests.simulation.phone import SimPhone
from tests.simulation.store import drive

if TYPE_CHECKING:
    from tests.simulation.world import World

METRICS = Metrics()


@dataclass
class Flight:
    """A job under way that waits for another machine."""

    job: Job
    deed: Coroutine[Any, Any, None]
    since: datetime


class SimNode:
    def __init__(self, world: World, name: str, house: House, ids: Ids, *, alone: bool) -> None:
        """`alone`: the only node, which takes over whatever was leased when it starts."""
        self.name, self.alive = name, True
        self.flights: dict[str, Flight] = {}
        self._world, self._alone = world, alone
        self._born: list[Job] = []
        self._starts = 0
        self._seen = world.clock.now()
        self._bot, phone = SimBot(world), SimPhone(world)
        self.desk = Desk(world.store, replace(house, ids=ids, node=name), clock=world.clock, doorbell=Doorbell(node=name))
        self.desk.doorbell.subscribe(world.hear)
        self.desk.adopt = self._adopt
        texting = Texting(self.desk, phone, rng=random.Random(1)).handlers()
        self._handlers: dict[str, Handler] = {
            **Duties(self.desk, self._bot, METRICS, typing=_shows_nothing).handlers(),
            **texting,
            **Calling(self.desk, phone).handlers(),
            "watch_texts": self._watch_texts,
            "purge": self._purge,
            "erase_tracker": self._erase_tracker,
        }

    def _adopt(self, job: Job) -> None:
        if job.lease is not None:
            self._born.append(job)

    def work(self, chance: random.Random, *, most: int) -> None:
        """What the runner does in a while: begin what was born here, let go what takes too long, renew, claim up to `most`."""
        if self._now < self._seen:
            self._clock_went_back()
        self._seen = self._now
        born, self._born = self._born, []
        for job in born:
            self._begin(job)
        if self.flights and chance.random() < 0.5:
            self._let_go()
        self.renew()
        if self._is_any_due():
            for job in drive(self._world.store.write(partial(self._claim, limit=most))):
                self._begin(job)

    def work_off(self, chance: random.Random) -> None:
        """Work until nothing is due. Whoever is told to wait for nobody, and leaves itself the same work again, is stopped."""
        for _ in range(40):
            self.work(chance, most=20)
            if not self._born and not self._is_any_due():
                break

    def renew(self) -> None:
        mine = (*self.flights, *(job.id for job in self._born))
        if mine:
            drive(self._world.store.write(partial(jobs.renew, now=self._now, owner=self.name, jobs=mine)))

    @property
    def _now(self) -> datetime:
        return self._world.clock.now()

    def _is_any_due(self) -> bool:
        now = round(self._now.timestamp() * 1000)
        due = "SELECT 1 FROM job WHERE state IN ('ready', 'running') AND run_at <= ? AND (state = 'ready' OR lease_until < ?) LIMIT 1"
        return bool(self._world.store.ask(due, now, now + 25_000))

    def _claim(self, db: Any, *, limit: int) -> list[Job]:
        return jobs.claim(db, now=self._now, owner=self.name, limit=limit, mine=tuple(self.flights))

    def _begin(self, job: Job) -> None:
        if job.id not in self.flights:
            self._bot.epoch = job.payload.get("epoch", 0)
            self._go_on(Flight(job, self._run(job), self._now))

    async def _run(self, job: Job) -> None:
        await self._handlers[job.kind](job)
        if job.kind == LINE:
            self._world.looked()

    def _go_on(self, flight: Flight) -> None:
        """Until it is done, or waits. What a duty raises beside `Fenced` is a fault of ours: no database and no disk fails here."""
        self.flights.pop(flight.job.id, None)
        try:
            flight.deed.send(None)
        except (StopIteration, Fenced):
            return
        except Uncertain:
            self._again(flight, "Uncertain")
            return
        self.flights[flight.job.id] = flight

    def hears_late(self, chance: random.Random) -> None:
        """One of those that wait goes on, however long it has slept: its lease may have ended."""
        if self.flights:
            self._go_on(self.flights[chance.choice(list(self.flights))])

    def _let_go(self) -> None:
        """The runner's own limit for one job: cancelled, and tried again later."""
        for flight in list(self.flights.values()):
            if self._now - flight.since > timedelta(seconds=LIMIT):
                del self.flights[flight.job.id]
                flight.deed.close()
                self._again(flight, "TimeoutError")

    def _again(self, flight: Flight, error: str) -> None:
        lease, delay = flight.job.lease, timedelta(seconds=min(2**flight.job.attempts, 300))
        assert lease is not None
        with contextlib.suppress(Fenced):
            drive(self._world.store.write(partial(jobs.retry, lease=lease, now=self._now, delay=delay, error=error)))

    def kill(self) -> None:
        """Whatever it holds stays leased."""
        self.alive = False
        for flight in self.flights.values():
            flight.deed.close()
        self.flights.clear()
        self._born.clear()

    def start(self) -> None:
        """Under a new name: what the one before held is somebody else's."""
        self.alive, self._starts = True, self._starts + 1
        self.name = f"{self.name.partition('.')[0]}.{self._starts}"
        self.desk.house = replace(self.desk.house, node=self.name)
        if self._alone:
            drive(self._world.store.write(partial(jobs.take_over, owner=self.name)))
        self._clock_went_back()

    def _clock_went_back(self) -> None:
        drive(self._world.store.write(partial(clock_went_back, now=self._now, rules=self.desk.house.routing.teams.rules)))

    async def _watch_texts(self, job: Job) -> None:
        assert job.lease is not None
        await self.desk.do(texts.watch, job.lease)

    async def _purge(self, job: Job) -> None:
        assert job.lease is not None
        await self.desk.do(_purge, job.lease, await self.desk.look(expired, self._now, self.desk.house.settings))

    async def _erase_tracker(self, job: Job) -> None:
        assert job.lease is not None
        await self.desk.do(turns.drop_turn, job.lease)


async def _shows_nothing(conversation: str, on: bool) -> None:
    return None
