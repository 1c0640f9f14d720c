"""STOP racing a send: no text is begun once the opt-out is committed, whichever of the two is faster.

A text whose `attempting` was committed before may still be on its way to the provider: those are counted, and they are the only ones.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from dataclasses import replace

import pytest
from sqlalchemy import select

from handoff import jobs
from handoff.desk import texts
from handoff.desk.deliveries import opt_out
from handoff.desk.text_limits import is_opted_out
from handoff.desk.texts import Attempt
from handoff.desk.thread import new_thread, open_thread
from handoff.desk.work import Desk, Work
from handoff.phone import Created
from handoff.store import lock_name
from handoff.store import tables as t
from tests.fakes import FakeClock
from tests.texting import say, texter
from tests.twilio import Line

SEED = 20261126
ROUNDS = {"sqlite": 400, "postgresql": 100}
AT_ONCE = 10
MOST = 12  # looks at a line of four texts
STEPS = 20  # of three sends, each claimed, looked, begun, accepted, noted; and some after them


@pytest.mark.timeout(240)
async def test_nothing_is_begun_after_the_opt_out_is_committed(desk: Desk, clock: FakeClock) -> None:
    settings = desk.house.settings.model_copy(update={"texts_per_second": 100.0, "texts_per_day": 100_000})
    house = replace(desk.house, account=Line().twilio.account, settings=settings)
    desk = Desk(desk.store, house, clock=clock, doorbell=desk.doorbell)
    seen: Counter[str] = Counter()
    rounds = ROUNDS[desk.store.dialect]
    for first in range(0, rounds, AT_ONCE):
        for found in await asyncio.gather(*(Race(desk, clock, number).run() for number in range(first, first + AT_ONCE))):
            seen.update(found)
    print(f"seed {SEED}, {desk.store.dialect}: {dict(sorted(seen.items()))}")
    assert len([name for name in seen if name.endswith("before")]) >= 4  # every outcome was met


class Race:
    """One patient, three texts that are sent, a STOP that comes in at some moment, and a fourth text that staff write about then.

    Every other patient writes the STOP in another conversation than the one that texts them.
    """

    def __init__(self, desk: Desk, clock: FakeClock, number: int) -> None:
        self.desk, self.clock, self.number = desk, clock, number
        self.phone = f"+1202555{number:04d}"
        self.chance = random.Random(SEED + number)
        self.order: list[str] = []
        self.moment = asyncio.Event()
        self.steps = self.chance.randrange(STEPS + 1)  # of the sends' that come before the STOP

    async def run(self) -> Counter[str]:
        """How many texts were on their way to the provider, and how many were begun before, when the opt-out was committed."""
        self.conversation, self.writes_in = await self.desk.do(_texter_with_three, self.phone, elsewhere=self.number % 2 == 1)
        await asyncio.gather(self.stop(), self.send(), self.one_more())
        await self.send()
        states = await self.desk.look(_states, self.conversation)
        assert len(states) == 4
        assert states == sorted(states, key=["sent", "blocked"].index), (SEED, self.number, states)
        begun = self.order.count("begun")
        assert states.count("sent") == begun == self.order.count("accepted")
        after = self.order[self.order.index("stopped") :]
        assert after.count("begun") <= 1, (SEED, self.number, after)  # the two commits were told in the other order than they happened
        assert await self.desk.look(_begun_after_the_opt_out, self.conversation) == []
        return Counter({"in flight": after.count("accepted"), f"{begun} before": 1})

    async def stop(self) -> None:
        await self.moment.wait()
        for _ in range(self.chance.randrange(12)):
            await asyncio.sleep(0)
        await self.desk.do(_stop, self.writes_in, self.phone)
        self.order.append("stopped")

    async def one_more(self) -> None:
        await self.moment.wait()
        for _ in range(self.chance.randrange(12)):
            await asyncio.sleep(0)
        await self.desk.do(say, self.conversation, "One more thing.", "staff")

    async def send(self) -> None:
        """All that waits, as the runner would send it, the provider answering at once or a little later."""
        for _ in range(MOST):
            self.clock.forward(seconds=1)
            self.step()
            lease = await self.desk.do(_claim, self.conversation)
            if lease is None:
                break
            self.step()
            stopped = "stopped" in self.order
            attempt = await self.desk.do(texts.take_next, lease, self.conversation)
            if not isinstance(attempt, Attempt):
                continue
            assert not stopped, (SEED, self.number, "begun after the opt-out was committed")
            self.step("begun")
            await asyncio.sleep(self.chance.choice([0, 0, 0.002]))
            self.step("accepted")
            await self.desk.do(texts.was_created, lease, attempt.id, Created(f"SM{attempt.id}", "queued"))
            self.step()
            await self.desk.do(_sent, self.conversation)
        self.moment.set()

    def step(self, what: str = "") -> None:
        """What is done next races the STOP, if this is its moment."""
        if what:
            self.order.append(what)
        if self.steps == 0:
            self.moment.set()
        self.steps -= 1


def _texter_with_three(work: Work, phone: str, *, elsewhere: bool) -> tuple[str, str]:
    """The conversation that texts go out in, and the one that the patient writes in."""
    conversation = texter(work, phone)
    for sentence in ("How was it?", "Anything to add?", "Thank you."):
        say(work, conversation, sentence, "staff")
    if not elsewhere:
        return conversation, conversation
    other = new_thread(work, channel="sms", locale="en", survey="fft")
    other.save()
    return conversation, other.id


def _stop(work: Work, conversation: str, phone: str) -> None:
    """As a STOP is taken in: the number and the conversation are locked, then the row is written and what waits is blocked."""
    lock_name(work.db, f"number:{phone}")
    thread = open_thread(work, conversation)
    opt_out(work, phone, how="keyword")
    assert is_opted_out(work, phone)
    thread.save()


def _claim(work: Work, conversation: str) -> jobs.Lease | None:
    """The next job of the line, as if the runner had claimed it."""
    j = t.job.c
    query = select(j.id).where(j.key == f"text:{conversation}", j.state.in_(jobs.OPEN)).order_by(j.id).limit(1)
    found = work.db.execute(query).scalar_one_or_none()
    if found is None:
        return None
    values = {"state": "running", "lease_owner": "test", "lease_epoch": 7}
    work.db.execute(t.job.update().where(j.id == found).values(values))
    return jobs.Lease(found, "test", 7)


def _sent(work: Work, conversation: str) -> None:
    """The provider passed it on, so the next may go."""
    o = t.outbound_text.c
    work.db.execute(t.outbound_text.update().where(o.conversation == conversation, o.state == "accepted").values(state="sent"))
    texts.wake(work, conversation)


def _states(db: object, conversation: str) -> list[str]:
    o = t.outbound_text.c
    query = select(o.state).where(o.conversation == conversation).order_by(o.id)
    return list(db.execute(query).scalars())  # type: ignore[attr-defined]


def _begun_after_the_opt_out(db: object, conversation: str) -> list[str]:
    """The events of one transaction have ids that rise, and so have those of later ones: what was begun after something was blocked?"""
    e, o = t.text_event.c, t.outbound_text.c
    query = select(e.state).join(t.outbound_text, o.id == e.outbound_text).where(o.conversation == conversation).order_by(e.id)
    events = list(db.execute(query).scalars())  # type: ignore[attr-defined]
    blocked = events.index("block") if "block" in events else len(events)
    return [state for state in events[blocked:] if state == "attempt"]
