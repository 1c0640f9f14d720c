"""What the jobs of a call do to the ledger: decide, then save what came of it. The requests are made in handoff/calling.py.

A leg is written down `attempting`, and that its job asks Twilio is written down before it asks. Who finds that and no answer has a leg
that may ring or not: it is looked for, never placed again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from handoff import jobs
from handoff.call import REPORTS, CallEvent, CallState, has_ended
from handoff.callback import Event, State
from handoff.desk import legs
from handoff.desk.call_ends import Scene, key_of, open_scene
from handoff.desk.legs import PATIENT, STAFF
from handoff.desk.work import Work
from handoff.phone import ListedCall
from handoff.store import tables as t

RING = {STAFF: 25, PATIENT: 30}  # seconds
PATIENCE = timedelta(seconds=120)  # after the last ring; whoever is silent for so long is asked about
LOOK_AGAIN = timedelta(seconds=15)  # while it is not known whether a call was placed at all
LOOK_ON = timedelta(seconds=60)  # while one that was placed goes on
LONGEST = timedelta(hours=4)  # Twilio's own limit of a call
ROUND = timedelta(minutes=1)  # between two looks for legs that nobody looks after
FORGOTTEN = timedelta(minutes=3)  # so old is a leg that should have ended, or be watched


@dataclass(frozen=True)
class Placing:
    """One leg that Twilio is to be asked for; that it is asked is durable by now."""

    call: str
    callback: str
    attempt: int
    leg: str
    number: str


@dataclass(frozen=True)
class Look:
    """One leg that nothing more was heard of. Without a sid it is looked for among the calls to `number` since `since`."""

    call: str
    sid: str | None
    number: str
    since: datetime


def begin(work: Work, lease: jobs.Lease, call: str) -> Placing | None:
    """Commit to asking for a leg; None, and the job is finished, where it must not be asked for. Raises `Fenced`."""
    jobs.check(work.db, lease)
    scene = open_scene(work, call)
    if scene is None or scene.leg.state is not CallState.ATTEMPTING:
        jobs.finish(work.db, lease, now=work.now)
        if scene is not None and not scene.leg.ended:  # it rings already, but whoever asked for it died before it heard so
            _watch(scene, work.now + _ring(scene) + PATIENCE)
        return None
    leg = scene.leg
    if not legs.first_time(work, leg, f"{leg.id}:asked"):  # whoever asked for it died: it may ring, wanted or not
        jobs.finish(work.db, lease, now=work.now)
        _doubt(scene)
    elif not scene.is_wanted():
        jobs.finish(work.db, lease, now=work.now)
        scene.report(CallEvent.DROPPED)
    else:
        return Placing(leg.id, leg.row["callback"], leg.row["attempt"], leg.row["leg"], leg.row["number"])
    scene.save()
    return None


def was_accepted(work: Work, lease: jobs.Lease, call: str, sid: str) -> None:
    """Twilio has it. Whatever was called off meanwhile is hung up. Raises `Fenced`."""
    jobs.finish(work.db, lease, now=work.now)
    scene = open_scene(work, call)
    if scene is not None:
        scene.report(CallEvent.ACCEPTED, sid=sid)
        _watch(scene, work.now + _ring(scene) + PATIENCE)
        scene.save()


def was_refused(work: Work, lease: jobs.Lease, call: str, code: int) -> None:
    """Twilio said no: nothing rings. Raises `Fenced`."""
    jobs.finish(work.db, lease, now=work.now)
    scene = open_scene(work, call)
    if scene is not None:
        scene.report(CallEvent.REFUSED, error=code)
        scene.save()


def was_uncertain(work: Work, lease: jobs.Lease, call: str) -> None:
    """No answer: it may ring or not. Raises `Fenced`."""
    jobs.finish(work.db, lease, now=work.now)
    scene = open_scene(work, call)
    if scene is not None:
        _doubt(scene)
        scene.save()


def _doubt(scene: Scene) -> None:
    scene.report(CallEvent.UNCERTAIN)
    if not scene.leg.ended:
        _watch(scene, scene.work.now + LOOK_AGAIN)


def begin_watch(work: Work, lease: jobs.Lease, call: str) -> Look | None:
    """What is to be asked about a leg; None, and the job is finished, where it has ended. Raises `Fenced`."""
    jobs.check(work.db, lease)
    scene = open_scene(work, call)
    if scene is None or scene.leg.ended:
        jobs.finish(work.db, lease, now=work.now)
        return None
    row = scene.leg.row
    return Look(row["id"], row["sid"], row["number"], row["placed_at"] - timedelta(seconds=60))


def was_looked_for(work: Work, lease: jobs.Lease, call: str, found: list[ListedCall] | None) -> None:
    """What Twilio knows of a leg; None: it did not tell. Nothing for too long, and the leg is given up. Raises `Fenced`."""
    jobs.finish(work.db, lease, now=work.now)
    scene = open_scene(work, call)
    if scene is None or scene.leg.ended:
        return
    leg, age = scene.leg, work.now - scene.leg.row["placed_at"]
    known = leg.row["sid"] is not None
    mine = _mine(work, leg, found or [])
    if mine is not None and mine.state in REPORTS:
        answered_by = {"answered_by": mine.answered_by} if mine.answered_by else {}
        scene.report(REPORTS[mine.state], sid=mine.sid, **answered_by)
    silent = mine is None and leg.state is not CallState.IN_PROGRESS and age >= _ring(scene) + PATIENCE
    if (found == [] and known) or silent or age >= LONGEST:
        scene.report(CallEvent.GIVEN_UP)
    elif not leg.ended:
        _watch(scene, work.now + (LOOK_ON if leg.row["sid"] is not None else LOOK_AGAIN))
    scene.save()


def _mine(work: Work, leg: legs.Leg, found: list[ListedCall]) -> ListedCall | None:
    """The call that can only be this leg: its own, or the oldest to its number that no other leg has, or may yet turn out to have."""
    if leg.row["sid"] is not None:
        return found[0] if found else None
    if legs.rivals(work.db, leg):
        return None
    free = legs.strangers(work.db, [one.sid for one in found])
    return next((one for one in reversed(found) if one.sid in free), None)


def begin_end(work: Work, lease: jobs.Lease, call: str) -> str | None:
    """The sid of a leg to hang up; None, and the job is finished, where it has ended or never had one. Raises `Fenced`."""
    jobs.check(work.db, lease)
    scene = open_scene(work, call)
    if scene is None or scene.leg.ended or scene.leg.row["sid"] is None:
        jobs.finish(work.db, lease, now=work.now)
        return None
    return str(scene.leg.row["sid"])


def was_ended(work: Work, lease: jobs.Lease) -> None:
    """Twilio was told; the status callback says when it is so. Raises `Fenced`."""
    jobs.finish(work.db, lease, now=work.now)


def settle(work: Work, lease: jobs.Lease, call: str) -> None:
    """They talked, and nobody has written down how it went: the callback is completed all the same. Raises `Fenced`."""
    jobs.finish(work.db, lease, now=work.now)
    scene = open_scene(work, call)
    if scene is not None and scene.callback.state is State.CONNECTED and scene.is_current():
        scene.callback.step(Event.COMPLETED)
        scene.changed = True
        scene.save()


def watch_all(work: Work, lease: jobs.Lease) -> None:
    """Watch each leg that should have ended by now and that no job watches: its own job is dead. Again in a minute. Raises `Fenced`."""
    jobs.finish(work.db, lease, now=work.now)
    c, j = t.call.c, t.job.c
    watched = select(j.id).where(j.dedupe == "watch:" + c.id).exists()
    alive = [str(state) for state in CallState if not has_ended(state)]
    forgotten = (c.state.in_(alive), c.placed_at < work.now - FORGOTTEN, ~watched)
    for call in work.db.execute(select(c.id).where(*forgotten).limit(50)).scalars().all():
        scene = open_scene(work, call)
        if scene is not None:
            _watch(scene, work.now)
    plan_watch_all(work)


def plan_watch_all(work: Work) -> None:
    """Leave the next look for forgotten legs, unless one is planned."""
    work.enqueue("watch_calls", key="watch_calls", dedupe="watch_calls", payload={}, run_at=work.now + ROUND)


def _watch(scene: Scene, at: datetime) -> None:
    """One planned look at a time; the earlier plan gives way."""
    name = f"watch:{scene.leg.id}"
    jobs.cancel(scene.work.db, dedupe=name)
    scene.work.enqueue("watch_call", key=key_of(scene.thread.id), dedupe=name, payload={"call": scene.leg.id}, run_at=at)


def _ring(scene: Scene) -> timedelta:
    return timedelta(seconds=RING[scene.leg.row["leg"]])
