"""How staff judge each arrival: right, too early, too late, wrong team. From these marks the rules are made better."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import delete

from handoff.desk import arrivals, audit, views
from handoff.desk.staff import sight_of
from handoff.desk.thread import open_thread
from handoff.desk.work import Work
from handoff.errors import BadInput, NotFound
from handoff.staff.access import Act, Person, check
from handoff.store import tables as t

MARKS = ("right", "too_early", "too_late", "wrong_team")


def mark(work: Work, person: Person, conversation: str, given: object) -> dict[str, Any]:
    """Judge the newest handoff request that reached a person, whatever became of it since; a second mark takes the place of the first.

    Returns the queue's item. Raises `BadInput`, `NotAllowed`, `NotFound`.
    """
    if given not in MARKS:
        raise BadInput(f"The mark must be one of {', '.join(MARKS)}.")
    thread = open_thread(work, conversation)
    arrival = arrivals.newest(work.db, conversation)
    check(person, Act.MARK, replace(sight_of(thread), takers=arrival.takers if arrival else frozenset()))
    if arrival is None:
        raise NotFound
    about = {"conversation": conversation, "request": arrival.request}
    work.db.execute(delete(t.arrival_mark).where(t.arrival_mark.c.request == arrival.request))
    work.db.execute(t.arrival_mark.insert().values(**about, id=work.ids.new(), staff=person.id, mark=given, at=work.now))
    audit.note(work, f"staff:{person.id}", "marked", conversation, mark=str(given))
    thread.listed = True
    thread.save()
    return views.item(work.db, work.house, person, conversation)
