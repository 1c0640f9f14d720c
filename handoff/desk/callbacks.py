from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from handoff.callback import Event, State
from handoff.desk.work import Work
from handoff.store import tables as t


@dataclass
class OpenCallback:
    work: Work
    row: dict[str, Any]

    @property
    def state(self) -> State:
        return State(self.row["state"])

    def step(self, event: Event, *, staff: str | None = None) -> None:
        to = {
            Event.DIAL: State.DIALLING,
            Event.STAFF_MISSED: State.SCHEDULED,
            Event.CONNECTED: State.CONNECTED,
            Event.CANCEL: State.CANCELLED,
            Event.DONE: State.COMPLETED,
        }.get(event)
        if event is Event.IN_VAIN:
            self.row["attempts"] += 1
            self.row["next_at"] = self.work.now + timedelta(minutes=10)
            to = State.SCHEDULED if self.row["attempts"] < 3 else State.ESCALATED
        self.row["state"] = str(to)
        if to in (State.COMPLETED, State.CANCELLED, State.ESCALATED):
            self.row["closed_at"] = self.work.now
        if staff:
            self.row["staff"] = staff

    def save(self) -> None:
        self.work.db.execute(
            update(t.callback).where(t.callback.c.id == self.row["id"]).values({k: v for k, v in self.row.items() if k != "id"})
        )


def open_callback(work: Work, id: str) -> OpenCallback:
    return OpenCallback(work, dict(work.db.execute(select(t.callback).where(t.callback.c.id == id)).one()._mapping))


def in_vain(thread: Any, callback: OpenCallback, came: str) -> None:
    callback.step(Event.IN_VAIN)
    thread.add("service", "tried to phone you")


def conversation_of(db, callback: str) -> str:
    return db.execute(select(t.callback.c.conversation).where(t.callback.c.id == callback)).scalar_one()
