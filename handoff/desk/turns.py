"""The bot's turns: what it is asked, what its answer changes, and what happens when there is none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, bindparam, select

from handoff import jobs
from handoff.channels import CHANNELS
from handoff.conversation import BOT, Event, State
from handoff.danger import Danger
from handoff.desk import assessing, audit, deciding, line, responses
from handoff.desk.answer import LISTEN, BotAnswer, Reply
from handoff.desk.assessing import NOT_UNDERSTOOD
from handoff.desk.orders import Cause, Reason, act
from handoff.desk.patients import unsafe
from handoff.desk.thread import Thread, open_thread
from handoff.desk.work import House, Work
from handoff.history import History
from handoff.store import tables as t
from handoff.triage import Assessment

__all__ = ["BotAnswer", "Reply", "bot_answered", "bot_failed", "drop_turn", "heard", "turn_of"]

_TURN = (
    select(t.conversation, t.message.c.text, t.message.c.pressed_to, t.message.c.pressed_payload)
    .outerjoin(t.message, t.message.c.id == bindparam("message"))
    .where(t.conversation.c.id == bindparam("conversation"))
)


def turn_of(db: Connection, house: House, payload: dict[str, Any]) -> dict[str, Any] | None:
    """The bot's request (section 6 of the design) for an `ask_bot` or `listen` job; None where it is to answer and no longer may.

    It is asked while the patient chooses, too: what they had written before is an answer, or danger, all the same.
    """
    row = db.execute(_TURN, {"conversation": payload["conversation"], "message": payload.get("message")}).mappings().first()
    if row is None or (payload.get("kind") != LISTEN and (row["owner"] != BOT or row["epoch"] != payload["epoch"])):
        return None
    pressed = row["pressed_to"] == "bot"
    abilities = CHANNELS[row["channel"]]
    return {
        "conversation": row["id"],
        "message": payload.get("message") or payload["turn"],
        "kind": payload.get("kind") or ("button" if pressed else "text"),
        "text": None if pressed else row["text"],
        "payload": row["pressed_payload"] if pressed else None,
        "locale": house.words.language(row["locale"]),
        "abilities": {"buttons": abilities.buttons, "max_length": abilities.max_length},
        "clinic": house.clinic(row["locale"]),
        "survey": _survey_state(db, house, row["id"], row["survey"]),
        "meanwhile": list(row["meanwhile"]),
    }


def _survey_state(db: Connection, house: House, conversation: str, survey: str) -> dict[str, Any]:
    response = responses.latest(db, conversation, survey)
    if response is None:
        return {"id": survey, "progress": {}, "asked": None, "attempt": 1, "state": "not_started"}
    given = responses.progress(db, response["id"])
    if response["disposition"] == "contacted" and response["asked"] is None and not given:  # begun by us, for a text after a long silence
        return {"id": survey, "progress": {}, "asked": None, "attempt": 1, "state": "not_started"}
    ended = {"completed": "completed", "refused": "refused"}.get(response["disposition"], "stopped")
    return {
        "id": survey,
        "progress": {question: {"value": answer.value, "state": answer.state} for question, answer in given.items()},
        "asked": response["asked"],
        "attempt": response["attempt"],
        "state": "open" if response["finished_at"] is None else ended,
    }


def bot_answered(work: Work, lease: jobs.Lease, payload: dict[str, Any], answer: BotAnswer) -> bool:
    """Apply an answer, if the bot still owns the conversation in the same epoch; else drop its words and note that. Danger is heard
    whoever has the conversation by now, and whatever the patient has pressed meanwhile.

    Returns whether it was applied. Raises `Fenced` when another runner has the job by now.
    """
    jobs.finish(work.db, lease, now=work.now)
    thread = open_thread(work, payload["conversation"])
    message = payload.get("message")
    made, history = _assessed(thread, message, answer)
    danger = deciding.danger_of(answer, made)
    if thread.core.owner != BOT or thread.core.epoch != payload["epoch"]:
        return _discard(thread, payload, made, danger)
    for signal in answer.signals if danger is None else ():  # nothing of a message of danger is an answer
        responses.note(thread, signal, message=message)
    if thread.core.state is not State.BOT:  # the patient has been shown the routes meanwhile: answers count, words would confuse
        return _discard(thread, payload, made, danger)
    thread.row["meanwhile"] = []
    deciding.follow(thread, answer, message, made, history)
    thread.save()
    return True


def _assessed(thread: Thread, message: str | None, answer: BotAnswer) -> tuple[Assessment | None, History]:
    """None where the message was a button, or there is none."""
    told = assessing.read_message(thread.work.db, message)
    history = assessing.history_of(thread, told) if told else History()
    if told is None:
        return None, history
    return assessing.decide(thread, told, answer.understanding, history, called=deciding.called_danger(answer)), history


def _discard(thread: Thread, payload: dict[str, Any], made: Assessment | None, danger: Danger | None) -> bool:
    audit.note(thread.work, "bot", "bot_reply_discarded", thread.id, epoch=payload["epoch"])
    _heed_danger(thread, payload.get("message"), made, danger)
    thread.save()
    return False


def _heed_danger(thread: Thread, message: str | None, made: Assessment | None, danger: Danger | None) -> None:
    if danger is not None and not thread.core.unsafe and not _was_closed_by_staff(thread):
        unsafe(thread, danger, message, who="bot", spoken=made.language if made else None)


def heard(work: Work, lease: jobs.Lease, payload: dict[str, Any], answer: BotAnswer) -> None:
    """What the bot only listened to: danger in it counts, whoever has the conversation by now, and nothing else does. Raises `Fenced`."""
    jobs.finish(work.db, lease, now=work.now)
    thread = open_thread(work, payload["conversation"])
    understood = answer.understanding
    if understood is not None and understood.intent == NOT_UNDERSTOOD:
        answer = replace(answer, understanding=replace(understood, intent=""))  # nobody has failed to understand who was not answered
    made, _ = _assessed(thread, payload["message"], answer)
    _heed_danger(thread, payload["message"], made, deciding.danger_of(answer, made))
    if thread.moved:
        thread.save()


def _was_closed_by_staff(thread: Thread) -> bool:
    """Then somebody has read it all."""
    m = t.move.c
    newest = select(m.event).where(m.conversation == thread.id).order_by(m.at.desc(), m.id.desc()).limit(1)
    return thread.is_closed() and thread.work.db.execute(newest).scalar_one_or_none() == str(Event.STAFF_CLOSED)


def bot_failed(work: Work, lease: jobs.Lease, payload: dict[str, Any], code: str) -> None:
    """No answer came: the patient is told and shown the routes, unless they asked for nothing. Raises `Fenced`."""
    jobs.finish(work.db, lease, now=work.now)
    thread = open_thread(work, payload["conversation"])
    if thread.core.state is State.BOT and thread.core.epoch == payload["epoch"] and not payload.get("unasked"):
        told = assessing.read_message(work.db, payload.get("message"))
        made = assessing.decide(thread, told, None, assessing.history_of(thread, told)) if told else None
        unanswered = None if payload.get("kind") else payload.get("message")  # a turn of another kind answers no message
        act(thread, Event.BOT_FAILED, Cause("bot", reason=Reason("bot_failed", unanswered, "", code)))
        for reason in assessing.reasons_of(made) if made else ():
            line.add_reason(thread, reason)
        thread.save()


def drop_turn(work: Work, lease: jobs.Lease) -> None:
    """The turn is no longer the bot's. Raises `Fenced`."""
    jobs.finish(work.db, lease, now=work.now)
