"""A callback, opened for writing inside a deed: its row, and the machine that moves it. `save` writes the row back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select, update

from handoff.callback import Callback, Event, Order, State, step
from handoff.desk.thread import Thread
from handoff.desk.work import Work
from handoff.errors import NotFound
from handoff.hours import Hours
from handoff.store import tables as t


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

    def step(self, event: Event, *, staff: str | None = None) -> None:
        """Let the machine decide, and carry out what it orders. Raises `IllegalMove`."""
        row = self.row
        core = Callback(self.state, row["attempts"], row["window_from"], row["window_to"], row["next_at"], row["staff"])
        taken = step(core, event, self.work.now, _hours(self.work), staff=staff)
        after = taken.after
        row.update(state=str(after.state), attempts=after.attempts, next_at=after.next_at, staff=after.staff)
        for order in taken.orders:
            ORDERS[order](self)

    def save(self) -> None:
        """Write the row back; the thread is saved by whoever opened it."""
        self.row["version"] += 1
        values = {name: value for name, value in self.row.items() if name != "id"}
        self.work.db.execute(update(t.callback).where(t.callback.c.id == self.row["id"]).values(values))


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


def _hours(work: Work) -> Hours:
    return Hours(work.house.settings.zone, dict.fromkeys(range(7), ((0, 1440),)))


def _promise(state: str) -> Callable[[OpenCallback], None]:
    def settle(callback: OpenCallback) -> None:
        p = t.promise.c
        mine = (p.id == callback.row["promise"], p.state == "open")
        callback.work.db.execute(update(t.promise).where(*mine).values(state=state, closed_at=callback.work.now))

    return settle


def _say(key: str) -> Callable[[OpenCallback], None]:
    def say(callback: OpenCallback) -> None:
        settings, thread = callback.work.house.settings, callback.thread
        with_number = f"{key}_at" if settings.clinic_phone else key
        thread.say(with_number, clinic=settings.clinic_name, phone=settings.clinic_phone)

    return say


def _end(callback: OpenCallback) -> None:
    callback.row["closed_at"] = callback.work.now


def _alert(callback: OpenCallback) -> None:
    callback.thread.listed = True


ORDERS: Mapping[Order, Callable[[OpenCallback], None]] = {
    Order.KEEP_PROMISE: _promise("kept"),
    Order.BREAK_PROMISE: _promise("broken"),
    Order.WITHDRAW_PROMISE: _promise("withdrawn"),
    Order.SAY_TRIED: _say("callback.tried"),
    Order.SAY_GIVEN_UP: _say("callback.given_up"),
    Order.SAY_CALLED_OFF: _say("callback.called_off"),
    Order.ALERT: _alert,
    Order.END: _end,
    Order.SETTLE_CASE: _alert,
}
