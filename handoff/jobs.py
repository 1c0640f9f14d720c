"""Jobs: work stored in the transaction of its cause, done after it. Leases, fencing, one running per key, in order.

A job is claimed by one UPDATE, which raises its `lease_epoch`; it is finished inside the transaction of its effect, and only
while owner and epoch still hold. Who was slow, and whose lease another took over, is fenced: the effect is undone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, exists, func, or_, select, update

from handoff.clock import Ids
from handoff.store import tables as t

LEASE = timedelta(seconds=30)
OPEN = ("ready", "running")
MAX_LOST = 3  # a job that lost its lease this often without an error killed its process: it is parked


class Fenced(Exception):
    """Another runner has this job by now; what this one did does not count."""


@dataclass(frozen=True)
class Lease:
    job: str
    owner: str
    epoch: int


@dataclass(frozen=True)
class Job:
    id: str
    kind: str
    key: str
    payload: dict[str, Any]
    attempts: int
    lease: Lease | None  # None: not claimed yet, somebody will


def enqueue(
    db: Connection,
    *,
    ids: Ids,
    now: datetime,
    kind: str,
    key: str,
    payload: Mapping[str, Any],
    run_at: datetime | None = None,
    dedupe: str | None = None,
    max_attempts: int = 8,
    claimed_by: str | None = None,
) -> Job:
    """Leave a job. With `claimed_by` (a node) it is born running there, if no unfinished job of its key is ahead of it."""
    j = t.job.c
    claimed = claimed_by is not None and db.execute(select(j.id).where(j.key == key, j.state.in_(OPEN)).limit(1)).first() is None
    new = ids.new()
    db.execute(
        t.job.insert().values(
            id=new,
            kind=kind,
            key=key,
            dedupe=dedupe,
            payload=dict(payload),
            run_at=run_at or now,
            state="running" if claimed else "ready",
            attempts=1 if claimed else 0,
            max_attempts=max_attempts,
            lease_owner=claimed_by if claimed else None,
            lease_until=now + LEASE if claimed else None,
            lease_epoch=1 if claimed else 0,
            created_at=now,
        )
    )
    return Job(new, kind, key, dict(payload), 1 if claimed else 0, Lease(new, str(claimed_by), 1) if claimed else None)


def cancel(db: Connection, *, dedupe: str) -> None:
    """Cancel the unfinished job of that name, if there is one."""
    db.execute(update(t.job).where(t.job.c.dedupe == dedupe).values(state="cancelled", dedupe=None))


def claim(db: Connection, *, now: datetime, owner: str, limit: int, mine: tuple[str, ...] = ()) -> list[Job]:
    """Lease up to `limit` due jobs: the first of each key, none whose key has one running. `mine`: jobs this node still works on."""
    _park_killers(db, now)
    j, other = t.job.c, t.job.alias()
    due = or_(and_(j.state == "ready", j.run_at <= now), and_(j.state == "running", j.lease_until < now))
    ahead = exists().where(other.c.key == j.key, other.c.state.in_(OPEN), other.c.id < j.id)
    running = exists().where(other.c.key == j.key, other.c.state == "running", other.c.id != j.id, other.c.lease_until >= now)
    chosen = (
        select(j.id).where(due, ~ahead, ~running, j.id.not_in(mine)).order_by(j.run_at, j.id).limit(limit).with_for_update(skip_locked=True)
    )
    taken = (
        update(t.job)
        .where(j.id.in_(chosen.scalar_subquery()))
        .values(state="running", lease_owner=owner, lease_until=now + LEASE, lease_epoch=j.lease_epoch + 1, attempts=j.attempts + 1)
        .returning(j.id, j.kind, j.key, j.payload, j.attempts, j.lease_epoch)
    )
    rows = sorted(db.execute(taken).all(), key=lambda row: str(row.id))
    return [Job(row.id, row.kind, row.key, row.payload, row.attempts, Lease(row.id, owner, row.lease_epoch)) for row in rows]


def _park_killers(db: Connection, now: datetime) -> None:
    j = t.job.c
    lost = and_(j.state == "running", j.lease_until < now, j.attempts >= MAX_LOST, j.last_error.is_(None))
    db.execute(update(t.job).where(lost).values(state="dead", last_error="lost", dedupe=None, finished_at=now))


def renew(db: Connection, *, now: datetime, owner: str, jobs: tuple[str, ...]) -> None:
    """Keep the leases of what this node is working on."""
    j = t.job.c
    if jobs:
        db.execute(update(t.job).where(j.id.in_(jobs), j.lease_owner == owner, j.state == "running").values(lease_until=now + LEASE))


def finish(db: Connection, lease: Lease, *, now: datetime) -> None:
    """Done, in the transaction of the effect. Raises `Fenced`."""
    _end(db, lease, state="done", finished_at=now, dedupe=None)


def retry(db: Connection, lease: Lease, *, now: datetime, delay: timedelta, error: str) -> None:
    """Failed: again after `delay`, or dead after the last attempt. `error` is a code. Raises `Fenced`."""
    j = t.job.c
    row = db.execute(select(j.attempts, j.max_attempts).where(j.id == lease.job)).one()
    if row.attempts >= row.max_attempts:
        _end(db, lease, state="dead", last_error=error, finished_at=now, dedupe=None)
    else:
        _end(db, lease, state="ready", last_error=error, run_at=now + delay, lease_owner=None, lease_until=None)


def give_back(db: Connection, lease: Lease) -> None:
    """Not done after all, and nobody's fault: the next node may have it at once."""
    j = t.job.c
    held = and_(j.id == lease.job, j.lease_owner == lease.owner, j.lease_epoch == lease.epoch, j.state == "running")
    db.execute(update(t.job).where(held).values(state="ready", lease_owner=None, lease_until=None, attempts=j.attempts - 1))


def _end(db: Connection, lease: Lease, **values: Any) -> None:
    j = t.job.c
    held = and_(j.id == lease.job, j.lease_owner == lease.owner, j.lease_epoch == lease.epoch, j.state == "running")
    if db.execute(update(t.job).where(held).values(**values)).rowcount != 1:
        raise Fenced


def next_due(db: Connection) -> datetime | None:
    """When the next job is due, or the next lease ends."""
    j = t.job.c
    ready = db.execute(select(func.min(j.run_at)).where(j.state == "ready")).scalar_one_or_none()
    lost = db.execute(select(func.min(j.lease_until)).where(j.state == "running")).scalar_one_or_none()
    return min((moment for moment in (ready, lost) if moment is not None), default=None)


def counts(db: Connection, now: datetime) -> dict[str, float]:
    """`ready`, `running`, `dead`, and `oldest_due` in seconds."""
    j = t.job.c
    found = {
        row.state: row.n
        for row in db.execute(select(j.state, func.count().label("n")).where(j.state.in_((*OPEN, "dead"))).group_by(j.state))
    }
    oldest = db.execute(select(func.min(j.run_at)).where(j.state == "ready", j.run_at <= now)).scalar_one_or_none()
    age = 0.0 if oldest is None else (now - oldest).total_seconds()
    return {"ready": found.get("ready", 0), "running": found.get("running", 0), "dead": found.get("dead", 0), "oldest_due": age}


def is_planned(db: Connection, dedupe: str) -> bool:
    """Is there an unfinished job of that name?"""
    return db.execute(select(t.job.c.id).where(t.job.c.dedupe == dedupe)).first() is not None
