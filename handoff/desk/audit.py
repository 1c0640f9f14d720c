"""The audit: who did or read what, and when. Ids, states and numbers; never words."""

from __future__ import annotations

from handoff.desk.work import Work
from handoff.store import tables as t

_INSERT = t.audit.insert()


def note(work: Work, who: str, act: str, conversation: str | None = None, **detail: str | int | bool | None) -> None:
    """Write one row in the deed's own transaction: what is undone was never noted."""
    row = {"id": work.ids.new(), "at": work.now, "who": who, "act": act, "conversation": conversation, "detail": detail}
    work.db.execute(_INSERT, row)
