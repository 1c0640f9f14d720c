"""A callback, opened for writing inside a deed: its row, and the machine that moves it. `save` writes the row back.

Callback and promise are stored in one transaction, and only then is anything said.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from handoff.callback import FREE, Callback, Event, Order, State, step
from handoff.consent import How, Purpose
from handoff.desk import consents, line, offers, promises, responses, windows
from handoff.desk.thread import Thread
from handoff.desk.work import Work
from handoff.errors import NotFound
from handoff.hours import Window
from handoff.promise import Kind
from handoff.store import tables as t
from handoff.telephone import ending

_OPEN = select(t.callback).where(t.callback.c.conversation == bindparam("conversation"), t.callback.c.closed_at.is_(None))
AGAIN = timedelta(hours=2)  # within which the next try is made
ESCALATE = timedelta(minutes=30)  # a late call that nobody makes within it is a supervisor's


@dataclass(frozen=True)
class Wish:
    """A call that is wanted: `number` in E.164, when, what about (for staff only), and who asked: `patient` or `staff:<id>`."""

    number: str
    window: Window
    about: str
    asked_by: str


@dataclass
class OpenCallback:
    thread: Thread
    row: dict[str, Any]

    @property
    def work(self) -> Work:
        return self.thread.work

    @property
    def state(self) -> State:
        return State(self.row["state"])

    @property
    def core(self) -> Callback:
        row = self.row
        return Callback(self.state, row["attempts"], row["window_from"], row["window_to"], row["next_at"], row["staff"])

    def step(self, event: Event, *, staff: str | None = None, window: Window | None = None) -> None:
        """Let the machine decide, and carry out what it orders. Raises `IllegalMove`."""
        row = self.row
        taken = step(self.core, event, self.work.now, self.work.house.hours, staff=staff, window=window)
        after = taken.after
        row.update(state=str(after.state), attempts=after.attempts, next_at=after.next_at, staff=after.staff)
        row.update(window_from=after.window_from, window_to=after.window_to)
        if not self.is_due():
            offers.settle_call(self.work, row["id"], taken_by=after.staff)
        for order in taken.orders:
            ORDERS[order](self)

    def save(self) -> None:
        """Write the row back; the thread is saved by whoever opened it."""
        self.row["version"] += 1
        values = {name: value for name, value in self.row.items() if name != "id"}
        self.work.db.execute(update(t.callback).where(t.callback.c.id == self.row["id"]).values(values))
        self.work.look_at_line()

    def is_due(self) -> bool:
        """May anybody be asked to make this call now?"""
        row = self.row
        return self.state in FREE and row["staff"] is None and (row["next_at"] or row["window_from"]) <= self.work.now


def conversation_of(db: Connection, callback: str) -> str:
    """Raises `NotFound`."""
    found: str | None = db.execute(select(t.callback.c.conversation).where(t.callback.c.id == callback)).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


def open_callback(thread: Thread, callback: str) -> OpenCallback:
    """A callback of a thread that is open, and so locked, already. Raises `NotFound`."""
    found = thread.work.db.execute(select(t.callback).where(t.callback.c.id == callback, t.callback.c.conversation == thread.id)).first()
    if found is None:
        raise NotFound
    return OpenCallback(thread, dict(found._mapping))


def find_open(db: Connection, conversation: str) -> dict[str, Any] | None:
    """The one open callback of a conversation."""
    found = db.execute(_OPEN, {"conversation": conversation}).first()
    return None if found is None else dict(found._mapping)


def plan(thread: Thread, wish: Wish) -> OpenCallback:
    """Promise a call; one that is promised already is moved. It keeps the place of the wait that it comes from. Saves the callback."""
    earlier = find_open(thread.work.db, thread.id)
    if earlier is None:
        callback = _new(thread, wish)
        callback.step(Event.PLANNED, window=wish.window)
    else:
        callback = OpenCallback(thread, earlier)
        callback.row.update(number=wish.number, about=wish.about or earlier["about"])
        callback.step(Event.MOVED, window=wish.window)
    callback.save()
    return callback


def _new(thread: Thread, wish: Wish) -> OpenCallback:
    work = thread.work
    request = line.open_request(work.db, thread.id)
    waits_from = request["queue_age_from"] if request else work.now
    line.open_case_once(thread, "concern")
    row: dict[str, Any] = {
        "id": work.ids.new(),
        "conversation": thread.id,
        "handoff_request": request["id"] if request else None,
        "promise": None,
        "state": str(State.REQUESTED),
        "version": 0,
        "number": wish.number,
        "language": work.house.words.language(thread.locale),
        "about": wish.about,
        "asked_by": wish.asked_by,
        "window_from": wish.window.begins,
        "window_to": wish.window.ends,
        "queue_age_from": waits_from,
        "staff": None,
        "attempts": 0,
        "next_at": None,
        "outcome": None,
        "note": None,
        "created_at": max(work.now, waits_from),  # a clock that was put back makes no wait younger than what it belongs to
        "closed_at": None,
    }
    work.db.execute(t.callback.insert().values(row))
    how, words = (How.ASKED, "asking.when") if wish.asked_by == "patient" else (How.STAFF, "")
    version = consents.wording(work.house.words.say(thread.locale, words)) if words else consents.OWN_WORDS
    consents.record(work, thread.id, "voice", [Purpose.CALLBACK], given=True, how=how, who=wish.asked_by, words=version)
    return OpenCallback(thread, row)


def _make_promise(callback: OpenCallback) -> None:
    """The promise of the new window takes the place of the one before; patients can come back to this thread until then."""
    _settle("withdrawn")(callback)
    ends = callback.row["window_to"]
    callback.row["promise"] = promises.make(callback.thread, Kind.CALLBACK, ends)
    responses.keep_sessions(callback.thread, until=ends + timedelta(days=1))
    callback.thread.listed = True


def _promise_again(callback: OpenCallback) -> None:
    """That we will try again is a promise too, from the next moment at which somebody may."""
    begins = callback.row["next_at"] or callback.work.now
    callback.row.update(window_from=begins, window_to=begins + AGAIN)
    callback.row["promise"] = promises.make(callback.thread, Kind.CALLBACK, callback.row["window_to"])


def _settle(state: str) -> Callable[[OpenCallback], None]:
    def settle(callback: OpenCallback) -> None:
        promises.settle(callback.work, callback.row["promise"], state)

    return settle


def _say_when(callback: OpenCallback) -> None:
    row, thread = callback.row, callback.thread
    window = Window(row["window_from"], row["window_to"])
    when = windows.promised(callback.work.house, thread.locale, window, callback.work.now, number=row["number"])
    thread.say("callback.promised", clinic=callback.work.house.clinic(thread.locale), ending=ending(row["number"]), when=when)


def _say(key: str) -> Callable[[OpenCallback], None]:
    """The sentence `key`, or `<key>_at` where the clinic has given a number."""

    def say(callback: OpenCallback) -> None:
        settings, thread = callback.work.house.settings, callback.thread
        with_number = f"{key}_at" if settings.clinic_phone else key
        thread.say(with_number, clinic=thread.work.house.clinic(thread.locale), phone=settings.clinic_phone)

    return say


def _say_overdue(callback: OpenCallback) -> None:
    say_late(callback.thread, "callback.missed")


def say_late(thread: Thread, key: str) -> None:
    """That the call is late, with the windows that can be kept instead."""
    house, now = thread.work.house, thread.work.now
    off = {"title": house.words.say(thread.locale, "callback.off_button"), "payload": "call:off", "to": "service"}
    thread.say(key, clinic=house.clinic(thread.locale), buttons=[*windows.buttons(house, thread.locale, now, prefix="call:move:"), off])


def _end(callback: OpenCallback) -> None:
    callback.row["closed_at"] = callback.work.now
    callback.thread.listed = True


def _alert(callback: OpenCallback) -> None:
    callback.thread.listed = True


def _watch_again(callback: OpenCallback) -> None:
    promises.plan(callback.work, callback.thread.id, callback.row["promise"], callback.work.now + ESCALATE)


def _settle_case(callback: OpenCallback) -> None:
    """A case that was opened for this call alone ends with it; what else was promised keeps it open."""
    case = line.open_case(callback.work.db, callback.thread.id)
    alone = case is not None and case["opened_at"] == callback.row["created_at"]
    if alone and not promises.any_open(callback.work.db, callback.thread.id):
        line.close_cases(callback.thread, ended=callback.row["id"])


ORDERS: Mapping[Order, Callable[[OpenCallback], None]] = {
    Order.MAKE_PROMISE: _make_promise,
    Order.KEEP_PROMISE: _settle("kept"),
    Order.PROMISE_AGAIN: _promise_again,
    Order.BREAK_PROMISE: _settle("broken"),
    Order.WITHDRAW_PROMISE: _settle("withdrawn"),
    Order.SAY_WHEN: _say_when,
    Order.SAY_TRIED: _say("callback.tried"),
    Order.SAY_GIVEN_UP: _say("callback.given_up"),
    Order.SAY_WRONG_NUMBER: _say("callback.wrong_number"),
    Order.SAY_CALLED_OFF: _say("callback.called_off"),
    Order.SAY_OVERDUE: _say_overdue,
    Order.ALERT: _alert,
    Order.END: _end,
    Order.WATCH_AGAIN: _watch_again,
    Order.SETTLE_CASE: _settle_case,
}
