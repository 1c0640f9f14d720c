"""The line of those who wait for a person: handoff requests, who is ahead, who is here."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, and_, bindparam, exists, func, literal_column, or_, select, update

from handoff import routing
from handoff.conversation import QUEUE, Event, State
from handoff.desk import offers, staffing
from handoff.desk.thread import Thread
from handoff.desk.work import House, Work
from handoff.routing import CALL, estimate, in_order, place
from handoff.store import tables as t

if TYPE_CHECKING:
    from handoff.desk.orders import Reason

NOBODY_HERE = "nobody_here"  # the note that whoever waits was told so
OPEN = ("created", "queued", "assigned")
RECENT, MOST_TAKES = timedelta(hours=2), 21  # of takes that tell how fast the line moves
SAFETY = 0

# Statements of every move are built once: building costs more than running them.
_REQUEST = select(t.handoff_request).where(
    t.handoff_request.c.conversation == bindparam("conversation"),
    t.handoff_request.c.state.in_([literal_column(f"'{one}'") for one in OPEN]),
)
_UPDATE = update(t.handoff_request).where(t.handoff_request.c.id == bindparam("request"))
_CASE = select(t.case).where(t.case.c.conversation == bindparam("conversation"), t.case.c.state != "closed")
_SOMEONE = (
    select(t.presence.c.socket)
    .join(t.staff, t.staff.c.id == t.presence.c.staff)
    .where(t.presence.c.lease_until > bindparam("at", type_=t.Moment()), t.staff.c.available.is_(True), t.staff.c.disabled_at.is_(None))
    .limit(1)
)
_JOINED = t.move.alias("joined")
_CAME = (
    select(func.max(_JOINED.c.at))
    .where(
        _JOINED.c.conversation == t.move.c.conversation,
        _JOINED.c.to_state == str(State.WAITING),
        _JOINED.c.from_state != str(State.WAITING),
        _JOINED.c.at <= t.move.c.at,
    )
    .scalar_subquery()
    .label("came")
)
_SEEN = select(func.max(t.presence.c.lease_until)).where(t.presence.c.staff == bindparam("person"))


def open_request(db: Connection, conversation: str) -> dict[str, Any] | None:
    """The one open handoff request of a conversation."""
    found = db.execute(_REQUEST, {"conversation": conversation}).first()
    return None if found is None else dict(found._mapping)


def add_reason(thread: Thread, reason: Reason) -> None:
    """Open a request, or add a reason to the one that is open; its age stays."""
    work = thread.work
    evidence: dict[str, Any] = {"reason": reason.reason, "rule": reason.rule, "message": reason.message, "words": reason.words[:200]}
    evidence |= {"version": reason.version, "evidence": list(reason.evidence)} if reason.version else {}
    priority = 1 if reason.reason in ("asked", "bot_failed", "clinical") else 2
    request = open_request(work.db, thread.id)
    if request is None:
        work.db.execute(
            t.handoff_request.insert().values(
                id=work.ids.new(),
                conversation=thread.id,
                episode=thread.row["episode"],
                state="created",
                priority=priority,
                queue_age_from=work.now,
                language=thread.locale,
                topic=_topic(thread),
                reasons=[evidence],
                created_at=work.now,
            )
        )
    else:
        _update(thread, request["id"], reasons=[*request["reasons"], evidence], priority=min(priority, request["priority"]))


def _topic(thread: Thread) -> str | None:
    """What the patient's words are about: the newest that were assessed and have a topic of config/routing.yml."""
    a = t.assessment.c
    known = a.topic.in_(thread.work.house.routing.rules.topics)
    newest = select(a.topic).where(a.conversation == thread.id, known).order_by(a.at.desc(), a.id.desc()).limit(1)
    return thread.work.db.execute(newest).scalar_one_or_none()


def queue(thread: Thread) -> None:
    """Put the open request in line at its original age, for the team of its topic; a safety matter goes before everybody."""
    request, work = open_request(thread.work.db, thread.id), thread.work
    if request is not None:
        values = {"state": "queued", "priority": SAFETY if thread.core.unsafe else request["priority"]}
        if request["aimed_at"] is None:
            values["team"] = work.house.routing.teams.team_of(request["topic"] or "", work.now, work.house.hours)
        _update(thread, request["id"], **values)


