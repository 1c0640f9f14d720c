"""Ana's line of texts on a desk without a runner: what waits is sent when a test says so, through the look-alike, on a clock it holds."""

from __future__ import annotations

import random
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from typing import Any, Self

from sqlalchemy import select

from handoff import jobs
from handoff.consent import How, Purpose
from handoff.desk import consents
from handoff.desk.thread import new_thread, open_thread
from handoff.desk.work import Desk, Work
from handoff.doorbell import Bell, Doorbell
from handoff.phone import TwilioPhone
from handoff.store import tables as t
from handoff.texting import Texting
from tests.fakes import FakeClock
from tests.twilio import ANA, OURS, Line


class Sender:
    """`async with Sender(desk, clock) as sender`: `say`, then `run`; `texts` are the ledger's rows, oldest first."""

    def __init__(self, desk: Desk, clock: FakeClock, *, total: float = 10.0, **overrides: Any) -> None:
        self.clock = clock
        self.line = Line(clock=clock)
        self.twilio = self.line.twilio
        self.bells: list[Bell] = []
        settings = desk.house.settings.model_copy(update={"time_zone": "America/New_York", "texts_per_second": 100.0, **overrides})
        house = replace(desk.house, account=self.twilio.account, settings=settings)
        self.desk = Desk(desk.store, house, clock=clock, doorbell=Doorbell(node="test"))
        self.desk.doorbell.subscribe(self._hear)
        self._born: list[jobs.Job] = []
        self.desk.adopt = self._adopt
        self.phone = TwilioPhone(self.twilio.account, total=total)
        self.texting = Texting(self.desk, self.phone, rng=random.Random(1))
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._stack.enter_async_context(self.line)
        self._stack.push_async_callback(self.phone.close)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    def _adopt(self, job: jobs.Job) -> None:
        if job.lease is not None:
            self._born.append(job)

    async def _hear(self, bell: Bell) -> None:
        self.bells.append(bell)

    async def patient(self, number: str = ANA, *, wrote: bool = True) -> str:
        """A conversation by text with `number`, who `wrote` just now. Returns its id."""
        return await self.desk.do(texter, number, wrote=wrote)

    async def say(self, conversation: str, *sentences: str, author: str = "bot", purpose: str | None = None) -> None:
        for sentence in sentences:
            await self.desk.do(say, conversation, sentence, author, purpose)

    async def run(self, **forward: float) -> int:
        """Do every `send_text` job that is due, after the clock went `forward`. Returns how many there were."""
        self.clock.forward(**forward)
        done = 0
        while job := await self.next_job():
            await self.texting.handlers()[job.kind](job)
            done += 1
        return done

    async def lose_jobs(self) -> None:
        """As if every job of the lines had died."""
        self._born.clear()
        await self.desk.store.write(lambda db: db.execute(t.job.update().where(t.job.c.kind == "send_text").values(state="dead")))

    async def next_job(self) -> jobs.Job | None:
        if self._born:
            return self._born.pop(0)
        node = self.desk.house.node
        found = await self.desk.store.write(lambda db: jobs.claim(db, now=self.clock.now(), owner=node, limit=1))
        return found[0] if found else None

    async def run_until(self, length: timedelta) -> None:
        """Let `length` pass, doing each job at its time."""
        end = self.clock.now() + length
        while True:
            await self.run()
            due = await self.next_due()
            if due is None or due > end:
                break
            self.clock.at = max(due, self.clock.at)
        self.clock.at = end

    async def next_due(self) -> Any:
        """When the next job of the lines is planned for."""
        return await self.desk.look(_next_due)

    async def texts(self, conversation: str | None = None) -> list[dict[str, Any]]:
        return await self.desk.look(_texts, conversation)

    async def states(self) -> list[str]:
        return [text["state"] for text in await self.texts()]


def texter(work: Work, number: str, *, wrote: bool = True) -> str:
    thread = new_thread(work, channel="sms", locale="en", survey="fft")
    work.db.execute(t.job.delete().where(t.job.c.key == f"timer:{thread.id}"))
    thread.row["last_patient_at"] = work.now if wrote else None
    linked = {"number": number, "conversation": thread.id, "ours": OURS, "state": "good", "linked_at": work.now}
    work.db.execute(t.phone_number.insert().values(linked))
    consents.record(work, thread.id, "sms", (Purpose.REPLY, Purpose.SAFETY), given=True, how=How.WROTE_FIRST, who="patient")
    consents.record(work, thread.id, "voice", (Purpose.CALLBACK,), given=True, how=How.ASKED, who="patient")
    thread.save()
    return thread.id


def say(work: Work, conversation: str, sentence: str, author: str = "bot", purpose: str | None = None) -> None:
    thread = open_thread(work, conversation)
    message = thread.add(author, sentence)
    if purpose is not None:
        thread.purposes[message["id"]] = purpose
    thread.save()


def _texts(db: Any, conversation: str | None) -> list[dict[str, Any]]:
    o = t.outbound_text.c
    query = select(t.outbound_text).order_by(o.id)
    return [dict(row) for row in db.execute(query if conversation is None else query.where(o.conversation == conversation)).mappings()]


def _next_due(db: Any) -> Any:
    j = t.job.c
    return db.execute(select(j.run_at).where(j.state == "ready", j.kind == "send_text").order_by(j.run_at).limit(1)).scalar_one_or_none()
