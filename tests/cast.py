"""A patient and the staff of a clinic, for tests of deeds on both databases: Ana writes; Maria and Sam pick up; Priya supervises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select

from handoff import jobs
from handoff import signals as sig
from handoff.channels import Inbound
from handoff.desk import patients, sessions, timers, turns, views
from handoff.desk.turns import BotAnswer, Reply
from handoff.desk.work import Desk
from handoff.staff import accounts, presence
from handoff.staff.access import Person, Role
from handoff.store import tables as t
from tests.fakes import FakeClock

SITE = "https://www.clinic.example"


@dataclass
class Cast:
    """Ana writes; Maria and Sam pick up; Priya is a supervisor, Root an admin."""

    desk: Desk
    clock: FakeClock
    ana: str
    maria: Person
    sam: Person
    priya: Person
    root: Person
    sent: int = 0

    async def writes(self, text: str, *, client_id: str = "") -> patients.Receipt:
        self.sent += 1
        return await self.desk.do(patients.receive, Inbound(self.ana, client_id or f"a{self.sent}", text))

    async def presses(self, title: str) -> patients.Receipt:
        self.sent += 1
        rows = await self.messages()
        newest = next(row for row in rows[::-1] if row["buttons"])
        button = next(button for button in newest["buttons"] if button["title"].startswith(title))
        return await self.desk.do(patients.receive, Inbound(self.ana, f"a{self.sent}", button=button["id"]))

    async def asks_for_a_person(self) -> None:
        self.sent += 1
        await self.desk.do(patients.receive, Inbound(self.ana, f"a{self.sent}", button="person"))

    async def job(self, kind: str) -> tuple[jobs.Lease, dict[str, Any]]:
        """The newest unfinished job of a kind, leased."""
        j = t.job.c
        if kind != "listen":  # of one conversation one job runs at a time
            heard = t.job.update().where(j.kind == "listen", j.state == "running").values(state="done")
            await self.desk.do(lambda work: work.db.execute(heard) and None)
        row = await self.desk.look(
            lambda db: (
                db.execute(select(t.job).where(j.kind == kind, j.state.in_(("ready", "running"))).order_by(j.id.desc())).mappings().first()
            )
        )
        assert row is not None, f"there is no {kind} job"
        await self.desk.do(
            lambda work: work.db.execute(t.job.update().where(j.id == row["id"]).values(state="running", lease_owner="test", lease_epoch=9))
        )
        return jobs.Lease(row["id"], "test", 9), row["payload"]

    async def bot_says(self, *texts: str, signals: tuple[sig.Signal, ...] = ()) -> bool:
        lease, payload = await self.job("ask_bot")
        return await self.desk.do(turns.bot_answered, lease, payload, BotAnswer(tuple(Reply(text) for text in texts), signals, "test"))

    async def leaves_a_message(self, text: str = "The parking machine takes no cards") -> None:
        await self.asks_for_a_person()
        await self.presses("Leave a message")
        await self.writes(text)

    async def time_passes(self) -> None:
        lease, payload = await self.job("timer")
        await self.desk.do(timers.ring_timer, lease, payload)

    async def messages(self) -> list[dict[str, Any]]:
        return await self.desk.look(views.messages_after, self.ana, 0)

    async def last(self) -> str:
        return str((await self.messages())[-1]["text"])

    async def state(self) -> tuple[str, str]:
        c = t.conversation.c
        row = await self.desk.look(lambda db: db.execute(select(c.state, c.owner).where(c.id == self.ana)).one())
        return row.state, row.owner

    async def rows(self, table: Any) -> list[dict[str, Any]]:
        return await self.desk.look(lambda db: [dict(row) for row in db.execute(select(table)).mappings()])


@pytest.fixture
async def cast(desk: Desk, clock: FakeClock) -> Cast:
    people = {}
    for name, role in (("Maria", Role.MEMBER), ("Sam", Role.MEMBER), ("Priya", Role.SUPERVISOR), ("Root", Role.ADMIN)):
        added = await desk.do(accounts.add, email=f"{name}@clinic.example", name=name, role=role)
        people[name.lower()] = Person(added, name, role)
    session = await desk.do(sessions.open_session, secret=None, site=SITE, protocol="widget", locale="en")
    cast = Cast(desk, clock, session.conversation, **people)
    await cast.bot_says("How was it?", signals=(sig.SurveyStarted("fft", "1"), sig.Asked("fft", "overall", 1)))
    return cast


async def is_here(cast: Cast, person: Person) -> None:
    await cast.desk.do(presence.arrive, f"socket-{person.name}", person.id)


async def in_line(cast: Cast) -> None:
    await is_here(cast, cast.maria)
    await cast.asks_for_a_person()
    await cast.presses("Chat with a person")
