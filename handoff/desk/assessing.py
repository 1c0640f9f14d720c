"""Assessing a patient's message with all that the store knows of what came before it, and keeping what was decided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, func, select

from handoff.conversation import Event
from handoff.desk import responses
from handoff.desk.orders import Reason
from handoff.desk.thread import Thread
from handoff.history import History, Message
from handoff.store import tables as t
from handoff.survey import low_score
from handoff.triage import Assessment, Cause, assess
from handoff.understanding import Understanding

LOOK_BACK = 10  # messages
ONCE = frozenset({"frustrated", "complex", "low_score"})  # a person is offered for these once in an episode


def read_message(db: Connection, message: str | None) -> Message | None:
    """A message that a patient wrote; None for a button that was pressed, and for none."""
    m = t.message.c
    row = db.execute(select(m.id, m.text, m.at).where(m.id == message, m.author == "patient", m.pressed.is_(None))).first()
    return None if row is None else Message(row.id, row.text, row.at)


def history_of(thread: Thread, message: Message) -> History:
    """What came before `message` in this episode. To be read before the bot's answer to it is noted."""
    db, id_ = thread.work.db, thread.id
    earlier = _earlier(thread, message)
    response = responses.latest(db, id_, thread.row["survey"])
    is_open = response is not None and response["finished_at"] is None
    a, r, v = t.assessment.c, t.handoff_request.c, t.move.c
    given = db.execute(select(a.given).where(a.message.in_([one.id for one in earlier]))).scalars() if earlier else ()
    requests = db.execute(select(r.episode, r.state, r.reasons).where(r.conversation == id_)).all()
    failed = select(func.count()).where(v.conversation == id_, v.event == str(Event.BOT_FAILED), v.at >= (earlier or (message,))[0].at)
    return History(
        earlier=earlier,
        asked=response["attempt"] if response is not None and is_open else 1,
        not_understood=sum((one.get("understanding") or {}).get("intent") == "nlu_fallback" for one in given),
        low_score=response is not None and _is_low(thread, response),
        came_before=sum(row.episode < thread.row["episode"] and row.state in ("assigned", "completed") for row in requests),
        bot_failed=db.execute(failed).scalar_one(),
        offered=frozenset(one["reason"] for row in requests if row.episode == thread.row["episode"] for one in row.reasons),
    )


def _earlier(thread: Thread, message: Message) -> tuple[Message, ...]:
    m = t.message.c
    seq = select(m.seq).where(m.id == message.id).scalar_subquery()
    written = (m.conversation == thread.id, m.author == "patient", m.pressed.is_(None), m.episode == thread.row["episode"], m.seq < seq)
    rows = thread.work.db.execute(select(m.id, m.text, m.at).where(*written).order_by(m.seq.desc()).limit(LOOK_BACK)).all()
    return tuple(Message(row.id, row.text, row.at) for row in reversed(rows))


def _is_low(thread: Thread, response: Mapping[str, Any]) -> bool:
    survey = thread.work.house.surveys.get(response["survey"])
    return survey is not None and low_score(survey, responses.progress(thread.work.db, response["id"]))


def decide(thread: Thread, message: Message, understanding: Understanding | None, history: History) -> Assessment:
    """Assess and keep: what was decided, by which rules, and on what."""
    work = thread.work
    made = assess(message, understanding, history, work.house.routing.rules)
    given = {"understanding": understanding.as_dict() if understanding else None, "history": history.counts()}
    work.db.execute(
        t.assessment.insert().values(
            id=work.ids.new(),
            conversation=thread.id,
            message=message.id,
            level=str(made.level),
            priority=made.priority,
            reasons=made.as_reasons(),
            topic=made.topic,
            language=made.language,
            version=made.version,
            given=given,
            at=work.now,
        )
    )
    return made


def reason_of(cause: Cause, made: Assessment) -> Reason:
    """A cause as the reason of a handoff request: the strongest rule in front, all evidence with it."""
    evidence = tuple({"rule": one.rule, "source": one.source, "score": one.score, "points": one.points} for one in cause.evidence)
    return Reason(cause.reason, made.message, cause.best.words, cause.best.rule, made.version, evidence)


def reasons_of(made: Assessment) -> list[Reason]:
    """Every cause that is enough to hand over, as reasons."""
    return [reason_of(cause, made) for cause in made.causes[: made.enough]]


def cause_of(made: Assessment, reason: str) -> Cause | None:
    return next((cause for cause in made.causes if cause.reason == reason), None)


def new_offer(made: Assessment, history: History) -> Cause | None:
    """The cause for which a person is to be offered now: once for a cause in an episode."""
    return next((cause for cause in made.offers if cause.reason not in ONCE or cause.reason not in history.offered), None)
