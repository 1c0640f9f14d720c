"""Which handoff requests have reached a person, and whom: whatever became of them since, in line again, cancelled or closed."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, and_, bindparam, exists, or_, select

from handoff.conversation import STAFF, Event
from handoff.store import tables as t

r, v, k = t.handoff_request.c, t.move.c, t.arrival_mark.c
_TAKEN = and_(v.conversation == r.conversation, v.event == str(Event.TAKEN), v.at >= r.created_at)
# One that was cancelled at the very moment of a take was not what was taken.
REACHED = or_(r.state.in_(("assigned", "completed")), exists().where(_TAKEN, or_(r.closed_at.is_(None), v.at < r.closed_at)))

# Statements of every item are built once: building costs more than running them.
_NEWEST = (
    select(r.id, k.mark)
    .outerjoin(t.arrival_mark, k.request == r.id)
    .where(r.conversation == bindparam("conversation"), REACHED)
    .order_by(r.created_at.desc(), r.id.desc())
    .limit(1)
)
_TAKERS = (
    select(v.to_owner)
    .select_from(t.move)
    .join(t.handoff_request, _TAKEN)
    .where(r.id == bindparam("request"), or_(r.closed_at.is_(None), v.at <= r.closed_at))
)


@dataclass(frozen=True)
class Arrival:
    """`request`: the handoff request; `mark`: how staff judged it, if they did; `takers`: the ids of those who took it, one or more."""

    request: str
    mark: str | None
    takers: frozenset[str]


def newest(db: Connection, conversation: str) -> Arrival | None:
    """The newest arrival of a conversation; None where nothing has come to a person yet."""
    found = db.execute(_NEWEST, {"conversation": conversation}).first()
    if found is None:
        return None
    takers = db.execute(_TAKERS, {"request": found.id}).scalars()
    return Arrival(found.id, found.mark, frozenset(owner.removeprefix(STAFF) for owner in takers))
