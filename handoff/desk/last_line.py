"""The last line of a conversation, as the queue shows it."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Connection, func, select

from handoff.store import tables as t

BUTTON = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.\d{1,2}")  # the id of a button: its message's, and its place


def last_line(db: Connection, conversation: str) -> dict[str, Any] | None:
    """What a person said last: not our own sentences, nor the choice of a route. A line chosen by its number is what it says."""
    m = t.message.c
    said = m.author.in_(("patient", "staff")) & (func.coalesce(m.pressed_to, "") != "service")
    query = select(t.message).where(m.conversation == conversation, said).order_by(m.seq.desc()).limit(1)
    row = db.execute(query).mappings().first()
    if row is None or row["pressed"] is None or BUTTON.fullmatch(row["pressed"]) is None:
        return None if row is None else dict(row)
    shown, _, place = row["pressed"].rpartition(".")
    buttons = db.execute(select(m.buttons).where(m.id == shown)).scalar_one_or_none() or []
    return {**row, "text": buttons[int(place)]["title"] if int(place) < len(buttons) else row["text"]}
