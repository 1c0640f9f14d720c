from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update

from handoff.callback import Callback, Event, Order, State, step
from handoff.desk.work import Work
from handoff.hours import Hours
from handoff.store import tables as t


@dataclass
class OpenCallback:
    work: Work
    thread: Any
    row: dict[str, Any]

    @property
    def state(self) -> State:
        return State(self.row["state"])

    def step(self, event: Event, *, staff: str | None = None) -> None:
        r = self.row
        hours = Hours(self.work.house.settings.zone, dict.fromkeys(range(7), ((0, 1440),)))
        core = Callback(self.state, r["attempts"], r["window_from"], r["window_to"], r["next_at"], r["staff"])
        s = step(core, event, self.work.now, hours, staff=staff)
        a = s.after
        r.update(state=str(a.state), attempts=a.attempts, next_at=a.next_at, staff=a.staff)
        for o in s.orders:
            if o is Order.KEEP_PROMISE:
                self.work.db.execute(update(t.promise).where(t.promise.c.id == r["promise"]).values(state="kept"))
            elif o in (Order.SAY_TRIED, Order.SAY_GIVEN_UP):
                self.thread.add("service", "tried")
            elif o is Order.END:
                r["closed_at"] = self.work.now

    def save(self) -> None:
        self.work.db.execute(
            update(t.callback).where(t.callback.c.id == self.row["id"]).values({k: v for k, v in self.row.items() if k != "id"})
        )


def open_callback(work: Work, thread: Any, id: str) -> OpenCallback:
    return OpenCallback(work, thread, dict(work.db.execute(select(t.callback).where(t.callback.c.id == id)).one()._mapping))


def conversation_of(db, callback: str) -> str:
    return db.execute(select(t.callback.c.conversation).where(t.callback.c.id == callback)).scalar_one()
