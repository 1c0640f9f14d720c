"""Calling people to a safety matter that nobody has taken: everybody at once, then those who answer for it (`on_call` in routing.yml).

A page is a row that the console shows to whoever is signed in. Other ways to reach people join `WAYS`: each is called in the page's own
transaction and may leave a job there, such as a text or a call to the phone of whoever is on call.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from handoff import jobs
from handoff.conversation import State
from handoff.desk.thread import Thread, open_thread
from handoff.desk.work import Work
from handoff.routing_file import OnCall
from handoff.store import tables as t


def begin(thread: Thread) -> None:
    """Call the first now and plan the others; where a round is under way, it goes on."""
    work = thread.work
    thread.listed = True
    j = t.job.c
    if work.db.execute(select(j.id).where(j.key == f"page:{thread.id}", j.state.in_(jobs.OPEN)).limit(1)).first() is not None:
        return
    for number, step in enumerate(work.house.routing.on_call):
        if step.after == 0:
            _call(thread, number)
        else:
            work.enqueue(
                "page",
                key=f"page:{thread.id}",
                dedupe=f"page:{thread.id}:{number}",
                payload={"conversation": thread.id, "step": number},
                run_at=work.now + timedelta(minutes=step.after),
            )


def end(thread: Thread) -> None:
    """It is no longer waited for: the next time it is, everybody is called again."""
    jobs.cancel_key(thread.work.db, kind="page", key=f"page:{thread.id}", now=thread.work.now)


def ring_page(work: Work, lease: jobs.Lease, payload: dict[str, Any]) -> None:
    """The time of a step has come: call, if nobody has taken it. Raises `Fenced`, `NotFound`."""
    jobs.finish(work.db, lease, now=work.now)
    thread = open_thread(work, payload["conversation"])
    if thread.core.unsafe and thread.core.state is State.WAITING and payload["step"] < len(work.house.routing.on_call):
        _call(thread, payload["step"])
        thread.listed = True
        thread.save()


def _call(thread: Thread, number: int) -> None:
    for way in WAYS:
        way(thread, number, thread.work.house.routing.on_call[number])


def _on_the_console(thread: Thread, number: int, step: OnCall) -> None:
    work = thread.work
    work.db.execute(t.page.insert().values(id=work.ids.new(), conversation=thread.id, step=number, who=step.who, at=work.now))


WAYS: tuple[Callable[[Thread, int, OnCall], None], ...] = (_on_the_console,)


def newest(db: Connection, conversation: str, since: datetime | None) -> dict[str, Any] | None:
    """Who was called last, in the line it is in now."""
    p = t.page.c
    query = select(p.who, p.at, p.step).where(p.conversation == conversation).order_by(p.at.desc(), p.step.desc()).limit(1)
    row = db.execute(query).mappings().first()
    return None if row is None or (since is not None and row["at"] < since) else dict(row)
