"""How long the line's rules take, and what being here costs. A process of its own, one core.

`python -m tests.bench.routing` prints three lines of figures as JSON: one decision over 1,000 who wait and 200 staff who are here;
the same with all that is read for it from SQLite; one renewal of the presence of 500 consoles, which is due every 8 seconds.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from handoff.app import load_house
from handoff.clock import RandomIds, SystemClock
from handoff.desk import staffing
from handoff.desk.work import Desk, House
from handoff.doorbell import Doorbell
from handoff.routing import Offer, decide
from handoff.settings import ROOT, load
from handoff.staff import presence
from handoff.store import migrate, open_store
from handoff.store import tables as t
from tests.bench.figures import figures

WAITING, STAFF, CONSOLES, ROUNDS = 1_000, 200, 500, 50


def main() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    asyncio.run(measure())


async def measure() -> None:
    with tempfile.TemporaryDirectory(dir=ROOT, prefix=".bench-") as folder:
        settings = load(data_dir=Path(folder))
        migrate.upgrade(settings)
        store, ids, clock = open_store(settings), RandomIds(), SystemClock()
        desk = Desk(store, load_house(settings, ids), clock=clock, doorbell=Doorbell(node="bench"))
        await desk.do(lambda work: fill(work.db, desk.house, ids.new, work.now))
        now, house = clock.now(), desk.house
        needs = await desk.look(staffing.needs, house, now)
        members = await desk.look(staffing.members, house, now, [need.conversation for need in needs])
        assert (len(needs), len(members)) == (WAITING, STAFF)

        async def rules() -> None:
            assert len(decide(needs, members, now, house.routing.teams.rules)) == STAFF

        async def whole() -> None:
            assert len(await desk.look(look, house, now)) == STAFF

        sockets = [f"socket-{number}" for number in range(CONSOLES)]

        async def renewal() -> None:
            await desk.do(presence.renew, sockets)

        for measured in (rules, whole, renewal):
            print(await timed(measured))
        await store.close()


def look(db: Connection, house: House, now: Any) -> list[Offer]:
    needs = staffing.needs(db, house, now)
    return decide(needs, staffing.members(db, house, now, [need.conversation for need in needs]), now, house.routing.teams.rules)


async def timed(measured: Callable[[], Any]) -> str:
    """Seconds of this process's CPU for each round, as figures; all threads together."""
    lengths, began = [], time.perf_counter()
    for _ in range(ROUNDS):
        before = time.process_time()
        await measured()
        lengths.append(time.process_time() - before)
    return figures(lengths, time.perf_counter() - began).to_json()


def fill(db: Connection, house: House, new: Callable[[], str], now: Any) -> None:
    """Who waits, who is here."""
    topics, languages = [*house.routing.rules.topics, None], ("en", "en", "en", "es")
    for number in range(WAITING):
        conversation, age = new(), now - timedelta(seconds=number)
        row = {
            "id": conversation,
            "channel": "web",
            "state": "waiting",
            "owner": "queue",
            "epoch": 1,
            "last_seq": 0,
            "version": 1,
            "episode": 1,
        }
        row |= {"locale": "en", "survey": "fft", "unsafe": False, "meanwhile": [], "created_at": age, "changed_at": age}
        db.execute(t.conversation.insert().values(row))
        request = {"id": new(), "conversation": conversation, "episode": 1, "state": "queued", "priority": 1 + number % 2, "reasons": []}
        request |= {"queue_age_from": age, "created_at": age, "language": languages[number % 4], "topic": topics[number % len(topics)]}
        db.execute(t.handoff_request.insert().values(request))
    for number in range(CONSOLES):
        person = {"id": new(), "email": f"s{number}@clinic.example", "name": f"S {number}", "role": "member", "available": number < STAFF}
        db.execute(t.staff.insert().values(**person, created_at=now))
        lease = {"socket": f"socket-{number}", "staff": person["id"], "node": "bench", "lease_until": now + timedelta(hours=1)}
        db.execute(t.presence.insert().values(lease))


if __name__ == "__main__":
    main()
