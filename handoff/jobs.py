"""Jobs: work stored in the transaction of its cause, done after it. Leases, fencing, one running per key, in order.

A job is claimed by one UPDATE, which raises its `lease_epoch`; it is finished inside the transaction of its effect, and only
while owner and epoch still hold. Who was slow, and whose lease another took over, is fenced: the effect is undone.

Of one key, jobs run in the order of their ids: one that runs, or that waits to be tried again, holds back those behind it; one
that is planned for later does not. Leases are told by the database's clock on PostgreSQL, where nodes may differ, and by ours on
SQLite, where there is one node, which takes no lease away from itself.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    Select,
    Update,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningUpdate

from handoff.clock import Ids
from handoff.store import tables as t

LEASE = timedelta(seconds=30)
ORPHAN = timedelta(seconds=5)  # a job leased to this node, which it has not taken up for so long, was lost on the way to it
LONGEST_DELAY = timedelta(minutes=5)
OPEN = ("ready", "running")
MAX_LOST = 3  # a job that lost its lease this often may have killed its process each time: from then on it is put off
INSTEAD = {"ask_bot": "turn_lost"}  # kind -> what is done where that cannot be done: nobody is left without an answer

# Literal text: with parameters, SQLite could not use the partial indexes. Built once: building costs more than running them.
_OPEN = text("job.state IN ('ready', 'running')")
_RUNNING = text("job.state = 'running'")
_DATABASE_CLOCK = cast(func.extract("epoch", func.clock_timestamp()) * 1000, BigInteger)
_LOCK_KEY = select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("key"), 0)))
_AHEAD = select(t.job.c.id).where(t.job.c.key == bindparam("key"), _OPEN).limit(1)
_held = (
    t.job.c.id == bindparam("held"),
    t.job.c.lease_owner == bindparam("holder"),
    t.job.c.lease_epoch == bindparam("held_epoch"),
    t.job.c.state == "running",
)
_END, _IS_HELD = update(t.job).where(*_held), select(t.job.c.id).where(*_held)
_CANCEL = update(t.job).where(t.job.c.dedupe == bindparam("name")).values(state="cancelled", dedupe=None)
_NEXT = (
    select(t.job.c.run_at)
    .where(_OPEN, t.job.c.state == "ready", t.job.c.run_at > bindparam("at", type_=t.Moment()))
    .order_by(t.job.c.run_at)
    .limit(1)
)
_LEFT_IN_SQLITE = sqlite.insert(t.job).on_conflict_do_nothing(index_elements=["dedupe"])
_LEFT_IN_POSTGRES = postgresql.insert(t.job).on_conflict_do_nothing(index_elements=["dedupe"])
_INSERT: dict[tuple[str, bool], Any] = {
    ("sqlite", False): _LEFT_IN_SQLITE,
    ("sqlite", True): _LEFT_IN_SQLITE,
    ("postgresql", False): _LEFT_IN_POSTGRES,
    ("postgresql", True): _LEFT_IN_POSTGRES.values(lease_until=_DATABASE_CLOCK + round(LEASE.total_seconds() * 1000)),
}


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
    """Leave a job; where an unfinished one of that `dedupe` name exists, nothing is left and that one is returned.

    With `claimed_by` (a node) it is born running there, if it is due and no unfinished job of its key is ahead of it. Whoever
    leaves it so must hand it to the node's runner after the commit (`Runner.adopt`).
    """
    dialect = db.dialect.name
    if dialect == "postgresql":  # two transactions that leave a job under one key go one after the other
        db.execute(_LOCK_KEY, {"key": key})
    claimed = claimed_by is not None and (run_at is None or run_at <= now) and db.execute(_AHEAD, {"key": key}).first() is None
    new = ids.new()
    row = {
        "id": new,
        "kind": kind,
        "key": key,
        "dedupe": dedupe,
        "payload": dict(payload),
        "run_at": run_at or now,
        "state": "running" if claimed else "ready",
        "attempts": 1 if claimed else 0,
        "max_attempts": max_attempts,
        "lease_owner": claimed_by if claimed else None,
        "lease_until": now + LEASE if claimed else None,
        "lease_epoch": 1 if claimed else 0,
        "created_at": now,
    }
    if dialect == "postgresql" and claimed:
        del row["lease_until"]
    if not db.execute(_INSERT[dialect, claimed], row, execution_options={"preserve_rowcount": True}).rowcount:
        earlier = db.execute(select(t.job).where(t.job.c.dedupe == dedupe)).one()
        return Job(earlier.id, earlier.kind, earlier.key, earlier.payload, earlier.attempts, None)
    return Job(new, kind, key, dict(payload), 1 if claimed else 0, Lease(new, str(claimed_by), 1) if claimed else None)


def cancel(db: Connection, *, dedupe: str) -> None:
    """Cancel the unfinished job of that name, if there is one. If it runs, it is fenced."""
    db.execute(_CANCEL, {"name": dedupe})


def cancel_key(db: Connection, *, kind: str, key: str, now: datetime) -> int:
    """Cancel the unfinished jobs of that kind and key. Returns how many."""
    j = t.job.c
    unfinished = and_(j.key == key, j.kind == kind, j.state.in_(OPEN))
    return db.execute(update(t.job).where(unfinished).values(state="cancelled", dedupe=None, finished_at=now)).rowcount


def claim(db: Connection, *, now: datetime, owner: str, limit: int, mine: Collection[str] = (), but: Collection[str] = ()) -> list[Job]:
    """Lease up to `limit` jobs that may run. `mine`: jobs this node still works on, whatever the clock says of their leases.

    `but`: kinds that are left alone.
    """
    dialect, known = db.dialect.name, {"mine": list(mine), **_clock(db, now)}
    db.execute(_put_off_killers(dialect), {"later": now + LONGEST_DELAY, "node": owner, **known})
    rows = db.execute(_take(dialect), {"at": now, "node": owner, "room": limit, "but": list(but), **known}).all()
    return [
        Job(row.id, row.kind, row.key, row.payload, row.attempts, Lease(row.id, owner, row.lease_epoch))
        for row in sorted(rows, key=lambda row: str(row.id))
    ]


def look_ahead(
    db: Connection, *, now: datetime, owner: str, mine: Collection[str] = (), but: Collection[str] = ()
) -> tuple[bool, datetime | None]:
    """May any job be claimed, and when is the next one planned?"""
    known = {"at": now, "node": owner, "mine": list(mine), "but": list(but), **_clock(db, now)}
    claimable = db.execute(_first_claimable(db.dialect.name), known).first() is not None
    return claimable, db.execute(_NEXT, {"at": now}).scalar_one_or_none()


# Statements of every look are built once for each database: building costs more than running them.


@cache
def _claimable(dialect: str) -> Select[tuple[str]]:
    j, other, now = t.job.c, t.job.alias(), bindparam("at", type_=t.Moment())
    holds = or_(other.c.run_at <= now, other.c.attempts > 0)
    ahead = exists().where(other.c.key == j.key, other.c.state == "ready", other.c.id < j.id, holds)
    running = exists().where(other.c.key == j.key, other.c.state == "running", other.c.id != j.id)
    may_start = and_(j.state == "ready", ~ahead, ~running)
    known = and_(j.id.not_in(bindparam("mine", expanding=True)), j.kind.not_in(bindparam("but", expanding=True)))
    return select(j.id).where(_OPEN, j.run_at <= now, or_(may_start, _lost(dialect)), known).order_by(j.run_at, j.id)


def _lost(dialect: str) -> ColumnElement[bool]:
    """Its runner is gone: the lease has ended, or is this node's, which knows nothing of it."""
    j, moment = t.job.c, _lease_clock(dialect)
    orphaned = and_(j.lease_owner == bindparam("node"), j.lease_until < moment + _ms(LEASE - ORPHAN))
    return and_(j.state == "running", or_(j.lease_until < moment, orphaned))


