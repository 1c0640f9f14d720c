"""Who is in line and who is here, as the routing rules look at them (handoff/routing.py). Read-only queries."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, func, select

from handoff.conversation import Event, State
from handoff.desk.offers import PASSED
from handoff.desk.work import House
from handoff.routing import Member, Need
from handoff.store import tables as t

STAFF = "staff:"


def needs(db: Connection, house: House, now: datetime) -> list[Need]:
    """Every request in line, in no order."""
    r, c = t.handoff_request.c, t.conversation.c
    columns = (r.id, r.conversation, r.priority, r.queue_age_from, r.team, r.topic, r.language, r.person, r.aimed_at, c.channel, c.owner)
    rows = db.execute(select(*columns).join(t.conversation, c.id == r.conversation).where(r.state == "queued")).all()
    before, passed, resting = _asked(db, house, now)
    return [
        Need(
            request=row.id,
            conversation=row.conversation,
            priority=row.priority,
            age_from=row.queue_age_from,
            team=row.team or house.routing.teams.fall_back,
            language=house.words.language(row.language),
            channel=row.channel,
            person=row.person,
            offered_to=before.get(row.id),
            passed=frozenset(passed.get(row.id, ())),
            resting=frozenset(resting.get(row.id, ())) | _owner(row.owner),
            topic=row.topic or "",
            aimed_at=row.aimed_at,
        )
        for row in rows
    ]


def _asked(db: Connection, house: House, now: datetime) -> tuple[dict[str, str], dict[str, set[str]], dict[str, set[str]]]:
    """By request: whom it is before, who let it pass since it was last passed on, and who did so just now."""
    o, r = t.offer.c, t.handoff_request.c
    columns = (o.request, o.staff, o.state, o.ended_at, o.made_at, r.aimed_at)
    rows = db.execute(select(*columns).join(t.handoff_request, r.id == o.request).where(r.state == "queued")).all()
    before = {row.request: row.staff for row in rows if row.state == "pending"}
    passed: dict[str, set[str]] = {}
    resting: dict[str, set[str]] = {}
    for row in rows:
        if row.state in PASSED and (row.aimed_at is None or row.made_at >= row.aimed_at):
            passed.setdefault(row.request, set()).add(row.staff)
            if row.ended_at + house.routing.teams.rules.again > now:
                resting.setdefault(row.request, set()).add(row.staff)
    return before, passed, resting


def _owner(owner: str) -> frozenset[str]:
    """Whoever passed it on has it until it is taken."""
    return frozenset({owner.removeprefix(STAFF)}) if owner.startswith(STAFF) else frozenset()


def members(db: Connection, house: House, now: datetime, conversations: Iterable[str]) -> list[Member]:
    """Everybody who is here and available; `conversations`: those in line, for who helped there last."""
    s, p = t.staff.c, t.presence.c
    here = select(p.staff).where(p.lease_until > now).distinct().subquery()
    columns = (s.id, s.email, s.missed, s.idle_since, s.created_at)
    rows = db.execute(select(*columns).join(here, here.c.staff == s.id).where(s.available.is_(True), s.disabled_at.is_(None))).all()
    loads, offered = _loads(db, house), _offered(db)
    helped = _helped(db, conversations) if rows else {}
    return [_member(house, row, loads.get(row.id, 0), offered.get(row.id), helped.get(row.id, set())) for row in rows]


def _member(house: House, row: Any, load: int, offered: str | None, helped: set[str]) -> Member:
    teams = house.routing.teams
    able = teams.abilities(row.email)
    return Member(
        id=row.id,
        teams=frozenset(teams.teams) if able.teams is None else able.teams,
        languages=frozenset(house.words.languages) if able.languages is None else able.languages,
        load=load,
        idle_since=row.idle_since or row.created_at,
        capacity=teams.rules.capacity if able.capacity is None else able.capacity,
        missed=row.missed,
        offered=offered,
        helped=frozenset(helped),
        skills=able.skills,
    )


def _loads(db: Connection, house: House) -> dict[str, int]:
    """What each one carries now; a parked conversation weighs nothing."""
    c, weights = t.conversation.c, house.routing.teams.rules.weights
    held = c.state.in_((str(State.HUMAN), str(State.WAITING)))
    rows = db.execute(
        select(c.owner, c.channel, func.count().label("n")).where(held, c.owner.startswith(STAFF)).group_by(c.owner, c.channel)
    )
    loads: dict[str, int] = {}
    for row in rows:
        staff = row.owner.removeprefix(STAFF)
        loads[staff] = loads.get(staff, 0) + weights.get(row.channel, 1) * row.n
    return loads


def _offered(db: Connection) -> dict[str, str]:
    o = t.offer.c
    return {row.staff: row.request for row in db.execute(select(o.staff, o.request).where(o.state == "pending"))}


def _helped(db: Connection, conversations: Iterable[str]) -> dict[str, set[str]]:
    """By member of staff, the conversations that they were the last to take."""
    m, r = t.move.c, t.handoff_request.c
    taken = and_(m.event == str(Event.TAKEN), m.conversation.in_(select(r.conversation).where(r.state == "queued")))
    last = {row.conversation: row.to_owner for row in db.execute(select(m.conversation, m.to_owner).where(taken).order_by(m.at, m.id))}
    helped: dict[str, set[str]] = {}
    for conversation in conversations:
        if conversation in last:
            helped.setdefault(last[conversation].removeprefix(STAFF), set()).add(conversation)
    return helped
