"""A promised call as consoles show it. Read-only."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from handoff.desk import calls
from handoff.desk.callbacks import find_open
from handoff.store import tables as t
from handoff.telephone import ending

LEGS = {"ringing_you": "ringing_staff", "calling_patient": "ringing_patient", "connected": "talking"}


def shown(db: Connection, conversation: str) -> dict[str, Any] | None:
    """The open callback of a conversation; `leg`: who is rung or talks now. Moments as they are stored."""
    row = find_open(db, conversation)
    if row is None:
        return None
    staff = None if row["staff"] is None else db.execute(select(t.staff.c.id, t.staff.c.name).where(t.staff.c.id == row["staff"])).first()
    stage = calls.stage(db, row["id"])
    names = ("id", "state", "number", "window_from", "window_to", "about", "language", "attempts", "next_at")
    return {
        **{name: row[name] for name in names},
        "ending": ending(row["number"]),
        "staff": None if staff is None else {"id": staff.id, "name": staff.name},
        "leg": None if stage is None else LEGS.get(stage["stage"]),
    }
