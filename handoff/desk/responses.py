"""Survey responses: what the bot's signals mean for the record. Every answer is stored as it is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update

from handoff import signals as sig
from handoff.desk.thread import Thread
from handoff.gone_wrong import has_gone_wrong
from handoff.reading import read_answer
from handoff.store import tables as t
from handoff.survey import Given, Survey, disposition, next_question, sentiment

# Statements of every turn are built once: building costs more than running them.
_LATEST = (
    select(t.response)
    .where(t.response.c.conversation == bindparam("conversation"))
    .order_by(t.response.c.started_at.desc(), t.response.c.id.desc())
    .limit(1)
)
_UPDATE = update(t.response).where(t.response.c.id == bindparam("response"))
_LATEST_OF_SURVEY = _LATEST.where(t.response.c.survey == bindparam("survey"))
_PROGRESS = (
    select(t.answer.c.question, t.answer.c.value, t.answer.c.state)
    .where(t.answer.c.response == bindparam("response"))
    .order_by(t.answer.c.at, t.answer.c.id)
)

LONGEST_SCORE = 5  # words; more of them are a message
FOLLOW_UP = "follow_up"  # the question after every survey: shall we look into this and answer you?


def note(thread: Thread, signal: sig.Signal, *, message: str | None) -> None:
    """Record one survey signal; signals that are no survey's are left alone."""
    keep = _NOTES.get(type(signal))
    if keep is not None:
        keep(thread, signal, message)


def latest(db: Connection, conversation: str, survey: str | None = None) -> dict[str, Any] | None:
    """The newest response of a conversation (to `survey`)."""
    query = _LATEST if survey is None else _LATEST_OF_SURVEY
    found = db.execute(query, {"conversation": conversation, "survey": survey}).first()
    return None if found is None else dict(found._mapping)


def progress(db: Connection, response: str) -> dict[str, Given]:
    """The answers of a response so far, in the order in which they were given."""
    rows = db.execute(_PROGRESS, {"response": response})
    return {row.question: Given(row.value, row.state) for row in rows}


def end_open(thread: Thread, *, ended: str) -> None:
    """Give every unfinished response its disposition: partial, breakoff, refused ..."""
    r = t.response.c
    for row in thread.work.db.execute(select(t.response).where(r.conversation == thread.id, r.finished_at.is_(None))).all():
        survey = thread.work.house.surveys.get(row.survey)
        if survey is not None:
            _update(thread, row.id, disposition=_disposition(thread, survey, row.id, ended), finished_at=thread.work.now)


def ask_score(thread: Thread) -> None:
    """The question about the talk with staff (config/surveys/csat.yml), put by the service, once per human stretch."""
    survey = next((survey for survey in thread.work.house.surveys.values() if survey.purpose == "post_chat"), None)
    question = None if survey is None else next_question(survey, {})
    if survey is None or question is None:
        return
    language = thread.work.house.words.language(thread.locale)
    _start(thread, survey.id, survey.version, asked=question.id, state="invited")
    buttons = [{"title": option.label[language], "payload": f"score:{option.value}", "to": "service"} for option in question.options]
    thread.add("service", question.text[language].format(clinic=thread.work.house.clinic(thread.locale)), buttons=buttons)


def take_score(thread: Thread, value: str, *, message: str) -> None:
    """Record the answer to `ask_score`; a second press is ignored."""
    survey = next((survey for survey in thread.work.house.surveys.values() if survey.purpose == "post_chat"), None)
    response = None if survey is None else _newest(thread, survey.id)
    if survey is None or response is None or response["finished_at"] is not None:
        return
    option = next((option for option in survey.question(response["asked"]).options if option.value == value), None)
    if option is not None:
        label = option.label[thread.work.house.words.language(thread.locale)]
        _keep_answer(thread, response["id"], response["asked"], "answered", value, label, message)
        _update(thread, response["id"], disposition="completed", finished_at=thread.work.now, asked=None)
        thread.say("scored")


def begin_anew(thread: Thread) -> None:
    """A new response to the thread's survey; what was left open is ended as it stands."""
    end_open(thread, ended="idle")
    survey = thread.work.house.surveys[thread.row["survey"]]
    _start(thread, survey.id, survey.version)


def read_score(thread: Thread, text: str) -> str | None:
    """The answer to `ask_score` in typed words ("4", "very satisfied", "bien"), while it is open; None for anything longer, and for
    praise that is none."""
    survey = next((survey for survey in thread.work.house.surveys.values() if survey.purpose == "post_chat"), None)
    response = None if survey is None else _newest(thread, survey.id)
    if survey is None or response is None or response["finished_at"] is not None or len(text.split()) > LONGEST_SCORE:
        return None
    question = survey.question(response["asked"])
    value = read_answer(question, text, thread.work.house.words.language(thread.locale)).value
    return None if (sentiment(question, Given(value)) or 0) > 0 and has_gone_wrong(text) else value


def answers_open(thread: Thread, text: str) -> bool:
    """Does `text` answer the question that the thread's survey left open? Any words answer a question for words."""
    response = latest(thread.work.db, thread.id, thread.row["survey"])
    survey = thread.work.house.surveys.get(thread.row["survey"])
    if response is None or survey is None or response["asked"] is None:
        return False
    question = next((question for question in survey.questions if question.id == response["asked"]), None)
    if question is None:  # whether somebody should look into it: yes or no, in whatever words
        return response["asked"] == FOLLOW_UP and len(text.split()) <= LONGEST_SCORE
    return bool(read_answer(question, text, thread.work.house.words.language(thread.locale)))


