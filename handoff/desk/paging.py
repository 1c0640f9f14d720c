"""Calling people to a safety matter that nobody has taken: everybody at once, then those who answer for it (`on_call` in routing.yml).

A page is a row that the console shows to whoever is signed in, until somebody has come. `WAYS` reach those who are not: each is called in
the page's own transaction and leaves its work there, such as the texts to the phones of whoever is on call. Another way joins the list.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select, update

from handoff import jobs
from handoff.conversation import State
from handoff.desk import consents
from handoff.desk.deliveries import delivery
from handoff.desk.leaving import leave_for_colleague
from handoff.desk.thread import Thread, open_thread
from handoff.desk.work import House, Work
from handoff.gsm7 import segments
from handoff.routing_file import OnCall
from handoff.splitting import as_text
from handoff.store import tables as t
from handoff.telephone import ending

PAUSE = timedelta(minutes=2)  # after the last step of a round, before the first of another
WORDINGS = ("paging.text", "paging.without_name", "paging.without_address")  # the first that fits into one segment


def begin(thread: Thread) -> None:
    """Call the first now and plan the others; where a round is under way, it goes on, and where somebody is at hand, nobody is called."""
    work = thread.work
    thread.listed = True
    if thread.core.state is not State.WAITING or _is_under_way(thread):
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


def _is_under_way(thread: Thread) -> bool:
    db, j = thread.work.db, t.job.c
    if db.execute(select(j.id).where(j.key == f"page:{thread.id}", j.state.in_(jobs.OPEN)).limit(1)).first() is not None:
        return True
    last = newest(db, thread.id)
    return last is not None and last["at"] > thread.work.now - PAUSE


def end(thread: Thread) -> None:
    """It is no longer waited for, and no text of its pages begins any more. The next time it is, everybody is called again."""
    work, p = thread.work, t.page.c
    jobs.cancel_key(work.db, kind="page", key=f"page:{thread.id}", now=work.now)
    work.db.execute(update(t.page).where(p.conversation == thread.id, p.ended_at.is_(None)).values(ended_at=work.now))


def ring_page(work: Work, lease: jobs.Lease, payload: dict[str, Any]) -> None:
    """The time of a step has come: call, if nobody has taken it. Raises `Fenced`, `NotFound`."""
    thread = open_thread(work, payload["conversation"])  # before the job, as in `ring_timer`
    jobs.finish(work.db, lease, now=work.now)
    if thread.core.unsafe and thread.core.state is State.WAITING and payload["step"] < len(work.house.routing.on_call):
        _call(thread, payload["step"])
        thread.listed = True
        thread.save()


def _call(thread: Thread, number: int) -> None:
    work, step = thread.work, thread.work.house.routing.on_call[number]
    page = work.ids.new()
    work.db.execute(t.page.insert().values(id=page, conversation=thread.id, step=number, who=step.who, at=work.now))
    for way in WAYS:
        way(thread, page, step)


def _by_text(thread: Thread, page: str, step: OnCall) -> None:
    """A text to each phone of the step, but to the patient's own; it says nothing of the patient, for whoever is near may read it."""
    work, p = thread.work, t.page.c
    if step.phones:
        since = work.db.execute(select(func.min(p.at)).where(p.conversation == thread.id, p.ended_at.is_(None))).scalar_one()
        body = words_of(work.house, since)
        own = consents.numbers_of(work.db, thread.id)
        for phone in step.phones:
            if phone not in own:
                leave_for_colleague(work, thread.id, phone, body, "page", page=page)


def words_of(house: House, since: datetime) -> str:
    """What the text of a page says, in the clinic's language: one segment, whatever the clinic's name and address are."""
    locale, at = house.settings.locale, since.astimezone(house.settings.zone)
    clinic, url = house.clinic(locale), f"{house.settings.url}/desk"
    bodies = [as_text(house.words.say(locale, wording, clinic=clinic, time=f"{at:%H:%M}", url=url)) for wording in WORDINGS]
    return next((body for body in bodies if segments(body) == 1), bodies[-1])


WAYS: tuple[Callable[[Thread, str, OnCall], None], ...] = (_by_text,)


def newest(db: Connection, conversation: str) -> dict[str, Any] | None:
    """Who was called last to what is waited for now."""
    p = t.page.c
    mine = (p.conversation == conversation, p.ended_at.is_(None))
    row = db.execute(select(p.who, p.at, p.step).where(*mine).order_by(p.at.desc(), p.step.desc()).limit(1)).mappings().first()
    return None if row is None else dict(row)


def texts(db: Connection, conversation: str) -> list[dict[str, Any]]:
    """What became of the newest text to each phone that was called to what is waited for now; of its number the end only."""
    o, p = t.outbound_text.c, t.page.c
    mine = select(o.number, o.state, o.reason).join(t.page, o.page == p.id).where(p.conversation == conversation, p.ended_at.is_(None))
    found: dict[str, dict[str, Any]] = {}
    for row in db.execute(mine.order_by(o.id.desc())):
        found.setdefault(row.number, {"phone": ending(row.number), **delivery(row.state, row.reason)})
    return [found[number] for number in sorted(found)]
