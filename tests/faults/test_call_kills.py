"""25 promised calls and 10 times kill -9, against a provider that lies and drops its answers, and phones where anything may happen.

For one leg of one attempt a phone is rung at most once; no callback is lost or stuck: each has been talked, is to be tried again, or is
with a supervisor, and what the provider knows of a call, the ledger knows too. The clocks of both run 20 times as fast.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
import sqlite3
import time
from collections import Counter, deque
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from handoff.app import load_house
from handoff.clock import RandomIds
from handoff.desk import calls
from handoff.desk.work import Desk, Work
from handoff.doorbell import Doorbell
from handoff.errors import HeardError
from handoff.settings import Settings, load
from handoff.simulator.calls import Call
from handoff.simulator.faults import Callbacks, Failure
from handoff.simulator.parties import answers, declines, is_busy, is_dead, lets_ring, voicemail
from handoff.staff import accounts
from handoff.staff.access import Person, Role
from handoff.store import migrate, open_store
from handoff.store import tables as t
from tests.fakes import MONDAY
from tests.faults.fast_service import FastClock
from tests.faults.killed import Killed
from tests.phoning import ask_for_a_call
from tests.twilio import Line

SEED = 20261126
KILLS, PATIENTS, EACH, SPEED = 10, 25, 5, 20.0
SHARES = {None: 60, Failure.DROPPED: 14, Failure.LATE_ERROR: 8, Failure.RESET: 8, Failure.ERROR: 4}
STAFF = (answers("1"), answers("1"), answers("1"), answers("1", stays=8), answers(""), lets_ring())
AT_WORK = "'attempting', 'maybe_placed', 'queued', 'ringing', 'in_progress'"


class Clinic:
    """A member of staff for each callback, who calls when it is to be called."""

    def __init__(self, settings: Settings, clock: FastClock) -> None:
        self.desk = Desk(open_store(settings), load_house(settings), clock=clock, doorbell=Doorbell(node="clinic"))
        self.callbacks: dict[str, Person] = {}

    async def arrive(self) -> None:
        for number in range(PATIENTS):
            _, callback = await self.desk.do(ask_for_a_call, f"+1202555{number:04d}")
            self.callbacks[callback] = await self.desk.do(_hire, number)

    async def call_some(self, chance: random.Random) -> None:
        """As many as may be called now, if they are told so."""
        begun = 0
        for callback, person in chance.sample(sorted(self.callbacks.items()), k=PATIENTS):
            with contextlib.suppress(HeardError):  # it is done, or it is too soon for another try
                begun += await self.desk.do(calls.start, person, callback)
            if begun == EACH:
                return


def phone_of(number: int) -> str:
    return f"+1202556{number:04d}"


def _hire(work: Work, number: int) -> Person:
    new = accounts.add(work, email=f"n{number}@clinic.example", name=f"Nurse {number}", role=Role.MEMBER)
    work.db.execute(update(t.staff).where(t.staff.c.id == new).values(phone=phone_of(number)))
    return Person(new, f"Nurse {number}", Role.MEMBER)


@pytest.mark.timeout(240)
async def test_25_calls_and_10_kills(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    clock = FastClock(time.time(), MONDAY.timestamp(), SPEED)

    async def wait(seconds: float) -> None:
        await asyncio.sleep(seconds / SPEED)

    async with Line(clock=clock, ids=RandomIds(), wait=wait) as line:
        line.twilio.hub.anybody = lambda: chance.choice(
            [answers(), answers(stays=15), declines(), is_busy(), lets_ring(), voicemail(), is_dead()]
        )
        line.twilio.parties |= {phone_of(number): [*chance.choices(STAFF, k=9), answers("1")] for number in range(PATIENTS)}
        settings = load(data_dir=tmp_path, **line.settings())
        migrate.upgrade(settings)
        clinic = Clinic(settings, clock)
        await clinic.arrive()
        faults = line.twilio.faults
        faults.failures = deque(chance.choices(list(SHARES), list(SHARES.values()), k=300))  # type: ignore[arg-type]
        async with Killed(settings, clock) as service:
            for _ in range(KILLS):
                faults.callbacks = chance.choice(list(Callbacks))
                await clinic.call_some(chance)
                await asyncio.sleep(chance.uniform(0.1, 1.5))
                await service.kill()
                await service.start()
            faults.failures.clear()
            faults.callbacks = Callbacks.ONCE
            await _until_quiet(settings)
        await clinic.desk.store.close()
        print(_audit(settings, line))


async def _until_quiet(settings: Settings) -> None:
    """Until no phone rings any more and nobody talks, as far as we know; that takes the longest watch, about four minutes."""
    left: list[Any] = []
    for _ in range(300):
        with sqlite3.connect(settings.data_dir / "heard.db") as db:
            left = db.execute(f"SELECT id, leg, state, sid FROM call WHERE state IN ({AT_WORK})").fetchall()
            if not left:
                return
            open_jobs = db.execute("SELECT kind, state, payload, run_at, attempts FROM job WHERE state IN ('ready', 'running')").fetchall()
        await asyncio.sleep(0.1)
    stuck = [(leg, [job for job in open_jobs if leg[0] in str(job)]) for leg in left]
    raise AssertionError((SEED, "still at work", stuck))


def _leg_of(call: Call) -> str:
    """Our id, which is in the address of what the phone is told."""
    return re.findall(r"[?&]call=([^&]+)", call.url)[0]


def _audit(settings: Settings, line: Line) -> str:
    db = sqlite3.connect(settings.data_dir / "heard.db")
    legs = {row[0]: row[1:] for row in db.execute("SELECT id, sid, state, leg, outcome, callback, attempt FROM call")}
    placed = Counter(_leg_of(call) for call in line.twilio.calls)
    assert [leg for leg, times in placed.items() if times > 1] == [], (SEED, "a phone was rung twice for one leg")
    assert set(placed) <= set(legs), (SEED, "a call that we know nothing of")
    attempts_of = Counter(legs[leg][4:] for leg in placed if legs[leg][2] == "patient")
    assert [attempt for attempt, times in attempts_of.items() if times > 1] == [], (SEED, "a patient was rung twice in one attempt")
    for call in line.twilio.calls:
        sid, state, *_ = legs[_leg_of(call)]
        assert sid == call.sid or (sid is None and state == "failed"), (SEED, call.sid, state, "the ledger and the provider disagree")
    states: Counter[str] = Counter()
    promised = "SELECT c.id, c.state, c.attempts, p.state FROM callback c JOIN promise p ON p.id = c.promise"
    for callback, state, attempts, promise in db.execute(promised).fetchall():
        mine = [leg for leg in legs.values() if leg[4] == callback]
        rung = [leg for leg in mine if leg[2] == "patient" and leg[3] not in (None, "spoke")]
        assert attempts == len(rung), (SEED, callback, state, attempts, mine)
        settles = db.execute("SELECT count(*) FROM job WHERE kind = 'settle_call' AND state = 'ready'").fetchone()[0]
        assert state in ("scheduled", "completed", "escalated") or (state == "connected" and settles), (SEED, callback, state, mine)
        assert promise == {"scheduled": "open", "escalated": "broken"}.get(state, "kept"), (SEED, callback, state, promise)
        states[state if attempts == 0 else f"{state} after {attempts}"] += 1
    assert db.execute("SELECT kind, last_error FROM job WHERE state = 'dead'").fetchall() == [], SEED
    doubts = db.execute("SELECT count(*) FROM call WHERE sid IS NULL AND state = 'failed'").fetchone()[0]
    db.close()
    return (
        f"seed {SEED}: {PATIENTS} callbacks, {KILLS} kills, {len(legs)} legs, {len(line.twilio.calls)} calls placed, 0 twice, "
        f"{doubts} given up, {len(line.twilio.exchange.rooms.met)} times connected; {dict(states)}"
    )
