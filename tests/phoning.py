"""A clinic that phones its patients: a running node, the look-alike on the line, and time that passes when a test says so.

async with Clinic(tmp_path) as clinic:
    call = await clinic.wants_call(ANA)
    await clinic.calls(clinic.nora, call)
    await clinic.passes(120)
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self

from sqlalchemy import select, update

from handoff import jobs
from handoff.callback import Event
from handoff.desk import callbacks, calls
from handoff.desk.thread import open_thread
from handoff.desk.work import Work
from handoff.simulator.calls import Call
from handoff.simulator.parties import Party, answers
from handoff.staff import accounts
from handoff.staff.access import Person, Role
from handoff.store import tables as t
from tests.fakes import MONDAY, FakeClock
from tests.service import Node
from tests.texting import texter
from tests.twilio import ANA, NORA, TOM, Line

TEN_IN_NEW_YORK = MONDAY + timedelta(hours=6)


class Clinic:
    """`nora`, `tom`: staff, each with a phone. `line.twilio.parties[NUMBER]` says who is at a number; by default staff take the call."""

    def __init__(self, data_dir: Path, *, at: datetime = TEN_IN_NEW_YORK, **overrides: Any) -> None:
        self.clock = FakeClock(at)
        self.line = Line(clock=self.clock, by_hand=True)
        self.twilio = self.line.twilio
        given = {"clinic_phone": "(202) 555-0100", "time_zone": "America/New_York", **overrides}
        self.node = Node(data_dir, clock=self.clock, twilio=self.line, **given)
        self.twilio.parties |= {NORA: answers("1"), TOM: answers("1"), ANA: answers()}
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._stack.enter_async_context(self.line)
        await self._stack.enter_async_context(self.node)
        self.desk, self.runner = self.node.service.desk, self.node.service.runner
        self.line.time.busy = self._is_busy
        self.nora = await self._hire("Nora", NORA)
        self.tom = await self._hire("Tom", TOM)
        await self.quiet()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.twilio.faults.gate = None
        await self._stack.aclose()

    async def _hire(self, name: str, number: str | None) -> Person:
        new = await self.desk.do(accounts.add, email=f"{name.lower()}@clinic.example", name=name, role=Role.MEMBER)
        await self.desk.do(lambda work: work.db.execute(update(t.staff).where(t.staff.c.id == new).values(phone=number)) and None)
        return Person(new, name, Role.MEMBER)

    def is_at(self, number: str, *parties: Party) -> None:
        """Who picks up: of several, one for each call, the last for all that follow."""
        self.twilio.parties[number] = list(parties)

    async def asked_for_a_call(self, number: str = ANA) -> tuple[str, str]:
        """Somebody who texts us wants to be called within two hours. The conversation and the callback."""
        return await self.desk.do(ask_for_a_call, number)

    async def call_off(self, callback: str) -> None:
        """The patient does not want it any more, whatever rings by now."""
        await self.desk.do(call_off, callback)
        await self.quiet()

    async def promise(self, callback: str) -> str:
        """How the promise of a callback stands."""
        query = select(t.promise.c.state).join(t.callback, t.callback.c.promise == t.promise.c.id).where(t.callback.c.id == callback)
        return await self.desk.look(lambda db: str(db.execute(query).scalar_one()))

    # Time

    async def passes(self, seconds: float) -> None:
        """Let so much time pass: each job and each moment of a call at its time, and each only when the last one is done with."""
        end = self.clock.at + timedelta(seconds=seconds)
        await self.quiet()
        while (due := await self._next()) is not None and due <= end:
            await self._forward_to(due)
        await self._forward_to(end)

    async def _forward_to(self, moment: datetime) -> None:
        await self.line.time.forward(max(0.0, (moment - self.clock.at).total_seconds()))
        await self.quiet()

    async def _next(self) -> datetime | None:
        """When something happens next: on the line, or because a job is planned."""
        planned = await self.desk.look(_next_job)
        moments = [] if planned is None else [planned]
        if self.line.time.next is not None:
            moments.append(self.clock.at + timedelta(seconds=self.line.time.next - self.line.time.now))
        return min(moments, default=None)

    async def quiet(self) -> None:
        """Until nothing is on its way and no job is to be done now."""
        turns = 0
        async with asyncio.timeout(30):
            while turns < 3:
                self.runner.wake()
                await asyncio.sleep(0.002)
                turns = 0 if self._is_busy() or await self.desk.look(_is_due, self.clock.at) else turns + 1

    def _is_busy(self) -> bool:
        return self.twilio.hooks.busy or (self.twilio.faults.gate is None and bool(self.runner._running))

    # What is in the ledger, and what the phones were told

    async def legs(self, callback: str) -> list[dict[str, Any]]:
        """The legs of a callback, oldest first."""
        query = select(t.call).where(t.call.c.callback == callback).order_by(t.call.c.placed_at, t.call.c.id)
        return [dict(row) for row in await self.desk.look(lambda db: list(db.execute(query).mappings()))]

    async def states(self, callback: str) -> list[str]:
        """`staff completed pressed`, `patient busy busy`: leg, state, and what came of it."""
        return [f"{row['leg']} {row['state']} {row['outcome'] or '-'}" for row in await self.legs(callback)]

    async def callback(self, callback: str) -> dict[str, Any]:
        query = select(t.callback).where(t.callback.c.id == callback)
        return await self.desk.look(lambda db: dict(db.execute(query).one()._mapping))

    async def said(self, conversation: str) -> list[str]:
        """What was said to the patient in the thread by the service."""
        m = t.message.c
        query = select(m.text).where(m.conversation == conversation, m.author == "service").order_by(m.seq)
        return await self.desk.look(lambda db: list(db.execute(query).scalars()))

    def rings(self, number: str) -> list[Call]:
        """The calls that were placed to a number."""
        return self.twilio.calls_to(number)

    @property
    def met(self) -> int:
        """How often two phones were connected."""
        return len(self.twilio.exchange.rooms.met)


def ask_for_a_call(work: Work, number: str) -> tuple[str, str]:
    conversation, callback, promise = texter(work, number), work.ids.new(), work.ids.new()
    ends = work.now + timedelta(hours=2)
    made = {"id": promise, "conversation": conversation, "kind": "callback", "state": "open", "owner": "team", "made_at": work.now}
    work.db.execute(t.promise.insert().values(made | {"due_at": ends}))
    row = {"id": callback, "conversation": conversation, "promise": promise, "state": "scheduled", "version": 1, "number": number}
    row |= {"language": "en", "about": "the wait", "asked_by": "patient", "window_from": work.now, "window_to": ends}
    work.db.execute(t.callback.insert().values(row | {"queue_age_from": work.now, "attempts": 0, "created_at": work.now}))
    work.db.execute(t.case.insert().values(id=work.ids.new(), conversation=conversation, kind="concern", state="open", opened_at=work.now))
    return conversation, callback


def call_off(work: Work, callback: str) -> None:
    thread = open_thread(work, callbacks.conversation_of(work.db, callback))
    found = callbacks.open_callback(thread, callback)
    found.step(Event.CANCELLED)
    calls.hang_up(work, callback, thread.id)
    found.save()
    thread.save()


def _next_job(db: Any) -> Any:
    j = t.job.c
    return db.execute(select(j.run_at).where(j.state == "ready").order_by(j.run_at).limit(1)).scalar_one_or_none()


def _is_due(db: Any, now: datetime) -> bool:
    return jobs.look_ahead(db, now=now, owner="", mine=())[0]
