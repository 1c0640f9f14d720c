"""How texting fares as a whole: what an operator must hear of. States, codes and counts; never a word or a number."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select

from handoff.outbound_text import FOUND_OUT, TextState
from handoff.settings import Settings
from handoff.store import tables as t
from handoff.text_errors import CODES, Class, trouble_of

LATELY = timedelta(days=1)
_STUCK = FOUND_OUT + timedelta(minutes=5)
NOTICES = ("account", "sender_paused", "daily_cap", "operator")


def texts_by_state(db: Connection) -> dict[str, int]:
    o = t.outbound_text.c
    return {row[0]: row[1] for row in db.execute(select(o.state, func.count()).group_by(o.state))}


def failures_by_class(db: Connection) -> dict[str, int]:
    """Texts with a code of the provider's, by what we do about it."""
    o = t.outbound_text.c
    found: dict[str, int] = {str(kind): 0 for kind in Class}
    for code, count in db.execute(select(o.error, func.count()).where(o.error.is_not(None)).group_by(o.error)):
        found[str(trouble_of(code).kind)] += count
    return found


def notices(db: Connection, now: datetime) -> list[str]:
    """Which of `NOTICES` stand in the way of texts now: a refused account, a paused sender, the cap, or what an operator must mend."""
    o = t.outbound_text.c
    waiting = set(db.execute(select(o.reason).where(o.state == str(TextState.QUEUED), o.reason.in_(NOTICES)).distinct()).scalars())
    mend = [code for code, trouble in CODES.items() if trouble.kind is Class.OPERATOR]
    states = (str(TextState.FAILED), str(TextState.UNDELIVERED))
    lately = select(o.id).where(o.state.in_(states), o.error.in_(mend), o.changed_at > now - LATELY).limit(1)
    if db.execute(lately).first() is not None:
        waiting.add("operator")
    return [name for name in NOTICES if name in waiting]


def doubts(db: Connection, now: datetime) -> tuple[int, int]:
    """Texts of the last day that stayed uncertain, and those that should have been resolved by now."""
    o = t.outbound_text.c
    mine = (o.state == str(TextState.MAYBE_SENT), o.attempting_at > now - LATELY)
    shown = db.execute(select(func.count()).where(*mine, o.reason == "uncertain")).scalar_one()
    stuck = (o.state.in_((str(TextState.ATTEMPTING), str(TextState.MAYBE_SENT))), o.reason.is_(None), o.attempting_at < now - _STUCK)
    return shown, db.execute(select(func.count()).where(*stuck)).scalar_one()


def spent_today(db: Connection, now: datetime, settings: Settings) -> int:
    """Segments since midnight at the clinic."""
    midnight = now.astimezone(settings.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    query: Any = select(func.coalesce(func.sum(t.outbound_text.c.segments), 0)).where(t.outbound_text.c.attempting_at >= midnight)
    return int(db.execute(query).scalar_one())
