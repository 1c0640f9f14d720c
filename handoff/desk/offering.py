"""Looking at the line: ends offers whose time is over, makes new ones, and plans the next look. The rules are handoff/routing.py's.

A look is a job that every deed leaves which changes who waits or who is free (`Work.look_at_line`), so it runs after their commits;
what a look cannot see yet has left a look of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select, update

from handoff import jobs, routing
from handoff.conversation import Order, State
from handoff.desk import audit, callbacks, line, offers, staffing
from handoff.desk.offers import Ended
from handoff.desk.orders import ORDERS, Cause
from handoff.desk.thread import Thread, open_thread
from handoff.desk.work import LINE, Work
from handoff.doorbell import Bell
from handoff.errors import NotFound
from handoff.routing import Circles, Member, Need, Offer
from handoff.store import tables as t

AT_ONCE = 50  # offers of one look; more wait for the next, so that no look holds the writer for long
LATER = "line:later"


def look_at_line(work: Work, lease: jobs.Lease) -> None:
    """One look. Raises `Fenced`."""
    jobs.finish(work.db, lease, now=work.now)
    j = t.job.c
    due = (j.key == LINE, j.kind == LINE, j.state == "ready", j.run_at <= work.now)
    work.db.execute(update(t.job).where(*due).values(state="done", dedupe=None, finished_at=work.now))  # this look is theirs too
    due_calls = [need.id for need in staffing.calls(work.db, work.house, work.now)]
    for left in offers.abandoned(work.db, work.now, due_calls):
        _withdraw(work, left)
    for missed in offers.overdue(work.db, work.now):
        _miss(work, missed)
    _set_away(work)
    needs = staffing.needs(work.db, work.house, work.now)
    members = staffing.members(work.db, work.house, work.now, [need.conversation for need in needs])
    made = routing.decide(needs, members, work.now, work.house.routing.teams.rules)
    known = {need.id: need for need in needs}
    for offer in made[:AT_ONCE]:
        _make(work, offer, known)
    untold = [] if members else line.untold(work.db, AT_ONCE)
    for conversation in untold:
        _tell_nobody_here(work, conversation)
    if len(made) > AT_ONCE or len(untold) == AT_ONCE:
        work.look_at_line()
    else:
        _plan(work, needs, members)
    work.ring(Bell("", 0, 0, line=True))  # whether anybody is here may have changed, and with it what those in line see


def withdraw_all(work: Work, staff: str) -> None:
    """Whoever goes away is asked nothing any more; what was before them goes to the next, and may come back with them."""
    for offer in offers.before(work.db, staff):
        _withdraw(work, offer)


def _withdraw(work: Work, offer: dict[str, Any]) -> None:
    """Whoever was asked is gone, and may be back soon: that is no miss."""
    thread = _open(work, offer["conversation"])
    if thread is not None and offers.end(work, offer["id"], Ended.RESCINDED):
        _show(thread)


def _open(work: Work, conversation: str) -> Thread | None:
    """Locked before its offer, as whoever takes it does, so that neither waits for the other. None for one that was erased meanwhile."""
    try:
        return open_thread(work, conversation)
    except NotFound:
        return None


def _miss(work: Work, offer: dict[str, Any]) -> None:
    """Nobody answered: it is not before them any more."""
    thread = _open(work, offer["conversation"])
    if thread is not None and offers.end(work, offer["id"], Ended.TIMED_OUT):
        s = t.staff.c
        work.db.execute(update(t.staff).where(s.id == offer["staff"]).values(missed=s.missed + 1))
        _show(thread)


def _set_away(work: Work) -> None:
    """Whoever let so many offers pass in a row is not at the desk: away from now on, and told so."""
    s = t.staff.c
    many = select(s.id, s.missed).where(s.available.is_(True), s.missed >= work.house.routing.teams.rules.misses).order_by(s.id)
    for row in work.db.execute(many).all():
        withdraw_all(work, row.id)
        work.db.execute(update(t.staff).where(s.id == row.id).values(available=False))
        audit.note(work, f"staff:{row.id}", "not_responding", missed=row.missed)
        work.ring_staff(row.id)


def _make(work: Work, offer: Offer, known: Mapping[str, Need]) -> None:
    """Put it before them, if it still waits and is before nobody: it, or what was to take its place, may have been taken since."""
    need = known[offer.need]
    thread = _open(work, need.conversation)
    is_call = need.channel == routing.CALL
    if thread is None or not (callbacks.open_callback(thread, need.id).is_due() if is_call else _is_in_line(thread, need.id)):
        return
    if offers.is_before_somebody(work.db, need.id):
        return
    if offer.instead_of is not None:
        _displace(work, known[offer.instead_of])
    work.db.execute(
        t.offer.insert().values(
            id=work.ids.new(),
            request=None if is_call else need.id,
            callback=need.id if is_call else None,
            conversation=thread.id,
            staff=offer.staff,
            state="pending",
            circle=int(offer.circle),
            made_at=work.now,
            until=offer.until,
        )
    )
    _show(thread)


def _tell_nobody_here(work: Work, conversation: str) -> None:
    """The last member of staff has gone while they wait."""
    thread = _open(work, conversation)
    if thread is not None and thread.core.state is State.WAITING:
        ORDERS[Order.SAY_PLACE](thread, Cause("service"))
        thread.save()


def _displace(work: Work, need: Need) -> None:
    thread = _open(work, need.conversation)
    if thread is not None and offers.rescind(work, need.id):
        _show(thread)


def _is_in_line(thread: Thread, request: str) -> bool:
    r = t.handoff_request.c
    state = thread.work.db.execute(select(r.state).where(r.id == request)).scalar_one()
    return state == "queued" and thread.core.state is State.WAITING


def _plan(work: Work, needs: Sequence[Need], members: Sequence[Member]) -> None:
    """The next look: when an offer's time is over or whoever is asked may be gone, a circle grows, whoever let one pass may be asked
    again, a call becomes due, or somebody who is here may be gone while anybody waits. Where nobody is here, whoever comes leaves a look.
    """
    rules, moments = work.house.routing.teams.rules, offers.ends(work.db)
    if members:
        circles = Circles(members, work.now, rules)
        moments += [at for need in needs if (at := circles.widens_at(need)) is not None]
        moments += [need.rested_at for need in needs if need.rested_at is not None]
        moments += staffing.next_calls(work.db, work.house, work.now)
        gone = line.next_gone(work.db, work.now)
        moments += [gone] if gone is not None and needs else []
    jobs.cancel(work.db, dedupe=LATER)
    if moments:
        work.enqueue(LINE, key=LINE, dedupe=LATER, payload={}, run_at=max(min(moments), work.now))


def _show(thread: Thread) -> None:
    """Consoles draw the item anew."""
    thread.listed = True
    thread.save()
