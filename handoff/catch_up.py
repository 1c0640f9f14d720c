"""Texts that came while we could not be reached: listed at the provider and taken in, at start and every five minutes.

Twilio delivers a text to us for some seconds, tries once more, and then only keeps it in its log.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select, update

from handoff import jobs
from handoff.channels.sms import listed_text
from handoff.desk import texts_in
from handoff.desk.work import Desk, Work
from handoff.jobs import Job
from handoff.phone import Phone, Refused, Uncertain
from handoff.runner import Handler
from handoff.store import tables as t

log = logging.getLogger(__name__)
EVERY = timedelta(minutes=5)
OVERLAP = timedelta(minutes=10)  # a text is listed under the moment it was sent, which is before it came
FIRST_LOOK = timedelta(hours=1)  # of a service that has never looked
AT_ONCE = 200  # texts that one look takes in: a job has seconds
NAME = "catch_up"


class CatchUp:
    """`phone`: None where there is no provider; then there is nothing to catch up with."""

    def __init__(self, desk: Desk, phone: Phone | None) -> None:
        self._desk = desk
        self._phone = phone

    def handlers(self) -> Mapping[str, Handler]:
        return {NAME: self.catch_up}

    async def catch_up(self, job: Job) -> None:
        """List, take in what is new in the order in which it was sent, and plan the next look; from the same moment, if it failed."""
        since, began, again = _moment(job.payload["since"]), self._desk.clock.now(), False
        account = self._desk.house.account
        try:
            for ours in account.numbers if account and self._phone else ():
                again = await self._take_in(ours, since - OVERLAP) or again
        except (Refused, Uncertain) as error:
            log.warning("the list of texts could not be read: %s", type(error).__name__)
        else:
            since = since if again else began
        await self._desk.do(_plan_next, job, since, again)

    async def _take_in(self, ours: str, since: datetime) -> bool:
        """Returns whether there is more than one look takes in."""
        assert self._phone is not None  # asked before
        listed = [one for one in await self._phone.texts(to=ours, since=since) if one.direction == "inbound" and one.to == ours]
        known = await self._desk.look(texts_in.known_among, [one.sid for one in listed])
        missing = [one for one in reversed(listed) if one.sid not in known]
        for one in missing[:AT_ONCE]:
            await self._desk.do(texts_in.take_in, listed_text(one))
        if missing:
            log.info("%d texts had not reached us", len(missing))
        return len(missing) > AT_ONCE


def plan_catch_up(work: Work) -> None:
    """Look now: from where the last look ended, else from the newest text that is here."""
    if work.house.account is None:
        return
    j = t.job.c
    planned = (j.dedupe == NAME, j.state == "ready")
    if work.db.execute(update(t.job).where(*planned).values(run_at=work.now)).rowcount:
        return
    newest = work.db.execute(select(func.max(t.inbound_text.c.at))).scalar_one()
    since = newest if newest is not None else work.now - FIRST_LOOK
    work.enqueue(NAME, key=NAME, dedupe=NAME, payload={"since": _milliseconds(since)})


def _plan_next(work: Work, job: Job, since: datetime, again: bool) -> None:
    assert job.lease is not None  # the runner gives a duty claimed jobs only
    jobs.finish(work.db, job.lease, now=work.now)
    work.enqueue(NAME, key=NAME, dedupe=NAME, payload={"since": _milliseconds(since)}, run_at=None if again else work.now + EVERY)


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
