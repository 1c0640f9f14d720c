"""The jobs that place calls, look after them and end them: ask the provider outside any transaction, save what it said in another one."""

from __future__ import annotations

import time
from collections.abc import Mapping

from handoff.channels import voice
from handoff.desk import call_jobs
from handoff.desk.call_jobs import Look, Placing
from handoff.desk.legs import PATIENT, STAFF
from handoff.desk.work import Desk
from handoff.jobs import Job, Lease
from handoff.phone import ListedCall, Phone, Refused, Uncertain
from handoff.runner import Handler

TOO_OLD = 12.0  # seconds; whoever slept so long between deciding and asking may have been given up: it asks no more


class Calling:
    def __init__(self, desk: Desk, phone: Phone | None) -> None:
        self._desk = desk
        self._phone = phone

    def handlers(self) -> Mapping[str, Handler]:
        return {
            "place_call": self.place,
            "watch_call": self.watch,
            "end_call": self.end,
            "settle_call": self.settle,
            "watch_calls": self.watch_all,
        }

    async def place(self, job: Job) -> None:
        """Place one leg, once: `attempting` is durable by now, and that this job asks is too before it asks."""
        lease, started = _lease(job), time.monotonic()
        placing = await self._desk.do(call_jobs.begin, lease, job.payload["call"])
        if placing is not None:
            await self._create(lease, placing, started)

    async def _create(self, lease: Lease, placing: Placing, started: float) -> None:
        account = self._desk.house.account
        if self._phone is None or account is None or time.monotonic() - started > TOO_OLD:
            await self._desk.do(call_jobs.was_uncertain, lease, placing.call)
            return
        path = voice.STAFF_PATH if placing.leg == STAFF else voice.PATIENT_PATH
        url, status_url = (
            voice.address(self._desk.house, one, callback=placing.callback, attempt=placing.attempt, call=placing.call)
            for one in (path, voice.STATUS_PATH)
        )
        try:
            created = await self._phone.place_call(
                to=placing.number,
                sender=account.number,
                url=url,
                status_url=status_url,
                ring=call_jobs.RING[placing.leg],
                detect_machine=placing.leg == PATIENT,
            )
        except Refused as refused:
            await self._desk.do(call_jobs.was_refused, lease, placing.call, refused.code)
        except Uncertain:
            await self._desk.do(call_jobs.was_uncertain, lease, placing.call)
        else:
            await self._desk.do(call_jobs.was_accepted, lease, placing.call, created.sid)

    async def watch(self, job: Job) -> None:
        """Ask what became of a leg of which nothing more was heard."""
        look = await self._desk.do(call_jobs.begin_watch, _lease(job), job.payload["call"])
        if look is not None:
            await self._desk.do(call_jobs.was_looked_for, _lease(job), look.call, await self._look(look))

    async def _look(self, look: Look) -> list[ListedCall] | None:
        """What the provider knows of it; None: it did not tell."""
        if self._phone is None:
            return None
        try:
            if look.sid is not None:
                return [await self._phone.call(look.sid)]
            return await self._phone.calls(to=look.number, since=look.since)
        except Refused as refused:
            return [] if refused.status == 404 else None
        except Uncertain:
            return None

    async def end(self, job: Job) -> None:
        """Hang up one leg. Refused: it has ended by itself. Uncertain: asked again, for the leg goes on ringing otherwise."""
        sid = await self._desk.do(call_jobs.begin_end, _lease(job), job.payload["call"])
        if sid is None:
            return
        try:
            if self._phone is not None:
                await self._phone.hang_up(sid)
        except Refused:
            pass
        await self._desk.do(call_jobs.was_ended, _lease(job))

    async def watch_all(self, job: Job) -> None:
        """See that every leg is looked after."""
        await self._desk.do(call_jobs.watch_all, _lease(job))

    async def settle(self, job: Job) -> None:
        await self._desk.do(call_jobs.settle, _lease(job), job.payload["call"])


def _lease(job: Job) -> Lease:
    assert job.lease is not None  # the runner gives a duty claimed jobs only
    return job.lease
