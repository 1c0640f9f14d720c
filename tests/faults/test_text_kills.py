"""500 texts and 20 times kill -9, against a provider that is slow, lies and drops its answers: nobody gets a text twice.

Every uncertain text is resolved or shown, and each patient gets theirs in order. The auditor compares the provider's own book with
the ledger. The clock of both runs 60 times as fast, so ten minutes of doubt pass in ten seconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import sqlite3
import time
from collections import Counter, deque
from pathlib import Path
from typing import Any

import pytest

from handoff.app import load_house
from handoff.clock import RandomIds
from handoff.desk.work import Desk
from handoff.doorbell import Doorbell
from handoff.settings import Settings, load
from handoff.simulator.faults import Callbacks, Failure
from handoff.store import migrate, open_store
from tests.faults.fast_service import FastClock
from tests.faults.killed import Killed
from tests.texting import say, texter
from tests.twilio import Line

SEED = 20261126
KILLS, PATIENTS, EACH = 20, 50, 10
SHARES = {None: 60, Failure.DROPPED: 14, Failure.LATE_ERROR: 8, Failure.RESET: 8, Failure.ERROR: 4, Failure.BUSY: 6}


@pytest.mark.timeout(540)
async def test_500_texts_and_20_kills(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    clock = FastClock(time.time())

    async def dawdle(_: float) -> None:
        await asyncio.sleep(chance.uniform(0, 0.3))

    async with Line(clock=clock, ids=RandomIds(), wait=dawdle) as line:
        settings = load(data_dir=tmp_path, **line.settings())
        migrate.upgrade(settings)
        await _seed(settings, clock)
        faults = line.twilio.faults
        faults.slow = 1.0
        faults.failures = deque(chance.choices(list(SHARES), list(SHARES.values()), k=600))  # type: ignore[arg-type]
        async with Killed(settings, clock, TEXTS_PER_SECOND=100, TEXTS_PER_NUMBER_HOUR=600, TEXTS_PER_DAY=100_000) as service:
            for _ in range(KILLS):
                faults.callbacks = chance.choice(list(Callbacks))
                await _until_some_more(line)
                await asyncio.sleep(chance.uniform(0.0, 1.0))
                await service.kill()
                await service.start()
            faults.failures.clear()
            await _until_quiet(settings)
        print(_audit(settings, line))


async def _seed(settings: Settings, clock: FastClock) -> None:
    store = open_store(settings)
    desk = Desk(store, load_house(settings), clock=clock, doorbell=Doorbell(node="seed"))
    for patient in range(PATIENTS):
        conversation = await desk.do(texter, f"+1202555{patient:04d}")
        for number in range(EACH):
            await desk.do(say, conversation, f"{number:02d} for {patient}", "staff")
    await store.close()


async def _until_some_more(line: Line) -> None:
    """A kill is to meet texts on their way, however slow the machine is."""
    before = len(line.twilio.texts)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(10):
            while len(line.twilio.texts) < before + 12:
                await asyncio.sleep(0.01)


async def _until_quiet(settings: Settings) -> None:
    """Until every text has come to an end, or is shown as uncertain."""
    unsettled = "state IN ('queued', 'attempting') OR (state = 'maybe_sent' AND reason IS NULL)"
    async with asyncio.timeout(300):
        while True:
            with sqlite3.connect(settings.data_dir / "heard.db") as db:
                (left,) = db.execute(f"SELECT count(*) FROM outbound_text WHERE {unsettled}").fetchone()
            if left == 0:
                return
            await asyncio.sleep(0.2)


def _audit(settings: Settings, line: Line) -> str:
    db = sqlite3.connect(settings.data_dir / "heard.db")
    created = [text for text in line.twilio.texts if text.direction == "outbound-api"]
    twice = [body for (_, body), count in Counter((text.to, text.body) for text in created).items() if count > 1]
    assert twice == [], (SEED, "a patient got a text twice")
    for number in {text.to for text in created}:
        bodies = [text.body for text in created if text.to == number]
        assert bodies == sorted(bodies), (SEED, number, "order")
    by_body = {(text.to, text.body): text.sid for text in created}
    rows: list[Any] = db.execute("SELECT number, body, state, reason, sid, attempts FROM outbound_text").fetchall()
    assert len(rows) == PATIENTS * EACH
    for number, body, state, reason, sid, attempts in rows:
        if state == "maybe_sent":
            assert (reason, attempts) == ("uncertain", 2), (SEED, body, "neither resolved nor shown")
        else:
            assert state in ("accepted", "sent", "delivered"), (SEED, body, state)
            assert by_body.get((number, body)) == sid, (SEED, body, "the ledger and the provider disagree")
    events = Counter(db.execute("SELECT state, source FROM text_event").fetchall())
    doubts = sum(events[("uncertain", source)] for source in ("us", "created"))
    db.close()
    shown = sum(row[2] == "maybe_sent" for row in rows)
    return (
        f"seed {SEED}: {len(rows)} texts, {KILLS} kills, {len(created)} created, 0 twice; {doubts} times uncertain "
        f"({events[('uncertain', 'us')]} by a kill), {events[('created', 'list')]} found in the list, "
        f"{events[('not_found', 'list')]} sent once more, {shown} shown as uncertain"
    )
