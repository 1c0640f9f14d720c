"""A simulated clinic: nodes over one database, a clock that is moved, a bot, a phone provider, patients and staff. All drawn from a seed."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import cycle
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from handoff.app import load_house
from handoff.desk.texts import plan_watch
from handoff.desk.work import House, Work
from handoff.doorbell import Bell
from handoff.duties import plan_purge
from handoff.settings import load
from handoff.staff import accounts, presence
from handoff.staff.access import Person, Role
from handoff.store import tables as t
from tests.fakes import FakeClock, SequentialIds
from tests.simulation.auditor import Auditor
from tests.simulation.line_audit import LineAudit
from tests.simulation.node import SimNode
from tests.simulation.phone import Made
from tests.simulation.roster import ROSTERS, Colleague, Roster
from tests.simulation.store import InlineStore, drive
from tests.simulation.told_audit import ToldAudit
from tests.simulation.watch_audit import WatchAudit

P = ParamSpec("P")
T = TypeVar("T")
ZONE = "America/New_York"
BEGINNINGS = (
    datetime(2026, 11, 23, 14, 0, tzinfo=UTC),  # Monday morning at the clinic
    datetime(2026, 11, 20, 22, 30, tzinfo=UTC),  # Friday, half an hour before it closes
    datetime(2026, 11, 1, 3, 0, tzinfo=UTC),  # the night in which the clocks go back, at 6:00 UTC
    datetime(2027, 3, 13, 22, 0, tzinfo=UTC),  # the day before they go forward, at 7:00 UTC
    datetime(2028, 2, 28, 20, 0, tzinfo=UTC),  # the day before a leap day
)
WEB, TEXTERS = 7, ("+12025550101", "+12025550102")
PHONES = ("+12025550111", "+12025550112", "+12025550113")


@dataclass
class Member:
    """Somebody of the staff. `sockets`: socket -> its node; those that are gone without a word stay in the database until they run out."""

    person: Person
    sockets: dict[str, str] = field(default_factory=dict)


@dataclass
class InTransit:
    """A message on its way: it may come late, twice, or both."""

    deliver: Callable[[], None]


class Audits:
    """What is asked of a clinic with a roster, beside the invariants of its database."""

    def __init__(self, world: World) -> None:
        self.line, self.watch, self.told = LineAudit(world), WatchAudit(world), ToldAudit(world)

    def check(self, touched: set[str]) -> None:
        self.told.check()
        self.line.check(touched)
        self.watch.check(touched)

    def check_rest(self) -> None:
        self.line.check_rest()
        self.watch.check_rest()
        self.told.check_rest()


class World:
    """`beginnings`: when it may begin; `people`: who works there, where it builds its own nodes; else `roster` is drawn, and tells it."""

    beginnings: Sequence[datetime] = BEGINNINGS
    people: Sequence[tuple[str, Role]] = ()
    roster: Roster = ROSTERS[0]

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.store, house = _store(), _house()
        self.settings = house.settings
        self.clock, self.ids = FakeClock(self.chance.choice(self.beginnings)), SequentialIds()
        self.mood, self.went_back = "well", False
        self.touched: set[str] = set()
        self.gone: set[str] = set()
        self.texts: list[Made] = []
        self.calls: list[Made] = []
        self.sids = itertools.count()  # of whatever the provider makes
        self.patients: dict[int, str] = {}  # who writes on the website -> their conversation
        self.in_transit: list[InTransit] = []
        self.count = 0
        self.audits: Audits | None = None
        self.store.forget()
        self.auditor = Auditor(self)
        self.nodes = self._build(house)
        self.staff = [self._hire(name, role, phone) for (name, role), phone in zip(self.people, cycle(PHONES), strict=False)]
        self.can: dict[str, Colleague] = {member.person.id: one for member, one in zip(self.staff, self.roster.people, strict=False)}
        for wish, plan in ((0.5, plan_watch), (0.3, plan_purge)):
            if self.chance.random() < wish:
                self.do(self.nodes[0], plan)

    def _build(self, house: House) -> list[SimNode]:
        self.roster, self.audits = self.chance.choice(ROSTERS), Audits(self)
        self.people = [(one.name, one.role) for one in self.roster.people]
        house = replace(house, routing=replace(house.routing, teams=self.roster.teams(house.routing.teams.rules)))
        number = self.chance.choice((1, 2, 2, 3))
        alone = number == 1 and self.chance.random() < 0.7
        return [SimNode(self, f"node-{n}", house, self.ids, alone=alone) for n in range(number)]

    def _hire(self, name: str, role: Role, phone: str) -> Member:
        added = self.do(self.nodes[0], accounts.add, email=f"{name}@clinic.example", name=name, role=role)
        number = phone if self.chance.random() < 0.6 else None
        self.store.db.execute(t.staff.update().where(t.staff.c.id == added).values(phone=number))
        return Member(Person(added, name, role))

    async def hear(self, bell: Bell) -> None:
        if bell.conversation:
            (self.gone if bell.gone else self.touched).add(bell.conversation)
        if self.audits is not None:
            self.audits.told.hear(bell)

    def looked(self) -> None:
        """A node has just looked at the line. Raises `Broken`."""
        if self.audits is not None:
            self.audits.line.looked()

    def do(self, node: SimNode, deed: Callable[Concatenate[Work, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """A deed at a node, whose jobs stay there until it works."""
        return drive(node.desk.do(deed, *args, **kwargs))

    def node(self) -> SimNode | None:
        """One that lives, if any does."""
        alive = [node for node in self.nodes if node.alive]
        return self.chance.choice(alive) if alive else None

    def new_name(self) -> str:
        self.count += 1
        return f"n{self.count}"

    def heartbeat(self) -> None:
        """Each living node renews the leases of the sockets and of the jobs that it still has."""
        for node in self.nodes:
            if node.alive:
                node.renew()
            sockets = [socket for member in self.staff for socket, where in member.sockets.items() if where == node.name]
            if node.alive and sockets:
                self.do(node, presence.renew, sockets)

    def pass_time(self, length: timedelta) -> None:
        """Time with everybody at work. Nobody renews twice in a jump."""
        self.clock.at += length
        self.heartbeat()

    def check(self) -> None:
        """After an operation. Raises `Broken`."""
        for conversation in self.gone:
            self.auditor.forget(conversation)
        touched, self.touched = self.touched - self.gone, set()
        self.auditor.check(touched)
        if self.audits is not None:
            self.audits.check(touched)

    def keep_up(self, length: timedelta, *, late: int = 1) -> None:
        """Time passes, and every living node does what is due. `late`: how often one hears of a machine that was slow."""
        self.pass_time(length)
        for node in self.nodes:
            if node.alive:
                for _ in range(late):
                    node.hears_late(self.chance)
                node.work_off(self.chance)
        self.check()

    def catch_up(self) -> None:
        """Every node lives and works until nothing is due any more, and what time must bring about has come about."""
        for node in self.nodes:
            if not node.alive:
                node.start()
        for _ in range(5):  # together longer than any lease of a job, and than staff may be gone; no connection lapses meanwhile
            self.keep_up(timedelta(seconds=18), late=20)
        self.auditor.check_rest(self.clock.now())
        if self.audits is not None:
            self.audits.check_rest()

    def rest(self) -> None:
        """The end: all of it is looked at."""
        self.mood = "well"
        self.catch_up()
        self.auditor.check_all()
        self.auditor.check_views()


@cache
def _store() -> InlineStore:
    return InlineStore()


@cache
def _house() -> House:
    settings = load(data_dir=Path("/nonexistent"), port=1, clinic_name="Elm Street Clinic", time_zone=ZONE, secret="s" * 32)
    return load_house(settings.model_copy(update={"texts_per_second": 100.0, "texts_per_number_hour": 600}), SequentialIds())


def rows(world: World, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    return world.store.ask(statement, *values)
