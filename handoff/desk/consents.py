"""The consent ledger in the database, and what ends or brings back texts: one transaction with all that follows from it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from sqlalchemy import Connection, delete, func, select

from handoff.consent import Consent, How, Purpose
from handoff.desk import deliveries
from handoff.desk.work import Work
from handoff.store import tables as t

OWN_WORDS = "the patient's own words"


def wording(text: str) -> str:
    """The version of the words that were shown, as the ledger keeps it."""
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def record(
    work: Work, conversation: str, channel: str, purposes: Iterable[Purpose], *, given: bool, how: How, who: str, words: str = OWN_WORDS
) -> None:
    """Add an entry for each purpose. `words`: the version of the wording (`wording(...)`), or whose words they were.

    The newest entry counts, so none is older than one before it, even where the clock was put back meanwhile.
    """
    c = t.consent.c
    newest = work.db.execute(select(func.max(c.at)).where(c.conversation == conversation)).scalar_one()
    at = max(work.now, newest or work.now)
    for purpose in purposes:
        row = {"id": work.ids.new(), "conversation": conversation, "channel": channel, "purpose": str(purpose), "given": given}
        work.db.execute(t.consent.insert().values(**row, wording=words, how=str(how), who=who, at=at))


def ledger(db: Connection, conversation: str) -> list[Consent]:
    """Every entry of a conversation, oldest first."""
    c = t.consent.c
    rows = db.execute(select(t.consent).where(c.conversation == conversation).order_by(c.at, c.id))
    return [Consent(row.channel, Purpose(row.purpose), row.given, row.wording, How(row.how), row.who, row.at) for row in rows]


def numbers_of(db: Connection, conversation: str) -> list[str]:
    """The numbers that write in a conversation."""
    n = t.phone_number.c
    return list(db.execute(select(n.number).where(n.conversation == conversation).order_by(n.linked_at, n.number)).scalars())


def is_opted_out(db: Connection, conversation: str) -> bool:
    """Does any number of this conversation want no more texts?"""
    o, n = t.opt_out.c, t.phone_number.c
    return db.execute(select(o.number).join(t.phone_number, n.number == o.number).where(n.conversation == conversation)).first() is not None


def stop_texts(work: Work, conversation: str, *, how: How, who: str) -> None:
    """No more texts to this conversation's numbers, of any purpose; what waits for them is blocked. Calls have a consent of their own."""
    for number in numbers_of(work.db, conversation):
        deliveries.opt_out(work, number, how=str(how))
    record(work, conversation, "sms", Purpose, given=False, how=how, who=who)


def allow_texts(work: Work, conversation: str, *, how: How, who: str) -> None:
    """Texts again."""
    o = t.opt_out.c
    work.db.execute(delete(t.opt_out).where(o.number.in_(numbers_of(work.db, conversation))))
    record(work, conversation, "sms", Purpose, given=True, how=how, who=who)
