"""The watch over promises: each is looked at before its end, so that none is missed in silence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from handoff import callback as machine
from handoff import jobs, promise
from handoff.desk import audit, callbacks
from handoff.desk.promises import is_watched, plan, settle
from handoff.desk.thread import Thread, open_thread
from handoff.desk.work import Work
from handoff.errors import NotFound
from handoff.promise import Kind, Stage
from handoff.store import tables as t

ON_THE_PHONE = timedelta(minutes=1)  # until it is looked again whether a call that rings is talked on
BY_HAND = timedelta(minutes=15)  # whoever has taken a call and dials themselves may be talking at its end


def watch(work: Work, lease: jobs.Lease, payload: Mapping[str, Any]) -> None:
    """Look at a promise: tell supervisors, tell the patient, or note that it is broken. Raises `Fenced`."""
    jobs.finish(work.db, lease, now=work.now)
    try:
        thread = open_thread(work, payload["conversation"])
    except NotFound:
        return
    row = (
        work.db.execute(select(t.promise).where(t.promise.c.id == payload["promise"], t.promise.c.state.in_(("open", "broken"))))
        .mappings()
        .first()
    )
    if row is None:
        return
    if row["state"] == "broken":
        _escalate(thread, row["id"])
        return
    kind = Kind(row["kind"])
    again = _WATCHES[kind](thread, row["id"], row["due_at"], promise.stage(kind, row["due_at"], work.now))
    plan(work, thread.id, row["id"], again or promise.next_look(kind, row["due_at"], work.now))
    thread.listed = True
    thread.save()


def _watch_callback(thread: Thread, promise_id: str, due: datetime, stage: Stage) -> datetime | None:
    """When to look again, if it must be sooner than planned."""
    row = callbacks.find_open(thread.work.db, thread.id)
    if row is None or row["promise"] != promise_id:
        return None
    callback = callbacks.OpenCallback(thread, row)
    by_hand = callback.state is machine.State.CLAIMED and due <= thread.work.now < due + BY_HAND
    if callback.state in machine.UNDER_WAY or by_hand:
        return thread.work.now + ON_THE_PHONE
    if stage is Stage.BROKEN:
        callback.step(machine.Event.WINDOW_MISSED)
        callback.save()
        _alert(thread, promise_id, stage)
        return thread.work.now + callbacks.ESCALATE
    if stage is Stage.TELL and callback.state is not machine.State.CLAIMED:
        callbacks.say_late(thread, "callback.running_late")
    _alert(thread, promise_id, stage)
    return None


def _escalate(thread: Thread, promise_id: str) -> None:
    """Still not made, whoever took it or gave it back: a supervisor decides. The patient was told when it was missed."""
    row = callbacks.find_open(thread.work.db, thread.id)
    if row is None or row["promise"] != promise_id or is_watched(thread.work.db, thread.id, promise_id):
        return  # whoever took it since has a time of their own
    callback = callbacks.OpenCallback(thread, row)
    if callback.state in machine.UNDER_WAY:
        plan(thread.work, thread.id, promise_id, thread.work.now + ON_THE_PHONE)
    elif machine.Event.ESCALATED in machine.allowed(callback.core):
        callback.step(machine.Event.ESCALATED)
        callback.save()
        thread.listed = True
        thread.save()


def _watch_answer(thread: Thread, promise_id: str, due: datetime, stage: Stage) -> datetime | None:
    if stage is Stage.TELL:
        thread.say("promise_late")
    elif stage is Stage.BROKEN:
        settle(thread.work, promise_id, "broken")
    _alert(thread, promise_id, stage)
    return None


def _alert(thread: Thread, promise_id: str, stage: Stage) -> None:
    """Supervisors see it in every console that is open, and the audit keeps that they could."""
    audit.note(thread.work, "timer", "promise_at_risk", thread.id, promise=promise_id, stage=stage.name.lower())


_WATCHES: Mapping[Kind, Callable[[Thread, str, datetime, Stage], datetime | None]] = {
    Kind.CALLBACK: _watch_callback,
    Kind.ANSWER_HERE: _watch_answer,
}
