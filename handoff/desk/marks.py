"""How staff judge each arrival: right, too early, too late, wrong team. From these marks the rules are made better."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, delete, select

from handoff.desk import audit, views
from handoff.desk.staff import sight_of
from handoff.desk.thread import open_thread
from handoff.desk.work import Work
from handoff.errors import BadInput, NotFound
from handoff.staff.access import Act, Person, check
from handoff.store import tables as t

MARKS = ("right", "too_early", "too_late", "wrong_team")


def mark(work: Work, person: Person, conversation: str, given: object) -> dict[str, Any]:
    """Judge the newest handoff request that reached a person; a second mark takes the place of the first.

    Returns the queue's item. Raises `BadInput`, `NotAllowed`, `NotFound`.
    """
    if given not in MARKS:
        raise BadInput(f"The mark must be one of {', '.join(MARKS)}.")
    thread = open_thread(work, conversation)
    check(person, Act.MARK, sight_of(thread))
    request = arrived(work.db, conversation)
    if request is None:
        raise NotFound
    work.db.execute(delete(t.arrival_mark).where(t.arrival_mark.c.request == request))
    row = {"id": work.ids.new(), "conversation": conversation, "request": request, "staff": person.id, "mark": given, "at": work.now}
    work.db.execute(t.arrival_mark.insert().values(row))
    audit.note(work, f"staff:{person.id}", "marked", conversation, mark=str(given))
    thread.listed = True
    thread.save()
    return views.item(work.db, work.house, person, conversation)


def arrived(db: Connection, conversation: str) -> str | None:
    """The newest handoff request that reached a person."""
    r = t.handoff_request.c
    reached = (r.conversation == conversation, r.state.in_(("assigned", "completed")))
    return db.execute(select(r.id).where(*reached).order_by(r.created_at.desc(), r.id.desc()).limit(1)).scalar_one_or_none()
