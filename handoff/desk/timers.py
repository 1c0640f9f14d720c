"""What happens when nobody does anything: the one timer of each state."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from handoff import jobs
from handoff.conversation import TIMERS, Event
from handoff.desk import line
from handoff.desk.orders import Cause, act
from handoff.desk.thread import Thread, open_thread
from handoff.desk.work import Work
from handoff.store import tables as t


def ring_timer(work: Work, lease: jobs.Lease, payload: dict[str, Any]) -> None:
    """A timer went off: let its event happen, if the state is still the one that set it. Raises `Fenced`, `NotFound`."""
    jobs.finish(work.db, lease, now=work.now)
    thread = open_thread(work, payload["conversation"])
    event = Event(payload["event"])
    if TIMERS.get(thread.core.state) is event:
        _WHEN[event](thread)
        thread.save()


def _idle(thread: Thread) -> None:
    """A patient who has written since is not idle: look again when they would be."""
    wrote = thread.row["last_patient_at"] or thread.row["created_at"]
    due = wrote + thread.timer_length()
    if due > thread.work.now:
        thread.set_timer(due)
    else:
        act(thread, Event.IDLE, Cause("timer"))


def _choice(thread: Thread) -> None:
    act(thread, Event.CHOICE_TIMED_OUT, Cause("timer"))


def _waited(thread: Thread) -> None:
    act(thread, Event.WAITED_TOO_LONG, Cause("timer"))


def _watch_staff(thread: Thread) -> None:
    """Has the owner been gone too long? A lease lives 20 s, so the last one's end plus the rest is when they were lost."""
    work, staff = thread.work, thread.core.owner.removeprefix("staff:")
    grace = timedelta(seconds=work.house.settings.staff_lost_seconds)
    since = line.staff_seen(work.db, staff) or max(thread.row["changed_at"], _joined(thread))
    if since + grace > work.now:
        thread.set_timer(max(work.now + timedelta(seconds=5), min(since + grace, work.now + timedelta(seconds=20))))
    else:
        name = work.db.execute(select(t.staff.c.name).where(t.staff.c.id == staff)).scalar_one_or_none() or ""
        act(thread, Event.STAFF_LOST, Cause("timer", name=name))


def _joined(thread: Thread) -> Any:
    m = t.move.c
    newest = select(m.at).where(m.conversation == thread.id, m.event == str(Event.TAKEN)).order_by(m.at.desc()).limit(1)
    return thread.work.db.execute(newest).scalar_one_or_none() or thread.row["changed_at"]


def _park_over(thread: Thread) -> None:
    act(thread, Event.PARK_OVER, Cause("timer"))


_WHEN: Mapping[Event, Callable[[Thread], None]] = {
    Event.IDLE: _idle,
    Event.CHOICE_TIMED_OUT: _choice,
    Event.WAITED_TOO_LONG: _waited,
    Event.STAFF_LOST: _watch_staff,
    Event.PARK_OVER: _park_over,
}