def keep_sessions(thread: Thread, *, until: datetime) -> None:
    """A patient who was promised an answer here can come back for it."""
    s = t.patient_session.c
    open_ones = (s.conversation == thread.id, s.revoked_at.is_(None), s.expires_at < until)
    thread.work.db.execute(update(t.patient_session).where(*open_ones).values(expires_at=until))


def _on_started(thread: Thread, signal: sig.SurveyStarted, message: str | None) -> None:
    if _open(thread, signal.survey) is None:
        _start(thread, signal.survey, signal.version)


def _on_asked(thread: Thread, signal: sig.Asked, message: str | None) -> None:
    response = _newest(thread, signal.survey)
    if response is not None:
        _update(thread, response["id"], asked=signal.question, attempt=signal.attempt)


def _on_answered(thread: Thread, signal: sig.Answered, message: str | None) -> None:
    response = _open_or_start(thread, signal.survey)
    _keep_answer(thread, response, signal.question, "answered", signal.value, signal.label, message)
    _grade(thread, signal.survey, response)


def _on_skipped(thread: Thread, signal: sig.Skipped, message: str | None) -> None:
    response = _open_or_start(thread, signal.survey)
    _keep_answer(thread, response, signal.question, "skipped" if signal.reason == "skip" else "dont_know", None, None, message)
    _grade(thread, signal.survey, response)


def _on_retracted(thread: Thread, signal: sig.Retracted, message: str | None) -> None:
    response = _newest(thread, signal.survey)
    if response is not None:
        a = t.answer.c
        thread.work.db.execute(delete(t.answer).where(a.response == response["id"], a.question == signal.question))
        _update(thread, response["id"], finished_at=None)
        _grade(thread, signal.survey, response["id"])


def _on_restarted(thread: Thread, signal: sig.SurveyRestarted, message: str | None) -> None:
    """The old answers stay under their own response; a new one begins."""
    end_open(thread, ended="stopped")
    survey = thread.work.house.surveys[signal.survey]
    _start(thread, survey.id, survey.version)


def _on_completed(thread: Thread, signal: sig.SurveyCompleted, message: str | None) -> None:
    _finish(thread, signal.survey, "completed")


def _on_stopped(thread: Thread, signal: sig.SurveyStopped, message: str | None) -> None:
    _finish(thread, signal.survey, signal.reason)


_NOTES: Mapping[type, Callable[[Thread, Any, str | None], None]] = {
    sig.SurveyStarted: _on_started,
    sig.Asked: _on_asked,
    sig.Answered: _on_answered,
    sig.Skipped: _on_skipped,
    sig.Retracted: _on_retracted,
    sig.SurveyRestarted: _on_restarted,
    sig.SurveyCompleted: _on_completed,
    sig.SurveyStopped: _on_stopped,
}


def _newest(thread: Thread, survey: str) -> dict[str, Any] | None:
    """`latest`, read once a deed."""
    if survey not in thread.responses:
        thread.responses[survey] = latest(thread.work.db, thread.id, survey)
    return thread.responses[survey]


def _open(thread: Thread, survey: str) -> dict[str, Any] | None:
    response = _newest(thread, survey)
    return response if response is not None and response["finished_at"] is None else None


def _open_or_start(thread: Thread, survey: str) -> str:
    response = _open(thread, survey)
    return response["id"] if response is not None else _start(thread, survey, thread.work.house.surveys[survey].version)


def _start(thread: Thread, survey: str, version: str, *, asked: str | None = None, state: str = "contacted") -> str:
    new = {
        "id": thread.work.ids.new(),
        "conversation": thread.id,
        "episode": thread.row["episode"],
        "survey": survey,
        "version": version,
        "disposition": state,
        "asked": asked,
        "attempt": 1,
        "started_at": thread.work.now,
        "changed_at": thread.work.now,
        "finished_at": None,
    }
    thread.work.db.execute(t.response.insert(), new)
    thread.responses[survey] = new
    return str(new["id"])


def _keep_answer(
    thread: Thread, response: str, question: str, state: str, value: str | None, label: str | None, message: str | None
) -> None:
    db = thread.work.db
    a = t.answer.c
    db.execute(delete(t.answer).where(a.response == response, a.question == question))
    db.execute(
        t.answer.insert().values(
            id=thread.work.ids.new(),
            response=response,
            conversation=thread.id,
            question=question,
            state=state,
            value=value,
            label=label,
            message=message,
            at=thread.work.now,
        )
    )


def _grade(thread: Thread, survey: str, response: str) -> None:
    known = thread.work.house.surveys.get(survey)
    if known is not None:
        _update(thread, response, disposition=_disposition(thread, known, response, "open"))


def _finish(thread: Thread, survey: str, ended: str) -> None:
    known, response = thread.work.house.surveys.get(survey), _open(thread, survey)
    if known is not None and response is not None:
        _update(
            thread, response["id"], disposition=_disposition(thread, known, response["id"], ended), finished_at=thread.work.now, asked=None
        )


def _disposition(thread: Thread, survey: Survey, response: str, ended: Any) -> str:
    return str(disposition(survey, progress(thread.work.db, response), ended=ended))


def _update(thread: Thread, response: str, **values: Any) -> None:
    values["changed_at"] = thread.work.now
    thread.work.db.execute(_UPDATE, {"response": response, **values})
    for known in thread.responses.values():
        if known is not None and known["id"] == response:
            known.update(values)
