"""Promises in the database. Whoever makes one leaves its watch with it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select, update

from handoff import jobs, promise
from handoff.desk.thread import Thread
from handoff.desk.work import Work
from handoff.promise import Kind
from handoff.store import tables as t


def make(thread: Thread, kind: Kind, due: datetime) -> str:
    """Store a promise, with its watch. Returns its id."""
    work = thread.work
    row = {"id": work.ids.new(), "conversation": thread.id, "kind": str(kind), "state": "open", "owner": "team"}
    work.db.execute(t.promise.insert().values(**row, made_at=work.now, due_at=due))
    plan(work, thread.id, row["id"], promise.next_look(kind, due, work.now))
    return row["id"]


def settle(work: Work, promise_id: str | None, state: str) -> None:
    """Kept, broken or withdrawn, if it is open."""
    p = t.promise.c
    work.db.execute(update(t.promise).where(p.id == promise_id, p.state == "open").values(state=state, closed_at=work.now))


def due(db: Connection, conversation: str, kind: Kind) -> datetime | None:
    """Until when the open promise of that kind is to be kept."""
    p = t.promise.c
    query = select(p.due_at).where(p.conversation == conversation, p.kind == str(kind), p.state == "open").order_by(p.due_at).limit(1)
    found: datetime | None = db.execute(query).scalar_one_or_none()
    return found


def any_open(db: Connection, conversation: str) -> bool:
    p = t.promise.c
    return db.execute(select(p.id).where(p.conversation == conversation, p.state == "open").limit(1)).first() is not None


def is_watched(db: Connection, conversation: str, promise_id: str) -> bool:
    """Is there a look at it to come?"""
    j = t.job.c
    looks = (j.kind == "watch_promise", j.key == f"promise:{conversation}", j.state.in_(jobs.OPEN))
    return db.execute(select(j.id).where(*looks, j.payload["promise"].as_string() == promise_id).limit(1)).first() is not None


def plan(work: Work, conversation: str, promise_id: str, at: datetime | None) -> None:
    """Leave the next look at a promise; none where `at` is None."""
    if at is not None:
        payload = {"conversation": conversation, "promise": promise_id}
        work.enqueue("watch_promise", key=f"promise:{conversation}", payload=payload, run_at=at)
