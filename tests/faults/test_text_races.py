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
from handoff.desk.thread import open_thread
from handoff.desk.work import Desk, Work
from handoff.phone import Created
from handoff.store import tables as t
from tests.fakes import FakeClock
from tests.texting import say, texter
from tests.twilio import Line

SEED = 20261126
ROUNDS = {"sqlite": 400, "postgresql": 100}


@pytest.mark.timeout(240)
async def test_nothing_is_begun_after_the_opt_out_is_committed(desk: Desk, clock: FakeClock) -> None:
    chance = random.Random(SEED)
    settings = desk.house.settings.model_copy(update={"texts_per_second": 100.0, "texts_per_day": 100_000})
    house = replace(desk.house, account=Line().twilio.account, settings=settings)
    desk = Desk(desk.store, house, clock=clock, doorbell=desk.doorbell)
    seen: Counter[str] = Counter()
    for number in range(ROUNDS[desk.store.dialect]):
        phone = f"+1202555{number:04d}"
        conversation = await desk.do(texter, phone)
        for sentence in ("How was it?", "Anything to add?", "Thank you."):
            await desk.do(say, conversation, sentence, "staff")
        order: list[str] = []

        async def stop(phone: str = phone, conversation: str = conversation, order: list[str] = order) -> None:
            for _ in range(chance.randrange(12)):
                await asyncio.sleep(0)
            await asyncio.sleep(chance.choice([0.0, chance.uniform(0, 0.15)]))
            await desk.do(_stop, conversation, phone)
            order.append("stopped")

        async def send(number: int = number, phone: str = phone, conversation: str = conversation, order: list[str] = order) -> None:
            """Three sends, as the runner would do them, the provider answering at once or a little later."""
            for text in range(3):
                clock.forward(seconds=1)
                job = await desk.do(_claim, conversation)
                if job is None:
                    return
                lease, stopped = job, "stopped" in order
                attempt = await desk.do(texts.take_next, lease, conversation)
                if not isinstance(attempt, Attempt):
                    continue
                assert not stopped, (SEED, number, "begun after the opt-out was committed")
                order.append("begun")
                await asyncio.sleep(chance.choice([0, 0, 0.002]))
                order.append("accepted")
                await desk.do(texts.was_created, lease, attempt.id, Created(f"SM{phone}{text}", "queued"))
                await desk.do(_sent, conversation)

        await asyncio.gather(stop(), send())
        states = await desk.look(_states, conversation)
        assert len(states) == 3
        assert states == sorted(states, key=["sent", "blocked"].index), (SEED, number, states)
        begun = order.count("begun")
        assert states.count("sent") == begun == order.count("accepted")
        after = order[order.index("stopped") :].count("begun")
        assert after <= 1, (SEED, number, order)  # its commit and the opt-out's were told in the other order than they happened
        assert await desk.look(_begun_after_the_opt_out, conversation) == []
        seen["in flight"] += order[order.index("stopped") :].count("accepted")
        seen[f"{begun} before"] += 1
    print(f"seed {SEED}, {desk.store.dialect}: {dict(sorted(seen.items()))}")
    assert len([name for name in seen if name.endswith("before")]) == 4  # every outcome was met


def _stop(work: Work, conversation: str, phone: str) -> None:
    """As a STOP is taken in: the conversation is locked, then the row is written and what waits is blocked."""
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
