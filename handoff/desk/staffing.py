"""Who is in line, which calls are due and who is here, as the routing rules look at them (handoff/routing.py). Read-only queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, func, select

from handoff.callback import FREE, TAKEN
from handoff.conversation import STAFF, Event, State
from handoff.desk import windows
from handoff.desk.offers import DUE, PASSED, Ended
from handoff.desk.work import House
from handoff.routing import CALL, SAFETY, Member, Need
from handoff.store import tables as t

PROMISED = 1  # the priority of a promised call: somebody asked for it

o, k = t.offer.c, t.callback.c
_OFFER = (o.staff, o.state, o.ended_at, o.made_at)
_FREE = (k.state.in_([str(state) for state in FREE]), k.staff.is_(None))
_WHEN = (k.number, k.window_from, k.window_to)


def needs(db: Connection, house: House, now: datetime) -> list[Need]:
    """Every request in line, and every promised call that is due and with nobody, in no order."""
    return [*_requests(db, house, now), *calls(db, house, now)]


def _requests(db: Connection, house: House, now: datetime) -> list[Need]:
    r, c = t.handoff_request.c, t.conversation.c
    columns = (r.id, r.conversation, r.priority, r.queue_age_from, r.team, r.topic, r.language, r.person, r.aimed_at, c.channel, c.owner)
    rows = db.execute(select(*columns).join(t.conversation, c.id == r.conversation).where(r.state == "queued")).all()
    asked = select(*_OFFER, o.request.label("need")).join(t.handoff_request, r.id == o.request).where(r.state == "queued")
    history = _history(db, asked, {row.id: row.aimed_at for row in rows}, house)
    return [
        _need(
            house,
            row,
            history.get(row.id, NEVER_ASKED),
            now=now,
            priority=row.priority,
            language=row.language,
            channel=row.channel,
            person=row.person,
            owner=row.owner,
            since=row.aimed_at,
        )
        for row in rows
    ]


def calls(db: Connection, house: House, now: datetime) -> list[Need]:
    """The promised calls that are due and with nobody, but for those that wait for the morning where the patient is. They keep the age of
    the wait that they come from; the circle widens from when they are due."""
    k, r, c = t.callback.c, t.handoff_request.c, t.conversation.c
    columns = (k.id, k.conversation, k.queue_age_from, k.language, r.team, r.topic, c.unsafe, DUE.label("due"), *_WHEN)
    found = select(*columns).join(t.conversation, c.id == k.conversation).join(t.handoff_request, r.id == k.handoff_request, isouter=True)
    due = db.execute(found.where(*_FREE, now >= DUE)).all()
    rows = [row for row in due if row.unsafe or windows.rests_until(house, row._mapping, now) is None]
    asked = select(*_OFFER, o.callback.label("need")).join(t.callback, k.id == o.callback).where(*_FREE)
    history = _history(db, asked, {row.id: row.due for row in rows}, house)
    return [
        _need(
            house,
            row,
            history.get(row.id, NEVER_ASKED),
            now=now,
            priority=SAFETY if row.unsafe else PROMISED,
            language=row.language,
            channel=CALL,
            since=row.due,
        )
        for row in rows
    ]


def next_calls(db: Connection, house: House, now: datetime) -> list[datetime]:
    """When the next promised call becomes due, and when the night of those that are late is over."""
    coming = db.execute(select(DUE).where(*_FREE, now < DUE).order_by(DUE).limit(1)).scalars().all()
    late = db.execute(select(*_WHEN).where(*_FREE, now >= DUE)).mappings()
    return [*coming, *(until for row in late if (until := windows.rests_until(house, row, now)) is not None)]


@dataclass(frozen=True)
class Asked:
    """Whom one need is before, who let it pass since it was passed on or due, until when which of them rest, and who said no to it."""

    before: str | None = None
    passed: Mapping[str, datetime] = field(default_factory=dict)
    rejected: frozenset[str] = frozenset()


NEVER_ASKED = Asked()


def _history(db: Connection, asked: Select[Any], since: Mapping[str, datetime | None], house: House) -> dict[str, Asked]:
    """By need; `asked` selects the offers of those that are in line."""
    before: dict[str, str] = {}
    passed: dict[str, dict[str, datetime]] = {}
    rejected: dict[str, set[str]] = {}
    for row in db.execute(asked):
        begins = since.get(row.need)
        if row.state == "pending":
            before[row.need] = row.staff
        elif row.state in PASSED and (begins is None or row.made_at >= begins):
            rests = row.ended_at + house.routing.teams.rules.again
            known = passed.setdefault(row.need, {})
            known[row.staff] = max(rests, known.get(row.staff, rests))
            if row.state == Ended.REJECTED:
                rejected.setdefault(row.need, set()).add(row.staff)
    return {need: Asked(before.get(need), passed.get(need, {}), frozenset(rejected.get(need, ()))) for need in {*before, *passed}}


def _need(house: House, row: Any, asked: Asked, *, now: datetime, priority: int, language: str, owner: str = "", **told: Any) -> Need:
    longest = now + house.routing.teams.rules.again  # later ones are of a time before the clock was put back
    rest = asked.passed if priority != SAFETY else {staff: asked.passed[staff] for staff in asked.rejected}  # danger waits for no silence
    resting = {staff: until for staff, until in rest.items() if now < until <= longest}
    return Need(
        id=row.id,
        conversation=row.conversation,
        age_from=row.queue_age_from,
        team=row.team or house.routing.teams.fall_back,
        language=house.words.language(language),
        offered_to=asked.before,
        passed=frozenset(asked.passed),
        resting=frozenset(resting),
        owner=_owner(owner),
        passed_at=max(asked.passed.values()) - house.routing.teams.rules.again if asked.passed else None,
        rested_at=min(resting.values(), default=None),
        topic=row.topic or "",
        priority=priority,
        **told,
    )


def _owner(owner: str) -> str | None:
    """Whoever passed it on has it until it is taken."""
    return owner.removeprefix(STAFF) if owner.startswith(STAFF) else None


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
    """What each one carries now, calls too; a parked conversation weighs nothing."""
    c, weights = t.conversation.c, house.routing.teams.rules.weights
    held = c.state.in_((str(State.HUMAN), str(State.WAITING)))
    rows = db.execute(
        select(c.owner, c.channel, func.count().label("n")).where(held, c.owner.startswith(STAFF)).group_by(c.owner, c.channel)
    )
    loads: dict[str, int] = {}
    for row in rows:
        staff = row.owner.removeprefix(STAFF)
        loads[staff] = loads.get(staff, 0) + weights.get(row.channel, 1) * row.n
    calls = select(k.staff, func.count().label("n")).where(k.state.in_([str(state) for state in TAKEN])).group_by(k.staff)
    for row in db.execute(calls):
        loads[row.staff] = loads.get(row.staff, 0) + weights.get(CALL, 1) * row.n
    return loads


def _offered(db: Connection) -> dict[str, str]:
    pending = select(o.staff, func.coalesce(o.request, o.callback).label("need")).where(o.state == "pending")
    return {row.staff: row.need for row in db.execute(pending)}


def _helped(db: Connection, conversations: Iterable[str]) -> dict[str, set[str]]:
    """By member of staff, the conversations that they were the last to take, of those that wait for somebody."""
    m, r = t.move.c, t.handoff_request.c
    wanted = select(r.conversation).where(r.state == "queued").union_all(select(k.conversation).where(*_FREE))
    taken = and_(m.event == str(Event.TAKEN), m.conversation.in_(wanted))
    last = {row.conversation: row.to_owner for row in db.execute(select(m.conversation, m.to_owner).where(taken).order_by(m.at, m.id))}
    helped: dict[str, set[str]] = {}
    for conversation in conversations:
        if conversation in last:
            helped.setdefault(last[conversation].removeprefix(STAFF), set()).add(conversation)
    return helped
