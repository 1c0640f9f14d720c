"""What happens when nobody does anything: the one timer of each state."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from handoff import jobs
from handoff.conversation import TIMERS, Event, State
from handoff.desk import asking, line
from handoff.desk.orders import Cause, act
from handoff.desk.thread import STAFF_WATCH, Thread, open_thread
from handoff.desk.work import Work
from handoff.store import tables as t

SOONEST = timedelta(seconds=5)  # between two looks at one conversation


def ring_timer(work: Work, lease: jobs.Lease, payload: dict[str, Any]) -> None:
    """A timer went off: let its event happen, if the state is still the one that set it. Raises `Fenced`, `NotFound`."""
    thread = open_thread(work, payload["conversation"])  # before the job, as whoever moves it does, so that neither waits for the other
    jobs.finish(work.db, lease, now=work.now)
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
    """Whoever waited in vain, or was leaving a message, is answered all the same: they have asked for somebody, and nobody came."""
    owed = asking.message_begun(thread) or line.waited_in_vain(thread)
    act(thread, Event.LEAVE_MESSAGE if owed else Event.CHOICE_TIMED_OUT, Cause("timer"))


def _waited(thread: Thread) -> None:
    """What was passed on and is taken by nobody goes back to whoever passed it on, if they are still there. Danger does not wait for it."""
    holder = thread.core.holder
    if holder is None:
        act(thread, Event.WAITED_TOO_LONG, Cause("timer"))
        return
    over = _passed_on_at(thread) + thread.longest_wait()
    if _lose(thread, holder):
        thread.set_timer(max(over, thread.work.now))
    elif (over <= thread.work.now or thread.core.unsafe) and not line.is_staff_here(thread.work.db, holder, thread.work.now):
        event = Event.STAFF_AWAY if thread.core.unsafe else Event.WAITED_TOO_LONG
        act(thread, event, Cause("timer", staff=holder, name=line.staff_name(thread.work.db, holder)))
    elif over <= thread.work.now:
        act(thread, Event.TRANSFER_OVER, Cause("timer", staff=holder, name=line.staff_name(thread.work.db, holder)))
    else:
        _look_again(thread, holder, before=over)


def _passed_on_at(thread: Thread) -> datetime:
    """More words of danger count as a change, and are no reason to wait longer."""
    m = t.move.c
    passed = select(m.at).where(m.conversation == thread.id, m.event == str(Event.TRANSFERRED)).order_by(m.at.desc()).limit(1)
    changed: datetime = thread.row["changed_at"]
    return min(changed, thread.work.db.execute(passed).scalar_one_or_none() or changed)


def _watch_staff(thread: Thread) -> None:
    holder = str(thread.core.holder)
    if not _lose(thread, holder):
        _look_again(thread, holder)


def _lose(thread: Thread, holder: str) -> bool:
    """Has whoever has it been gone too long? Then it is theirs no more."""
    if _lost_at(thread, holder) > thread.work.now:
        return False
    act(thread, Event.STAFF_LOST, Cause("timer", name=line.staff_name(thread.work.db, holder)))
    return True


def _lost_at(thread: Thread, holder: str) -> datetime:
    """When they will have been gone too long: so long after their last lease ended, or after they joined, where they have none."""
    since = line.staff_seen(thread.work.db, holder) or max(thread.row["changed_at"], _joined(thread))
    return since + timedelta(seconds=thread.work.house.settings.staff_lost_seconds)


def _look_again(thread: Thread, holder: str, *, before: datetime | None = None) -> None:
    now = thread.work.now
    nearest = min(_lost_at(thread, holder), before or now + STAFF_WATCH, now + STAFF_WATCH)
    thread.set_timer(max(nearest, now + SOONEST))


def _joined(thread: Thread) -> Any:
    m = t.move.c
    newest = select(m.at).where(m.conversation == thread.id, m.event == str(Event.TAKEN)).order_by(m.at.desc()).limit(1)
    return thread.work.db.execute(newest).scalar_one_or_none() or thread.row["changed_at"]


def watch_passed_on(work: Work, staff: str) -> None:
    """Whoever has said that they are away looks after nobody in danger: what they passed on is looked at now."""
    c = t.conversation.c
    theirs = (c.owner == f"staff:{staff}", c.state == str(State.WAITING), c.unsafe.is_(True))
    for conversation in work.db.execute(select(c.id).where(*theirs)).scalars().all():
        thread = open_thread(work, conversation)
        thread.set_timer(work.now)
        thread.save()


def _park_over(thread: Thread) -> None:
    act(thread, Event.PARK_OVER, Cause("timer"))


_WHEN: Mapping[Event, Callable[[Thread], None]] = {
    Event.IDLE: _idle,
    Event.CHOICE_TIMED_OUT: _choice,
    Event.WAITED_TOO_LONG: _waited,
    Event.STAFF_LOST: _watch_staff,
    Event.PARK_OVER: _park_over,
}
