"""How many messages a second the store takes: 20 producers, each deed a message with its job, durable before the next.

`python -m tests.bench.store [sqlite:/// or postgresql+psycopg:// URL]`; without a URL, SQLite in a new folder beside the project.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from handoff import jobs
from handoff.clock import RandomIds, SystemClock
from handoff.settings import ROOT, Settings, load
from handoff.store import Store, migrate, open_store
from handoff.store import tables as t

PRODUCERS = 20


@dataclass(frozen=True)
class Figures:
    """`per_second`: deeds stored; `p50` and `p99`: milliseconds from asking to durable."""

    per_second: float
    p50: float
    p99: float

    def __str__(self) -> str:
        return f"{self.per_second:,.0f} message+job commits a second, p50 {self.p50:.1f} ms, p99 {self.p99:.1f} ms, {PRODUCERS} producers"


async def measure(settings: Settings, *, deeds: int = 10_000) -> Figures:
    """Store `deeds` messages with their jobs, in a database of its own."""
    migrate.upgrade(settings)
    store, ids, clock = open_store(settings), RandomIds(), SystemClock()
    try:
        lengths: list[float] = []
        started = time.perf_counter()
        await asyncio.gather(*[_produce(store, ids, clock, deeds // PRODUCERS, lengths) for _ in range(PRODUCERS)])
        spent = time.perf_counter() - started
    finally:
        await store.close()
    lengths.sort()
    return Figures(len(lengths) / spent, lengths[len(lengths) // 2] * 1000, lengths[len(lengths) * 99 // 100] * 1000)


async def _produce(store: Store, ids: RandomIds, clock: SystemClock, deeds: int, lengths: list[float]) -> None:
    conversation = ids.new()
    row = {"id": conversation, "channel": "web", "state": "bot", "owner": "bot", "epoch": 0, "last_seq": 0, "version": 0, "episode": 1}
    row |= {"locale": "en", "survey": "fft", "unsafe": False, "meanwhile": [], "created_at": clock.now(), "changed_at": clock.now()}
    await store.write(lambda db: db.execute(t.conversation.insert(), row))

    def receive(db: Connection, seq: int) -> None:
        now = clock.now()
        message = {"id": ids.new(), "conversation": conversation, "seq": seq, "episode": 1, "author": "patient", "client_id": ids.new()}
        message |= {"text": "It was pretty good, thank you.", "buttons": [], "epoch": 0, "at": now}
        db.execute(t.message.insert(), message)
        jobs.enqueue(
            db, ids=ids, now=now, kind="ask_bot", key=str(message["id"]), payload={"conversation": conversation}, claimed_by="bench"
        )

    for seq in range(1, deeds + 1):
        started = time.perf_counter()
        await store.write(partial(receive, seq=seq))
        lengths.append(time.perf_counter() - started)


def main() -> None:
    with tempfile.TemporaryDirectory(dir=ROOT, prefix=".bench-") as folder:
        url = sys.argv[1] if len(sys.argv) > 1 else ""
        print(asyncio.run(measure(load(data_dir=Path(folder), database_url=url))))


if __name__ == "__main__":
    main()
