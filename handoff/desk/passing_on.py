"""What staff do with a conversation that they cannot go on with now: park it, pass it on, reject what they are offered."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from handoff.conversation import Event
from handoff.desk import audit, line, offers, staffing, views
from handoff.desk.orders import Cause, Reason, act
from handoff.desk.staff import mine, sight_of
from handoff.desk.thread import open_thread
from handoff.desk.work import House, Work
from handoff.errors import BadInput, OfferOver
from handoff.staff.access import Act, Person, check
from handoff.store import tables as t


def park(work: Work, person: Person, conversation: str) -> dict[str, Any]:
    """Wait for the patient without holding a place: what they write next comes back to this person, if they are here. Raises `NotYours`."""
    thread = mine(work, person, Act.PARK, conversation)
    act(thread, Event.PARK, Cause(f"staff:{person.id}", name=person.name))
    audit.note(work, f"staff:{person.id}", "parked", conversation)
    thread.save()
    return views.item(work.db, work.house, person, conversation)


def transfer(work: Work, person: Person, conversation: str, *, team: str | None, to: str | None, note: object) -> dict[str, Any]:
    """Pass it on to a team, or to a member of staff, with a note for them; it stays with this person until somebody takes it.

    Raises `NotYours`, `BadInput` for a team or a person that there is not, and for oneself.
    """
    if not isinstance(note, str) or len(note) > 2000 or (team is None) == (to is None):
        raise BadInput("Choose a team or a person; the note may have at most 2,000 characters.")
    if (
        (team is not None and team not in work.house.routing.teams.teams)
        or to == person.id
        or (to is not None and not _works_here(work, to))
    ):
        raise BadInput("There is nobody of that name to pass it on to.")
    thread = mine(work, person, Act.TRANSFER, conversation)
    if line.open_request(work.db, conversation) is None:
        line.add_reason(thread, Reason("asked", rule="transfer"))
    line.aim(thread, team=team, person=to, note=note.strip())
    act(thread, Event.TRANSFERRED, Cause(f"staff:{person.id}", name=person.name))
    audit.note(work, f"staff:{person.id}", "transferred", conversation, team=team, to=to)
    thread.save()
    return views.item(work.db, work.house, person, conversation)


def reject(work: Work, person: Person, conversation: str, reason: object) -> dict[str, Any]:
    """Say why one cannot take what one is offered: it goes to the next. Raises `BadInput`, `OfferOver` when it is not before them."""
    if reason not in offers.REASONS:
        raise BadInput(f"The reason must be one of {', '.join(offers.REASONS)}.")
    thread = open_thread(work, conversation)
    check(person, Act.REJECT, sight_of(thread))
    offer = next((offer for offer in offers.pending(work.db, conversation) if offer["staff"] == person.id), None)
    if offer is None or not offers.end(work, offer["id"], offers.Ended.REJECTED, reason=str(reason)):
        raise OfferOver
    work.db.execute(update(t.staff).where(t.staff.c.id == person.id).values(missed=0))
    audit.note(work, f"staff:{person.id}", "rejected", conversation, reason=str(reason))
    work.look_at_line()
    thread.save()
    return views.item(work.db, work.house, person, conversation)


def targets(db: Connection, house: House, person: Person, now: datetime) -> dict[str, list[dict[str, Any]]]:
    """To whom a conversation can be passed on, whoever is here first: `{"teams": [{"id", "name", "here"}], "people": [...]}`, likewise.

    Of a team somebody is here who is not the one who passes it on.
    """
    s = t.staff.c
    members = [one for one in staffing.members(db, house, now, ()) if one.id != person.id]
    here = {one.id for one in members}
    staffed = frozenset[str]().union(*(one.teams for one in members))
    rows = db.execute(select(s.id, s.name, s.email).where(s.disabled_at.is_(None), s.id != person.id).order_by(s.name)).all()
    names = Counter([person.name, *(row.name for row in rows)])
    language = house.words.language(house.settings.locale)
    teams = [
        {"id": team.id, "name": team.name.get(language, team.id), "here": team.id in staffed} for team in house.routing.teams.teams.values()
    ]
    people = [{"id": row.id, "name": row.name + (f" ({row.email})" if names[row.name] > 1 else ""), "here": row.id in here} for row in rows]
    return {"teams": sorted(teams, key=_is_away), "people": sorted(people, key=_is_away)}


def _is_away(target: dict[str, Any]) -> bool:
    return not target["here"]


def _works_here(work: Work, staff: str) -> bool:
    s = t.staff.c
    return work.db.execute(select(s.id).where(s.id == staff, s.disabled_at.is_(None))).first() is not None
