"""Forgetting: one conversation everywhere it lies, and what is older than the clinic keeps."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Column, Connection, Table, delete, select

from handoff.settings import Settings
from handoff.store import tables as t

KEPT_PRESENCE = timedelta(days=1)
AT_ONCE = 200  # conversations a run


def erase_conversation(db: Connection, conversation: str) -> int:
    """Delete every row that hangs on a conversation, in any table that points to one. Returns how many.

    Audit rows stay: they hold ids only.
    """
    rows = 0
    for table in reversed(t.metadata.sorted_tables):
        column = _pointer(table)
        if column is not None:
            rows += db.execute(delete(table).where(column == conversation)).rowcount
        elif table is t.session_secret:
            own = select(t.patient_session.c.id).where(t.patient_session.c.conversation == conversation)
            rows += db.execute(delete(table).where(table.c.session.in_(own))).rowcount
    db.execute(delete(t.job).where(t.job.c.key.in_((conversation, f"timer:{conversation}"))))
    return rows


def _pointer(table: Table) -> Column[str] | None:
    """The column by which a table hangs on a conversation."""
    if table is t.conversation:
        return table.c.id
    column = table.c.get("conversation")
    return column if column is not None and column.foreign_keys else None


def expired(db: Connection, now: datetime, settings: Settings) -> list[str]:
    """Conversations that were closed too long ago to be kept, without an open case; at most 200."""
    c = t.conversation.c
    kept = select(t.case.c.conversation).where(t.case.c.state != "closed")
    old = now - timedelta(days=settings.retain_conversations_days)
    query = select(c.id).where(c.state == "closed", c.changed_at < old, c.id.not_in(kept)).limit(AT_ONCE)
    return list(db.execute(query).scalars())


def sweep(db: Connection, now: datetime, settings: Settings) -> dict[str, int]:
    """Delete finished jobs, used-up sessions, tickets and codes, and old audit rows. Returns rows by table."""
    j, day = t.job.c, timedelta(days=1)
    rules = {
        t.job: (j.state.in_(("done", "cancelled", "dead")), j.created_at < now - timedelta(days=settings.retain_jobs_days)),
        t.ticket: (t.ticket.c.expires_at < now,),
        t.sign_in_code: (t.sign_in_code.c.expires_at < now,),
        t.sign_in_failure: (t.sign_in_failure.c.at < now - day,),
        t.staff_session: (t.staff_session.c.expires_at < now,),
        t.session_secret: (t.session_secret.c.superseded_at < now - day,),
        t.presence: (t.presence.c.lease_until < now - KEPT_PRESENCE,),
        t.audit: (t.audit.c.at < now - timedelta(days=settings.retain_audit_days),),
    }
    return {table.name: db.execute(delete(table).where(*when)).rowcount for table, when in rules.items()}
