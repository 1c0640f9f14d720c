"""The whole record of one conversation: exported, or erased everywhere it lies, the bot's tracker included."""

from __future__ import annotations

import asyncio
import base64
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, NullPool, Table, create_engine, delete, inspect, select, table
from sqlalchemy import column as sql_column

from handoff.desk import audit, line, views
from handoff.desk.thread import open_thread
from handoff.desk.work import House, Work
from handoff.doorbell import Bell
from handoff.errors import NotFound, OnHold
from handoff.settings import Settings
from handoff.store import tables as t
from handoff.store.engine import sqlite_engine
from handoff.store.purge import erase_conversation

EXPORTED: tuple[Table, ...] = (
    *(t.move, t.handoff_request, t.response, t.case, t.promise, t.consent),
    *(t.phone_number, t.left_number, t.text_code, t.inbound_text, t.picture, t.outbound_text, t.callback),
    *(t.assessment, t.page, t.arrival_mark, t.offer),
)


def export(work: Work, conversation: str, *, who: str) -> dict[str, Any]:
    """Everything we hold on a conversation, as JSON. Raises `NotFound`; leaves an audit row."""
    found = export_rows(work.db, work.house, conversation)
    audit.note(work, who, "exported", conversation)
    return found


def export_rows(db: Connection, house: House, conversation: str) -> dict[str, Any]:
    c = t.conversation.c
    row = db.execute(select(t.conversation).where(c.id == conversation)).mappings().first()
    if row is None:
        raise NotFound
    m = t.message.c
    messages = db.execute(select(t.message).where(m.conversation == conversation).order_by(m.seq)).mappings()
    found: dict[str, Any] = {
        "conversation": _plain(row),
        "messages": [views.message(message) for message in messages],
        "answers": views.answers(db, house, conversation),
    }
    for exported in EXPORTED:
        rows = db.execute(select(exported).where(exported.c.conversation == conversation)).mappings()
        found[exported.name] = [_without_secrets(exported, _plain(one)) for one in rows]
    acts = db.execute(select(t.audit).where(t.audit.c.conversation == conversation).order_by(t.audit.c.at)).mappings()
    return {**found, "audit": [_plain(one) for one in acts]}


def erase(work: Work, conversation: str, *, who: str) -> int:
    """Delete every row, and leave a job that empties the tracker. Returns how many rows. Raises `NotFound`, `OnHold`."""
    thread = open_thread(work, conversation)
    if thread.core.unsafe or line.open_case(work.db, conversation) is not None:
        raise OnHold
    rows = erase_conversation(work.db, conversation)
    audit.note(work, who, "erased", conversation)
    work.enqueue("erase_tracker", key=f"erase:{conversation}", payload={"conversation": conversation})
    work.look_at_line()  # whoever had it has room again
    work.ring(Bell(conversation, thread.row["version"] + 1, thread.row["last_seq"], moved=True, listed=True, line=True, gone=True))
    return rows


async def erase_tracker(settings: Settings, conversation: str) -> int:
    """Delete what the bot remembers of a conversation. Returns how many events."""
    return await asyncio.to_thread(_erase_tracker, settings, conversation)


def _erase_tracker(settings: Settings, conversation: str) -> int:
    url = settings.tracker
    if url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).exists():
        return 0
    engine = sqlite_engine(url) if url.startswith("sqlite") else create_engine(url, poolclass=NullPool)
    events = table("events", sql_column("sender_id"))
    try:
        with engine.connect() as db:
            if "events" not in inspect(db).get_table_names():
                return 0
            rows = db.execute(delete(events).where(events.c.sender_id == conversation)).rowcount
            db.commit()
            if url.startswith("sqlite"):
                db.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]
            return rows
    finally:
        engine.dispose()


def _without_secrets(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    """A code, or what six digits could be guessed from, is for the patient's phone only, as long as it counts; the number that a page
    went to is a colleague's."""
    if table is t.text_code:
        return {**row, "hash": ""}
    hidden = {"code": "body", "page": "number", "on_call": "number"}.get(row["purpose"]) if table is t.outbound_text else None
    return row if hidden is None else {**row, hidden: ""}


def _plain(row: Any) -> dict[str, Any]:
    return {key: _as_json(value) for key, value in row.items()}


def _as_json(value: Any) -> Any:
    """Moments as screens show them, pictures in base64."""
    if isinstance(value, datetime):
        return views.moment(value)
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value