@cache
def _first_claimable(dialect: str) -> Select[tuple[str]]:
    return _claimable(dialect).limit(1)


@cache
def _take(dialect: str) -> ReturningUpdate[Any]:
    j = t.job.c
    chosen = _claimable(dialect).limit(bindparam("room", type_=Integer)).with_for_update(skip_locked=True).cte()
    leased = {"lease_owner": bindparam("node"), "lease_until": _lease_clock(dialect) + _ms(LEASE), "lease_epoch": j.lease_epoch + 1}
    return (
        update(t.job)
        .where(j.id.in_(select(chosen.c.id)))
        .values(state="running", attempts=j.attempts + 1, **leased)
        .returning(j.id, j.kind, j.key, j.payload, j.attempts, j.lease_epoch)
    )


@cache
def _put_off_killers(dialect: str) -> Update:
    """Jobs whose process died under them again and again: the next runner is not to die of them at once.

    Most did nothing but run while something else died, and a conversation without its timer would be lost. So they are tried again, but
    five minutes later, and hold back nothing meanwhile; a kind of `INSTEAD` becomes that other one, in its place among the jobs of its key.
    """
    j = t.job.c
    instead = j.kind.in_(tuple(INSTEAD))
    ended = and_(_RUNNING, _lost(dialect), j.id.not_in(bindparam("mine", expanding=True)))
    values = {
        "kind": case(INSTEAD, value=j.kind, else_=j.kind),
        "state": "ready",
        "attempts": 0,
        "run_at": case((instead, j.run_at), else_=bindparam("later", type_=t.Moment())),
        "dedupe": case((instead, null()), else_=j.dedupe),
        "lease_owner": None,
        "lease_until": None,
    }
    return update(t.job).where(ended, j.attempts >= MAX_LOST).values(**values)


def renew(db: Connection, *, now: datetime, owner: str, jobs: Collection[str]) -> None:
    """Keep the leases of what this node is working on."""
    if jobs:
        db.execute(_renew(db.dialect.name), {"mine": list(jobs), "node": owner, **_clock(db, now)})


