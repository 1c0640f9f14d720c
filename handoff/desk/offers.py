"""Offers: one handoff request or promised call before one member of staff, for a limited time. How they end."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, exists, func, or_, select, update

from handoff.desk.work import Work
from handoff.store import tables as t

o, p = t.offer.c, t.presence.c
DUE = func.coalesce(t.callback.c.next_at, t.callback.c.window_from)  # from when a promised call may be made
_LAST_LEASE = select(func.max(p.lease_until)).where(p.staff == o.staff).scalar_subquery()
REASONS = ("busy", "wrong_team", "language", "on_break")  # why somebody rejects an offer


class Ended(StrEnum):
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    TIMED_OUT = "timed_out"
    RESCINDED = "rescinded"  # somebody else took it, a safety matter is before them instead, or they went without a word
    CANCELLED = "cancelled"  # it is not in line any more


PASSED = (str(Ended.REJECTED), str(Ended.TIMED_OUT))


def pending(db: Connection, conversation: str) -> list[dict[str, Any]]:
    """What of a conversation is before somebody now: its place in line, and the call that was promised. Oldest first."""
    rows = db.execute(select(t.offer).where(o.conversation == conversation, o.state == "pending").order_by(o.made_at, o.id)).mappings()
    return [dict(row) for row in rows]


def end(work: Work, offer: str, ended: Ended, *, reason: str | None = None) -> bool:
    """End an offer that is still before somebody. Returns whether it was."""
    values = {"state": str(ended), "reason": reason, "ended_at": work.now}
    return work.db.execute(update(t.offer).where(o.id == offer, o.state == "pending").values(values)).rowcount == 1


def settle_request(work: Work, request: str, *, taken_by: str | None = None) -> None:
    """The request left the line: whoever was asked has it now, or was asked for nothing."""
    _settle(work, t.offer.c.request == request, taken_by)


def settle_call(work: Work, callback: str, *, taken_by: str | None = None) -> None:
    """The call is with somebody, or is not due any more."""
    _settle(work, t.offer.c.callback == callback, taken_by)


def rescind(work: Work, need: str) -> bool:
    """Something more urgent is before whoever was asked about this request or call. Whether anybody was."""
    row = _before(work.db, _of(need))
    return row is not None and end(work, row.id, Ended.RESCINDED)


def is_before_somebody(db: Connection, need: str) -> bool:
    """Is somebody asked about this request or call now?"""
    return _before(db, _of(need)) is not None


def _settle(work: Work, which: ColumnElement[bool], taken_by: str | None) -> None:
    row = _before(work.db, which)
    if row is not None:
        end(work, row.id, Ended.CANCELLED if taken_by is None else Ended.ACCEPTED if row.staff == taken_by else Ended.RESCINDED)


def _before(db: Connection, which: ColumnElement[bool]) -> Row[Any, Any] | None:
    return db.execute(select(o.id, o.staff).where(which, o.state == "pending")).first()


def _of(need: str) -> ColumnElement[bool]:
    return or_(t.offer.c.request == need, t.offer.c.callback == need)


def before(db: Connection, staff: str) -> list[dict[str, Any]]:
    """What is before a member of staff now."""
    rows = db.execute(select(t.offer).where(o.staff == staff, o.state == "pending").order_by(o.made_at, o.id)).mappings()
    return [dict(row) for row in rows]


def abandoned(db: Connection, now: datetime, due: Collection[str]) -> list[dict[str, Any]]:
    """The offers before somebody whose last connection is gone, and those of calls that are not among the `due` ones any more, by the id
    of the callback: the clock was put back, or the danger for which the patient's night was broken is over. Oldest first."""
    here = exists().where(p.staff == o.staff, p.lease_until > now)
    moot = and_(o.callback.is_not(None), o.callback.not_in(due))
    rows = db.execute(select(t.offer).where(o.state == "pending", or_(~here, moot)).order_by(o.made_at, o.id)).mappings()
    return [dict(row) for row in rows]


def ends(db: Connection) -> list[datetime]:
    """Of each offer, when it is over if nobody answers: its time, or the last lease of whoever is asked."""
    pending = select(o.until, _LAST_LEASE.label("lease")).where(o.state == "pending")
    return [min(row.until, row.lease or row.until) for row in db.execute(pending)]


def overdue(db: Connection, now: datetime) -> list[dict[str, Any]]:
    """The offers whose time is over, oldest first."""
    return [dict(row) for row in db.execute(select(t.offer).where(o.state == "pending", o.until <= now).order_by(o.until, o.id)).mappings()]