def leave(thread: Thread) -> None:
    """Out of line while the patient chooses anew: nobody is told that they are ahead. The age stays."""
    request = open_request(thread.work.db, thread.id)
    if request is not None:
        offers.settle_request(thread.work, request["id"])
        _update(thread, request["id"], state="created")


def speak(thread: Thread, language: str | None) -> bool:
    """Go on in `language`, if it is one of ours; of those in line, whoever speaks it comes first for this patient.

    Returns whether it is another than before.
    """
    words = thread.work.house.words
    if language not in words.languages or language == words.language(thread.locale):
        return False
    thread.row["locale"] = language
    request = open_request(thread.work.db, thread.id)
    if request is not None:
        _update(thread, request["id"], language=thread.locale)
        thread.work.look_at_line()
    return True


def waited_in_vain(thread: Thread) -> bool:
    """Has the longest wait passed since the open request was made?"""
    request, m = open_request(thread.work.db, thread.id), t.move.c
    if request is None:
        return False
    over = (m.conversation == thread.id, m.event == str(Event.WAITED_TOO_LONG), m.at >= request["created_at"])
    return thread.work.db.execute(select(m.id).where(*over).limit(1)).first() is not None


def aim(thread: Thread, *, team: str | None, person: str | None, note: str) -> None:
    """The open request is for that team or person from now on; `note` joins what colleagues read."""
    request = open_request(thread.work.db, thread.id)
    if request is not None:
        notes = "\n".join(part for part in (request["note"], note) if part)
        values = {"team": team} if team is not None else {}
        _update(thread, request["id"], person=person, aimed_at=thread.work.now, note=notes or None, **values)


def assign(thread: Thread, staff: str) -> None:
    """`staff` took it; whoever else was asked is asked no longer."""
    give_to(thread, staff)
    responded(thread.work, staff)


def responded(work: Work, staff: str) -> None:
    """They took a conversation or a call: they are not idle, and have missed nothing in a row."""
    work.db.execute(update(t.staff).where(t.staff.c.id == staff).values(missed=0, idle_since=work.now))


def give_to(thread: Thread, staff: str) -> None:
    """The open request is with `staff` from now on."""
    request, work = open_request(thread.work.db, thread.id), thread.work
    if request is not None:
        offers.settle_request(work, request["id"], taken_by=staff)
        _update(thread, request["id"], state="assigned", person=None, aimed_at=None)


def close(thread: Thread, state: str, *, outcome: str | None = None) -> None:
    request = open_request(thread.work.db, thread.id)
    if request is not None:
        offers.settle_request(thread.work, request["id"])
        _update(thread, request["id"], state=state, outcome=outcome, closed_at=thread.work.now)


def _update(thread: Thread, request: str, **values: Any) -> None:
    thread.work.db.execute(_UPDATE, {"request": request, **values})


def ahead(db: Connection, house: House, conversation: str, now: datetime) -> int:
    """How many come before this conversation, in line or to be phoned now; before its place in line, where it is not there yet."""
    r, mine = t.handoff_request.c, open_request(db, conversation)
    if mine is None or mine["state"] not in ("created", "queued"):
        return 0
    priority, age, own = mine["priority"], mine["queue_age_from"], mine["id"]
    earlier = or_(
        r.priority < priority,
        and_(r.priority == priority, r.queue_age_from < age),
        and_(r.priority == priority, r.queue_age_from == age, r.id < own),
    )
    waiting = int(db.execute(select(func.count()).where(r.state == "queued", earlier)).scalar_one())
    return waiting + sum(place(call) < (priority, age, own) for call in staffing.calls(db, house, now))


def places(db: Connection, house: House, now: datetime) -> dict[str, int]:
    """By conversation, how many come before each one that is in line: what `ahead` says of one, for all of them in one read."""
    needs = in_order(staffing.needs(db, house, now))
    return {need.conversation: before for before, need in enumerate(needs) if need.channel != CALL}


