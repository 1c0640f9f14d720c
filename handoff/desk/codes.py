"""Codes by text: six digits that prove that a number is at hand. Kept hashed; ten minutes, five tries, three an hour.

The text that brings one has to hold it until it is sent; its words are emptied as soon as the code has come to its end.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta
from typing import Any, Literal

from sqlalchemy import Connection, func, or_, select, update

from handoff.desk.leaving import USEFUL, leave_notice
from handoff.desk.work import Work
from handoff.outbound_text import TextState
from handoff.store import lock_name
from handoff.store import tables as t

LIFE = USEFUL["code"]
MAX_TRIES = 5
AN_HOUR, MAX_AN_HOUR = timedelta(hours=1), 3  # for a conversation, and for a number
Verdict = Literal["right", "wrong", "expired", "used_up"]
_GONE = [str(state) for state in TextState if state not in (TextState.QUEUED, TextState.ATTEMPTING, TextState.MAYBE_SENT)]


def send(work: Work, conversation: str, number: str) -> bool:
    """Leave a text with a new code; the one before it counts no more. False where there were too many within the hour."""
    lock_name(work.db, f"codes:{number}")
    c = t.text_code.c
    for where in (c.conversation == conversation, c.number == number):
        lately = select(func.count()).select_from(t.text_code).where(where, c.sent_at > work.now - AN_HOUR)
        if work.db.execute(lately).scalar_one() >= MAX_AN_HOUR:
            return False
    end(work, conversation)
    code, row = work.ids.code(), work.ids.new()
    text = leave_notice(work, conversation, number, "moving.code_text", "code", code=code)
    values = {"id": row, "conversation": conversation, "outbound_text": text, "number": number, "hash": _hash(row, code), "tries": 0}
    work.db.execute(t.text_code.insert().values(**values, sent_at=work.now))
    return True


def check(work: Work, conversation: str, code: str) -> Verdict:
    """Is this the code that was sent last? A right one is used up by it; each wrong one is a try."""
    row = _newest(work.db, conversation)
    if row is None or work.now - row["sent_at"] >= LIFE:
        return "expired"
    if row["tries"] >= MAX_TRIES:
        return "used_up"
    if hmac.compare_digest(row["hash"], _hash(row["id"], code)):
        end(work, conversation)
        return "right"
    work.db.execute(update(t.text_code).where(t.text_code.c.id == row["id"]).values(tries=row["tries"] + 1))
    return "wrong" if row["tries"] + 1 < MAX_TRIES else "used_up"


def waiting_for(db: Connection, number: str) -> str | None:
    """The conversation that waits for the code that was sent to a number last."""
    c = t.text_code.c
    newest = select(c.conversation).where(c.number == number, c.ended_at.is_(None)).order_by(c.sent_at.desc(), c.id.desc()).limit(1)
    found: str | None = db.execute(newest).scalar_one_or_none()
    return found


def end(work: Work, conversation: str) -> None:
    """No code of this conversation counts any more; the texts that brought them forget them, and those that wait are not sent."""
    c, o = t.text_code.c, t.outbound_text.c
    mine = (c.conversation == conversation, c.ended_at.is_(None))
    texts = work.db.execute(select(c.outbound_text).where(*mine)).scalars().all()
    work.db.execute(update(t.text_code).where(*mine).values(ended_at=work.now))
    waiting = (o.id.in_(texts), o.state == str(TextState.QUEUED))
    work.db.execute(update(t.outbound_text).where(*waiting).values(expires_at=work.now))
    work.db.execute(update(t.outbound_text).where(o.id.in_(texts), o.state.in_(_GONE)).values(body=""))


def _newest(db: Connection, conversation: str) -> dict[str, Any] | None:
    c = t.text_code.c
    mine = select(t.text_code).where(c.conversation == conversation, c.ended_at.is_(None)).order_by(c.sent_at.desc(), c.id.desc())
    found = db.execute(mine.limit(1)).mappings().first()
    return None if found is None else dict(found)


def forget_old(db: Connection, now: Any) -> None:
    """Empty the words of every text whose code has expired."""
    o = t.outbound_text.c
    old = or_(o.expires_at < now - LIFE, o.state.in_(_GONE) & (o.expires_at < now))
    db.execute(update(t.outbound_text).where(o.purpose == "code", o.body != "", old).values(body=""))


def _hash(row: str, code: str) -> str:
    return hashlib.sha256(f"{row}:{code}".encode()).hexdigest()