@cache
def _renew(dialect: str) -> Update:
    j = t.job.c
    held = and_(j.id.in_(bindparam("mine", expanding=True)), j.lease_owner == bindparam("node"), j.state == "running")
    return update(t.job).where(held).values(lease_until=_lease_clock(dialect) + _ms(LEASE))


def check(db: Connection, lease: Lease) -> None:
    """Is this runner still the one that has the job? For a deed in the middle of a job. Raises `Fenced`."""
    if db.execute(_IS_HELD, {"held": lease.job, "holder": lease.owner, "held_epoch": lease.epoch}).first() is None:
        raise Fenced


def finish(db: Connection, lease: Lease, *, now: datetime) -> None:
    """Done, in the transaction of the effect. Raises `Fenced`."""
    _end(db, lease, state="done", finished_at=now, dedupe=None)


def retry(db: Connection, lease: Lease, *, now: datetime, delay: timedelta, error: str) -> bool:
    """Failed: again after `delay` (True), or dead after the last attempt (False). `error` is a code. Raises `Fenced`."""
    j = t.job.c
    row = db.execute(select(j.kind, j.attempts, j.max_attempts).where(j.id == lease.job)).one_or_none()
    if row is None:
        raise Fenced
    if row.attempts >= row.max_attempts and row.kind in INSTEAD:
        _end(db, lease, kind=INSTEAD[row.kind], state="ready", attempts=0, run_at=now, lease_owner=None, lease_until=None)
        return True
    if row.attempts >= row.max_attempts:
        _end(db, lease, state="dead", last_error=error, finished_at=now, dedupe=None)
        return False
    _end(db, lease, state="ready", last_error=error, run_at=now + delay, lease_owner=None, lease_until=None)
    return True


def give_back(db: Connection, lease: Lease) -> None:
    """Not done after all, and nobody's fault: the next node may have it at once."""
    _release(db, and_(t.job.c.id == lease.job, t.job.c.lease_owner == lease.owner, t.job.c.lease_epoch == lease.epoch))


def give_back_all(db: Connection, *, owner: str) -> int:
    """Give back whatever this node holds. Returns how many jobs."""
    return _release(db, t.job.c.lease_owner == owner)


def take_over(db: Connection, *, owner: str) -> int:
    """The only node starts: whoever else held a lease is dead. Jobs keep their count of attempts. Returns how many were held."""
    return _release(db, t.job.c.lease_owner != owner, attempts=t.job.c.attempts)


def pull_forward(db: Connection, now: datetime, *, lengths: Collection[str] = ()) -> int:
    """The clock went back: what was due at once, or waits to be tried again, is due now. Returns how many jobs that were.

    `lengths`: kinds that are planned for so long after they are left: as long from now. Whatever else is planned stays. A lease of a
    node that is dead ends in its time (on PostgreSQL the database's clock says when).
    """
    j = t.job.c
    if db.dialect.name == "sqlite":
        db.execute(update(t.job).where(_RUNNING, j.lease_until > now + LEASE).values(lease_until=now + LEASE))
    for row in db.execute(select(j.id, j.run_at, j.created_at).where(_OPEN, j.kind.in_(lengths), j.created_at > now)).all():
        db.execute(update(t.job).where(j.id == row.id).values(run_at=now + (row.run_at - row.created_at), created_at=now))
    soon = or_(j.run_at <= j.created_at, and_(j.attempts > 0, j.run_at > now + LONGEST_DELAY))
    return db.execute(update(t.job).where(_OPEN, j.run_at > now, soon).values(run_at=now)).rowcount


def _release(db: Connection, which: ColumnElement[bool], *, attempts: ColumnElement[int] | None = None) -> int:
    j = t.job.c
    values = {"state": "ready", "lease_owner": None, "lease_until": None, "attempts": j.attempts - 1 if attempts is None else attempts}
    return db.execute(update(t.job).where(_RUNNING, which).values(**values)).rowcount


def _end(db: Connection, lease: Lease, **values: Any) -> None:
    held = {"held": lease.job, "holder": lease.owner, "held_epoch": lease.epoch}
    if db.execute(_END, {**held, **values}, execution_options={"preserve_rowcount": True}).rowcount != 1:
        raise Fenced


def _lease_clock(dialect: str) -> ColumnElement[int]:
    """Milliseconds since 1970, as a column of leases holds them: the database's clock, or ours, as a parameter (`_clock`)."""
    return _DATABASE_CLOCK if dialect == "postgresql" else bindparam("clock", type_=BigInteger)


def _clock(db: Connection, now: datetime) -> dict[str, int]:
    """Our own clock as a parameter, where leases are told by it."""
    return {} if db.dialect.name == "postgresql" else {"clock": round(now.timestamp() * 1000)}


def _ms(length: timedelta) -> ColumnElement[Any]:
    return literal(round(length.total_seconds() * 1000), BigInteger)


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
