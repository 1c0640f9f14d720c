"""The jobs that send texts: ask the provider outside any transaction, and save what it answered in another one."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Mapping

from handoff.desk import deliveries, texts
from handoff.desk.texts import Attempt, Doubt
from handoff.desk.work import Desk
from handoff.jobs import Job, Lease
from handoff.phone import Phone, Refused, Uncertain
from handoff.runner import Handler

STATUS_PATH = "/twilio/status"
ASKING = 15.0  # seconds a minute to ask after texts
TOO_OLD = 12.0  # seconds; whoever slept so long between deciding and asking may have been given up: it asks no more


class Texting:
    def __init__(self, desk: Desk, phone: Phone | None, *, rng: random.Random | None = None) -> None:
        self._desk = desk
        self._phone = phone
        self._random = rng or random.Random()

    def handlers(self) -> Mapping[str, Handler]:
        return {"send_text": self.send, "watch_texts": self.watch}

    async def send(self, job: Job) -> None:
        """Deal with the next text of a conversation's line."""
        lease, started = _lease(job), time.monotonic()
        found = await self._desk.do(texts.take_next, lease, job.payload["conversation"])
        match found:
            case Attempt():
                await self._create(lease, found, started)
            case Doubt():
                await self._look_for(lease, found)

    async def _create(self, lease: Lease, attempt: Attempt, started: float) -> None:
        account = self._desk.house.account
        if self._phone is None or account is None or time.monotonic() - started > TOO_OLD:
            await self._desk.do(texts.was_uncertain, lease, attempt.id)
            return
        try:
            created = await self._phone.send_text(
                to=attempt.number,
                sender=attempt.ours,
                body=attempt.body,
                status_url=f"{account.public_url}{STATUS_PATH}?m={attempt.id}&n={attempt.attempt}",
                validity=attempt.validity,
            )
        except Refused as refused:
            await self._desk.do(texts.was_refused, lease, attempt.id, refused, self._random.random())
        except Uncertain:
            await self._desk.do(texts.was_uncertain, lease, attempt.id)
        else:
            await self._desk.do(texts.was_created, lease, attempt.id, created)

    async def _look_for(self, lease: Lease, doubt: Doubt) -> None:
        try:
            listed = None if self._phone is None else await self._phone.texts(to=doubt.number, since=doubt.since)
        except (Refused, Uncertain):
            listed = None
        await self._desk.do(texts.was_listed, lease, doubt.id, listed)

    async def watch(self, job: Job) -> None:
        """Ask after texts whose callbacks were lost, and wake lines that nobody looks after."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(ASKING):
                for text, attempt, sid in await self._desk.look(texts.unreported, self._desk.clock.now()):
                    await self._ask_after(text, attempt, sid)
        await self._desk.do(texts.watch, _lease(job))

    async def _ask_after(self, text: str, attempt: int, sid: str) -> None:
        if self._phone is None:
            return
        try:
            found = await self._phone.text(sid)
        except (Refused, Uncertain):
            return
        await self._desk.do(deliveries.reported, text, attempt, sid, found.state, found.error, None)


def _lease(job: Job) -> Lease:
    assert job.lease is not None  # the runner gives a duty claimed jobs only
    return job.lease