def wait_estimate(db: Connection, places: int, now: datetime) -> timedelta | None:
    """How long somebody with so many ahead will probably wait, from the pace at which the line moved lately; None: nobody can say.

    The line moves by one when somebody is taken, and began to stand still when the one before was, or when whoever was taken came, if
    that was later: an hour in which nobody waited is no pace.
    """
    m, c = t.move.c, t.conversation.c
    taken = (m.event == str(Event.TAKEN), m.from_state == str(State.WAITING), m.at > now - RECENT)
    takes = db.execute(select(m.at, _CAME).where(*taken).order_by(m.at.desc()).limit(MOST_TAKES)).all()
    moves = [later.at - max(earlier.at, later.came or earlier.at) for later, earlier in itertools.pairwise(takes)]
    first = db.execute(select(func.min(c.changed_at)).where(c.state == str(State.WAITING))).scalar_one()
    still = now - max(takes[0].at, first) if takes and first is not None else timedelta(0)
    return estimate(moves, places, still=still)


def has_room(db: Connection, house: House, channel: str, now: datetime) -> bool:
    """Is anybody here who could take one more now?"""
    rules = house.routing.teams.rules
    return any(routing.has_room(member, channel, rules) for member in staffing.members(db, house, now, ()))


def someone_here(db: Connection, now: datetime) -> bool:
    """Is any member of staff available, with a live connection?"""
    return db.execute(_SOMEONE, {"at": now}).first() is not None


def untold(db: Connection, most: int) -> list[str]:
    """Those in line who came while somebody was here, and were not told since that nobody is; whoever waits longest first."""
    c, m = t.conversation.c, t.move.c
    told = exists().where(m.conversation == c.id, m.event == NOBODY_HERE, m.at >= c.changed_at)
    waiting = (c.state == str(State.WAITING), c.owner == QUEUE, ~told)
    return list(db.execute(select(c.id).where(*waiting).order_by(c.changed_at, c.id).limit(most)).scalars())


def next_gone(db: Connection, now: datetime) -> datetime | None:
    """When the first of those who are here is gone, if nobody renews a lease; None where nobody is."""
    s, p = t.staff.c, t.presence.c
    here = (p.lease_until > now, s.available.is_(True), s.disabled_at.is_(None))
    ends = select(func.max(p.lease_until).label("until")).join(t.staff, s.id == p.staff).where(*here).group_by(p.staff).subquery()
    return db.execute(select(func.min(ends.c.until))).scalar_one_or_none()


def is_staff_here(db: Connection, staff: str, now: datetime) -> bool:
    """Is this member of staff available, with a live connection?"""
    return db.execute(_SOMEONE.where(t.staff.c.id == bindparam("person")), {"at": now, "person": staff}).first() is not None


def staff_seen(db: Connection, staff: str) -> datetime | None:
    """Until when their last connection was known to live."""
    return db.execute(_SEEN, {"person": staff}).scalar_one_or_none()


def staff_name(db: Connection, staff: str) -> str:
    return db.execute(select(t.staff.c.name).where(t.staff.c.id == staff)).scalar_one_or_none() or ""


def open_case(db: Connection, conversation: str) -> dict[str, Any] | None:
    found = db.execute(_CASE, {"conversation": conversation}).first()
    return None if found is None else dict(found._mapping)


def open_case_once(thread: Thread, kind: str) -> bool:
    """Open a case, unless one is open. Returns whether it did."""
    work = thread.work
    if open_case(work.db, thread.id) is not None:
        return False
    work.db.execute(t.case.insert().values(id=work.ids.new(), conversation=thread.id, kind=kind, state="open", opened_at=work.now))
    return True


def close_cases(thread: Thread, *, ended: str = "") -> None:
    """Close what is open, unless a call is promised: that is owed whatever else has ended. `ended`: the callback that ends now."""
    work, c = thread.work, t.callback.c
    if work.db.execute(select(c.id).where(c.conversation == thread.id, c.closed_at.is_(None), c.id != ended)).first() is not None:
        return
    work.db.execute(
        update(t.case).where(t.case.c.conversation == thread.id, t.case.c.state != "closed").values(state="closed", closed_at=work.now)
    )
    open_promises = (t.promise.c.conversation == thread.id, t.promise.c.state == "open")
    work.db.execute(update(t.promise).where(*open_promises).values(state="withdrawn", closed_at=work.now))
