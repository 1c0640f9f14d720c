"""What a deed works with, and the desk that runs deeds: one transaction each, then the doorbell and the jobs it left."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection

from handoff import jobs
from handoff.account import Account
from handoff.clock import Clock, Ids
from handoff.doorbell import Bell, Doorbell
from handoff.hours import Hours
from handoff.routing_file import Routing
from handoff.settings import Settings
from handoff.store import Store
from handoff.survey import Survey
from handoff.words import Words

P = ParamSpec("P")
T = TypeVar("T")
LINE = "line"  # the kind and the key of the job that looks at the line


@dataclass(frozen=True)
class House:
    """What every deed may read: the clinic's settings, words, surveys and rules. Fixed for the life of the process."""

    settings: Settings
    words: Words
    surveys: Mapping[str, Survey]
    routing: Routing
    ids: Ids
    node: str
    hours: Hours  # when staff can phone patients
    account: Account | None  # what texts and calls go through; None: staff dial by hand, and nobody texts

    def clinic(self, locale: str) -> str:
        """The clinic's name; where none is set, what such a place is called in the language."""
        return self.settings.clinic_name or self.words.say(locale, "clinic")


@dataclass
class Work:
    """One deed's transaction: the connection, the moment, the house, and what must follow the commit."""

    db: Connection
    now: datetime
    house: House
    bells: dict[str, Bell] = field(default_factory=dict)
    left: list[jobs.Job] = field(default_factory=list)
    changed_line: bool = False
    changed_staff: list[str] = field(default_factory=list)

    @property
    def ids(self) -> Ids:
        return self.house.ids

    def ring(self, bell: Bell) -> None:
        """Ring after the commit; bells of one conversation become one."""
        earlier = self.bells.get(bell.conversation)
        self.bells[bell.conversation] = bell if earlier is None else earlier.joined(bell)

    def ring_staff(self, staff: str) -> None:
        """Tell a member of staff's consoles, after the commit, that their own state has changed."""
        self.changed_staff.append(staff)

    def look_at_line(self) -> None:
        """Who waits or who is free has changed: the line is looked at after the commit, once for the whole deed."""
        self.changed_line = True

    def enqueue(
        self, kind: str, *, key: str, payload: Mapping[str, Any], run_at: datetime | None = None, dedupe: str | None = None
    ) -> None:
        """Leave a job; one that is due now is born running on this node and needs no second transaction to be claimed."""
        job = jobs.enqueue(
            self.db,
            ids=self.ids,
            now=self.now,
            kind=kind,
            key=key,
            payload=payload,
            run_at=run_at,
            dedupe=dedupe,
            claimed_by=None if run_at else self.house.node,
        )
        self.left.append(job)


class Desk:
    """Runs deeds. A deed is a plain function `(work, ...) -> value`; what it raises undoes all it did."""

    def __init__(self, store: Store, house: House, *, clock: Clock, doorbell: Doorbell) -> None:
        self.store = store
        self.house = house
        self.clock = clock
        self.doorbell = doorbell
        self.adopt: Callable[[jobs.Job], None] = lambda job: None  # set to the runner's, once there is one

    async def do(self, deed: Callable[Concatenate[Work, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `deed` in one transaction; when this returns, what it did is durable. Raises what the deed raised."""

        def transact(db: Connection) -> tuple[T, Work]:
            work = Work(db, self.clock.now(), self.house)
            made = deed(work, *args, **kwargs)
            if work.changed_line:  # left last: whoever leaves it holds up others who do
                work.enqueue(LINE, key=LINE, payload={})
            return made, work

        result, work = await self.store.write(transact)
        for job in work.left:
            self.adopt(job)
        for bell in work.bells.values():
            await self.doorbell.ring(bell)
        for staff in work.changed_staff:
            await self.doorbell.ring(Bell("", 0, 0, staff=staff))
        return result

    async def look(self, query: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a read-only `query`."""
        return await self.store.read(lambda db: query(db, *args, **kwargs))
