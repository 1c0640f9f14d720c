"""A clinic at four in the morning, with nobody at a console: Ana is in danger, and Nora's and Tom's phones are on call."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import select

from handoff import jobs
from handoff.channels import Inbound
from handoff.desk import paging, patients, sessions, staff, timers, views
from handoff.desk.work import Desk
from handoff.routing_file import OnCall
from handoff.staff import accounts
from handoff.staff.access import Person, Role
from handoff.store import tables as t
from tests.cast import SITE
from tests.fakes import FakeClock
from tests.texting import Sender
from tests.twilio import NORA, TOM

DANGER = "I can't breathe"
STEPS = (
    OnCall(after=0, who="everybody", phones=(NORA,)),
    OnCall(after=2, who="supervisor", phones=(TOM,)),
    OnCall(after=5, who="admin", phones=(NORA, TOM)),
)
ALONE = (OnCall(after=0, who="everybody", phones=(NORA,)),)
_RUNG = ("send_text", "page")
_LEFT = ("ask_bot", "line", "purge", "watch_texts", "watch_promise", "turn_lost")


class Night(Sender):
    """`async with Night(desk, clock) as night`: a sender whose pages ring, too, and with `timers` the states' timers.

    It is 4:00 in Washington, 9:00 UTC.
    """

    def __init__(self, desk: Desk, clock: FakeClock, steps: tuple[OnCall, ...] = STEPS, *, timers: bool = False, **overrides: Any) -> None:
        super().__init__(desk, clock, **overrides)
        self.desk.house = replace(self.desk.house, routing=replace(self.desk.house.routing, on_call=steps))
        self._written = 0
        self._rung = (*_RUNG, *(("timer",) if timers else ()))
        self._left = (*_LEFT, *(() if timers else ("timer",)))

    def _adopt(self, job: jobs.Job) -> None:
        if job.kind in self._rung:
            super()._adopt(job)

    async def next_job(self) -> jobs.Job | None:
        while True:
            job = self._born.pop(0) if self._born else await self._claimed()
            if job is None or job.kind == "send_text":
                return job
            assert job.lease is not None
            ring = {"page": paging.ring_page, "timer": timers.ring_timer}[job.kind]
            await self.desk.do(ring, job.lease, job.payload)

    async def _claimed(self) -> jobs.Job | None:
        node, now = self.desk.house.node, self.clock.now()
        found = await self.desk.store.write(lambda db: jobs.claim(db, now=now, owner=node, limit=1, but=self._left))
        return found[0] if found else None

    async def next_due(self) -> Any:
        j = t.job.c
        query = select(j.run_at).where(j.state == "ready", j.kind.in_(self._rung)).order_by(j.run_at).limit(1)
        return await self.desk.look(lambda db: db.execute(query).scalar_one_or_none())

    async def danger(self) -> str:
        """Ana writes on the website that she is in danger. Returns her conversation."""
        session = await self.desk.do(sessions.open_session, secret=None, site=SITE, protocol="widget", locale="en")
        await self.writes(session.conversation, DANGER)
        return session.conversation

    async def writes(self, conversation: str, text: str, *, channel: str = "web") -> None:
        self._written += 1
        await self.desk.do(patients.receive, Inbound(conversation, f"a{self._written}", text, channel=channel))

    async def maria(self) -> Person:
        added = await self.desk.do(accounts.add, email="maria@clinic.example", name="Maria", role=Role.MEMBER)
        return Person(added, "Maria", Role.MEMBER)

    async def taken(self, conversation: str) -> Person:
        maria = await self.maria()
        await self.desk.do(staff.take, maria, conversation)
        return maria

    async def shown(self, conversation: str) -> list[dict[str, Any]]:
        """What a console says of the texts that were to bring the page, phone by phone."""
        item = await self.desk.look(views.item, self.desk.house, Person("x", "Priya", Role.SUPERVISOR), conversation)
        texts = [] if item["page"] is None else item["page"]["texts"]
        return [{name: value for name, value in text.items() if name != "phone"} for text in texts]

    def minutes(self, number: str) -> list[float]:
        """When a phone was texted, in minutes after the clock of the tests began."""
        began = FakeClock().at
        return [round((text.created - began).total_seconds() / 60, 2) for text in self.twilio.sent_to(number)]
