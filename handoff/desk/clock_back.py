"""The machine's clock was put back: what lasts for a length of time lasts that long from now, and nobody waits for the old time to come."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, ColumnElement, Connection, Table, func, select, update

from handoff import jobs
from handoff.conversation import State
from handoff.desk.work import LINE
from handoff.outbound_text import TextState
from handoff.routing import Rules
from handoff.staff.presence import LEASE
from handoff.store import tables as t

UNSETTLED = tuple(str(state) for state in (TextState.QUEUED, TextState.ATTEMPTING, TextState.MAYBE_SENT))
LENGTHS = ("timer", "page")  # jobs that are planned for so long after something, and not for an hour of the day


def clock_went_back(db: Connection, now: datetime, rules: Rules) -> None:
    """Jobs, offers, connections, pages, and from when the circle of those in line widens. Ages stay as they are: they order the line."""
    jobs.pull_forward(db, now, lengths=LENGTHS)
    o, p, r, c = t.offer.c, t.presence.c, t.handoff_request.c, t.conversation.c
    for kind, length in ((o.request, rules.offer), (o.callback, rules.call_offer)):
        _at_most(db, now + length, t.offer, o.until, kind.is_not(None), o.state == "pending")
    _at_most(db, now + LEASE, t.presence, p.lease_until)
    _at_most(db, now, t.conversation, c.changed_at, c.state != str(State.CLOSED))
    ahead = (r.state == "queued", func.coalesce(r.aimed_at, r.queue_age_from) > now)
    db.execute(update(t.handoff_request).where(*ahead).values(aimed_at=now))
    # The next look at it may be for the end of a night that has not begun by the right time.
    _at_most(db, now, t.job, t.job.c.run_at, t.job.c.kind == LINE, t.job.c.state == "ready")
    _pages(db, now)


def _pages(db: Connection, now: datetime) -> None:
    """Who was called to what still waits was so by now, and the texts that have not come to an end are looked at."""
    p, o, j = t.page.c, t.outbound_text.c, t.job.c
    _at_most(db, now, t.page, p.at, p.ended_at.is_(None))
    for column in (o.due_at, o.attempting_at):
        _at_most(db, now, t.outbound_text, column, o.page.is_not(None), o.state.in_(UNSETTLED))
    lines = select("text:" + o.conversation).where(o.page.is_not(None), o.state.in_(UNSETTLED))
    _at_most(db, now, t.job, j.run_at, j.kind == "send_text", j.state == "ready", j.key.in_(lines))


def _at_most(db: Connection, latest: datetime, table: Table, column: Column[datetime], *which: ColumnElement[bool]) -> None:
    db.execute(update(table).where(column > latest, *which).values({column: latest}))
