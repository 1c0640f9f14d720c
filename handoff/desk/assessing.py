"""Assessing a patient's message with all that the store knows of what came before it, and keeping what was decided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from handoff.conversation import Event
from handoff.danger import Danger
from handoff.desk import responses
from handoff.desk.arrivals import REACHED
from handoff.desk.orders import Reason
from handoff.desk.thread import Thread
from handoff.history import History, Message
from handoff.points import Evidence, matters
from handoff.store import tables as t
from handoff.survey import low_score
from handoff.triage import Assessment, Cause, assess, evidence_of
from handoff.understanding import Understanding

NOT_UNDERSTOOD = "nlu_fallback"  # the bot's intent
LOOK_BACK = 10  # messages
_m, _r, _v = t.message.c, t.handoff_request.c, t.move.c
_written = (_m.author == "patient", _m.pressed.is_(None))
_own = t.message.alias()
_place = select(_own.c.seq).where(_own.c.id == bindparam("message")).scalar_subquery()
# Statements of every turn are built once: building costs more than running them.
_READ = select(_m.id, _m.text, _m.at).where(_m.id == bindparam("message"), *_written)
_EARLIER = (
    select(_m.id, _m.text, _m.at)
    .where(_m.conversation == bindparam("conversation"), _m.episode == bindparam("episode"), _m.seq < _place, *_written)
    .order_by(_m.seq.desc())
    .limit(LOOK_BACK)
)
_GIVEN = select(t.assessment.c.given).where(t.assessment.c.message.in_(bindparam("messages", expanding=True)))
_REQUESTS = select(_r.episode, _r.reasons, REACHED.label("reached")).where(_r.conversation == bindparam("conversation"))
_FAILED = select(func.count()).where(
    _v.conversation == bindparam("conversation"), _v.event == str(Event.BOT_FAILED), _v.at >= bindparam("since", type_=t.Moment())
)
_KEEP = t.assessment.insert()
ONCE = frozenset({"frustrated", "complex", "low_score"})  # a person is offered for these once in an episode


def read_message(db: Connection, message: str | None) -> Message | None:
    """A message that a patient wrote; None for a button that was pressed, and for none."""
    row = db.execute(_READ, {"message": message}).first()
    return None if row is None else Message(row.id, row.text, row.at)


def history_of(thread: Thread, message: Message) -> History:
    """What came before `message` in this episode. To be read before the bot's answer to it is noted."""
    db, id_ = thread.work.db, thread.id
    earlier = _earlier(thread, message)
    response = responses.latest(db, id_, thread.row["survey"])
    is_open = response is not None and response["finished_at"] is None
    given = db.execute(_GIVEN, {"messages": [one.id for one in earlier]}).scalars() if earlier else ()
    requests = db.execute(_REQUESTS, {"conversation": id_}).all()
    failed = db.execute(_FAILED, {"conversation": id_, "since": (earlier or (message,))[0].at}).scalar_one()
    return History(
        earlier=earlier,
        asked=response["attempt"] if response is not None and is_open else 1,
        not_understood=sum((one.get("understanding") or {}).get("intent") == NOT_UNDERSTOOD for one in given),
        low_score=response is not None and _is_low(thread, response),
        came_before=sum(row.episode < thread.row["episode"] and row.reached for row in requests),
        bot_failed=failed,
        offered=frozenset().union(*(_offered(one) for row in requests if row.episode == thread.row["episode"] for one in row.reasons)),
    )


def _offered(reason: Mapping[str, Any]) -> frozenset[str]:
    """Of a handoff request's reason: itself, and what it was about."""
    rules = (reason.get("rule", ""), *(one["rule"] for one in reason.get("evidence", ())))
    return matters(reason["reason"], rules) | {reason["reason"]}


def _earlier(thread: Thread, message: Message) -> tuple[Message, ...]:
    here = {"conversation": thread.id, "episode": thread.row["episode"], "message": message.id}
    rows = thread.work.db.execute(_EARLIER, here).all()
    return tuple(Message(row.id, row.text, row.at) for row in reversed(rows))


def _is_low(thread: Thread, response: Mapping[str, Any]) -> bool:
    survey = thread.work.house.surveys.get(response["survey"])
    return survey is not None and low_score(survey, responses.progress(thread.work.db, response["id"]))


def decide(
    thread: Thread, message: Message, understanding: Understanding | None, history: History, *, called: Danger | None = None
) -> Assessment:
    """Assess and keep: what was decided, by which rules, and on what. `called`: what the bot itself calls danger."""
    work = thread.work
    made = assess(message, understanding, history, work.house.routing.rules, called=called)
    given = {"understanding": understanding.as_dict() if understanding else None, "history": history.counts()}
    row = {
        "id": work.ids.new(),
        "conversation": thread.id,
        "message": message.id,
        "level": str(made.level),
        "priority": made.priority,
        "reasons": made.as_reasons(),
        "topic": made.topic,
        "language": made.language,
        "version": made.version,
        "given": given,
        "at": work.now,
    }
    work.db.execute(_KEEP, row)
    return made


def reason_of(cause: Cause, made: Assessment) -> Reason:
    """A cause as the reason of a handoff request: the strongest rule in front, all evidence with it."""
    return Reason(cause.reason, made.message, cause.best.words, cause.best.rule, made.version, tuple(map(_brief, cause.evidence)))


def reason_of_danger(danger: Danger, message: str | None, version: str) -> Reason:
    """The same of a safety matter, in words or in none."""
    found = evidence_of(danger)
    return Reason("unsafe", message, found.words, found.rule, version, (_brief(found),))


def _brief(one: Evidence) -> dict[str, Any]:
    return {"rule": one.rule, "source": one.source, "score": one.score, "points": one.points}


def reasons_of(made: Assessment) -> list[Reason]:
    """Every cause that is enough to hand over, as reasons."""
    return [reason_of(cause, made) for cause in made.causes[: made.enough]]


def cause_of(made: Assessment, reason: str) -> Cause | None:
    return next((cause for cause in made.causes if cause.reason == reason), None)


def new_offer(made: Assessment, history: History) -> Cause | None:
    """The cause for which a person is to be offered now: once in an episode for what it is about."""
    return next((cause for cause in made.offers if cause.reason not in ONCE or not cause.matters <= history.offered), None)
