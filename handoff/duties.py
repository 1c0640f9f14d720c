"""What each kind of job does. A duty finishes its job inside the transaction of its effect."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from handoff import jobs, records
from handoff.bot import Bot
from handoff.desk import codes, offering, paging, promise_watch, timers, turns
from handoff.desk.answer import LISTEN
from handoff.desk.work import LINE, Desk, Work
from handoff.errors import BotFailed, NotFound
from handoff.jobs import Job, Lease
from handoff.metrics import Metrics
from handoff.runner import Handler
from handoff.store.purge import expired, sweep
from handoff.triage import look_for_wish

PURGE_EVERY = timedelta(hours=1)


class Duties:
    def __init__(self, desk: Desk, bot: Bot, metrics: Metrics, *, typing: Callable[[str, bool], Awaitable[None]]) -> None:
        """`typing(conversation, on)` shows the patient that the bot is at work."""
        self._desk = desk
        self._bot = bot
        self._metrics = metrics
        self._typing = typing

    def handlers(self) -> Mapping[str, Handler]:
        return {
            "ask_bot": self.ask_bot,
            LISTEN: self.listen,
            "turn_lost": self.turn_lost,
            "timer": self.timer,
            "page": self.page,
            LINE: self.look_at_line,
            "erase_tracker": self.erase_tracker,
            "purge": self.purge,
            "watch_promise": self.watch_promise,
        }

    async def ask_bot(self, job: Job) -> None:
        """One turn of the bot: read, ask outside any transaction, apply if it is still the bot's."""
        lease = _lease(job)
        turn = await self._desk.look(turns.turn_of, self._desk.house, job.payload)
        if turn is None:
            await self._desk.do(turns.drop_turn, lease)
            return
        await self._typing(turn["conversation"], True)
        started = time.monotonic()
        try:
            wish = look_for_wish(turn["text"] or "", self._desk.house.routing.rules)
            answer = await self._bot.ask(turn, soon=wish is not None)  # a bot that hangs keeps nobody from a person
        except BotFailed as error:
            self._metrics.bot_failures.labels(error.facts.get("how", "broken")).inc()
            await self._desk.do(turns.bot_failed, lease, job.payload, f"bot:{error.facts.get('how', 'broken')}")
        else:
            self._metrics.bot_seconds.observe(time.monotonic() - started)
            await self._desk.do(turns.bot_answered, lease, job.payload, answer)
        finally:
            await self._typing(turn["conversation"], False)

    async def listen(self, job: Job) -> None:
        """A turn that only finds danger. Where there is none to be had, the rules have read the message all the same."""
        lease = _lease(job)
        turn = await self._desk.look(turns.turn_of, self._desk.house, job.payload)
        try:
            answer = await self._bot.ask(turn, soon=True) if turn is not None else None
        except BotFailed as error:
            self._metrics.bot_failures.labels(error.facts.get("how", "broken")).inc()
            answer = None
        if answer is None:
            await self._desk.do(turns.drop_turn, lease)
        else:
            await self._desk.do(turns.heard, lease, job.payload, answer)

    async def turn_lost(self, job: Job) -> None:
        """A turn that could not be done in any number of tries: the patient is told, and shown the routes to a person."""
        try:
            await self._desk.do(turns.bot_failed, _lease(job), job.payload, "bot:lost")
        except NotFound:
            await self._desk.do(turns.drop_turn, _lease(job))

    async def timer(self, job: Job) -> None:
        try:
            await self._desk.do(timers.ring_timer, _lease(job), job.payload)
        except NotFound:
            await self._desk.do(turns.drop_turn, _lease(job))

    async def look_at_line(self, job: Job) -> None:
        await self._desk.do(offering.look_at_line, _lease(job))

    async def watch_promise(self, job: Job) -> None:
        await self._desk.do(promise_watch.watch, _lease(job), job.payload)

    async def page(self, job: Job) -> None:
        try:
            await self._desk.do(paging.ring_page, _lease(job), job.payload)
        except NotFound:
            await self._desk.do(turns.drop_turn, _lease(job))

    async def erase_tracker(self, job: Job) -> None:
        await records.erase_tracker(self._desk.house.settings, job.payload["conversation"])
        await self._desk.do(turns.drop_turn, _lease(job))

    async def purge(self, job: Job) -> None:
        """Forget what is older than the clinic keeps; then again in an hour."""
        old = await self._desk.look(expired, self._desk.clock.now(), self._desk.house.settings)
        for conversation in old:
            await records.erase_tracker(self._desk.house.settings, conversation)
        await self._desk.do(_purge, _lease(job), old)


def plan_purge(work: Work) -> None:
    """Leave the first purge, unless one is planned."""
    if not jobs.is_planned(work.db, "purge"):
        work.enqueue("purge", key="purge", dedupe="purge", payload={}, run_at=work.now + timedelta(minutes=1))


def _purge(work: Work, lease: Lease, old: list[str]) -> None:
    jobs.finish(work.db, lease, now=work.now)
    for conversation in old:
        records.erase(work, conversation, who="retention")
    sweep(work.db, work.now, work.house.settings)
    codes.forget_old(work.db, work.now)
    work.enqueue("purge", key="purge", dedupe="purge", payload={}, run_at=work.now + PURGE_EVERY)


def _lease(job: Job) -> Lease:
    assert job.lease is not None  # the runner gives a duty claimed jobs only
    return job.lease
