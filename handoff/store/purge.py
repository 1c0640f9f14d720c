"""Forgetting: one conversation everywhere it lies, and what is older than the clinic keeps."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, MetaData, Table, delete, or_, select

from handoff.settings import Settings
from handoff.store import tables as t

KEPT_PRESENCE = timedelta(days=1)
AT_ONCE = 200  # conversations a run


def erase_conversation(db: Connection, conversation: str, *, tables: MetaData = t.metadata) -> int:
    """Delete a conversation and every row that hangs on it, by whatever chain of references. Returns how many rows.

    The sids of its texts are kept, so that a text which Twilio says again is not taken in anew. Audit rows stay: they hold ids
    only. On SQLite what is deleted is overwritten (`secure_delete`).
    """
    i = t.inbound_text.c
    db.execute(t.forgotten_text.insert().from_select(["sid", "at"], select(i.sid, i.at).where(i.conversation == conversation)))
    session = select(t.patient_session.c.id).where(t.patient_session.c.conversation == conversation)
    rows = db.execute(delete(t.ticket).where(t.ticket.c.kind == "patient", t.ticket.c.session.in_(session))).rowcount
    keys = (conversation, *(f"{kind}:{conversation}" for kind in ("timer", "page", "promise", "text", "call", "picture")))
    rows += db.execute(delete(t.job).where(t.job.c.key.in_(keys))).rowcount
    for table, hangs_on in reversed(_hanging(conversation, tables).items()):
        rows += db.execute(delete(table).where(hangs_on)).rowcount
    return rows


def _hanging(conversation: str, tables: MetaData) -> dict[Table, ColumnElement[bool]]:
    """Each table whose rows may hang on the conversation, and which of them do; what is pointed to comes first."""
    hanging: dict[Table, ColumnElement[bool]] = {}
    for table in tables.sorted_tables:
        pointer = _pointer(table)
        ways = [] if pointer is None else [pointer == conversation]
        for key in table.foreign_keys:
            if key.column.table in hanging and key.parent is not pointer:
                ways.append(key.parent.in_(select(key.column).where(hanging[key.column.table])))
        if ways:
            hanging[table] = or_(*ways)
    return hanging


def _pointer(table: Table) -> Column[Any] | None:
    """The column by which a table points straight to a conversation."""
    if table.name == t.conversation.name:
        return table.c.id
    straight = (key.parent for key in table.foreign_keys if key.column.table.name == t.conversation.name)
    return next(straight, None)


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
        t.forgotten_text: (t.forgotten_text.c.at < now - timedelta(days=settings.retain_audit_days),),
        t.audit: (t.audit.c.at < now - timedelta(days=settings.retain_audit_days),),
    }
    return {table.name: db.execute(delete(table).where(*when)).rowcount for table, when in rules.items()}
