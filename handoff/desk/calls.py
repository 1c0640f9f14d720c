"""Phoning a patient: the staff's phone first, then the patient's. Begun by staff, carried on by jobs (handoff/calling.py) and by what
Twilio tells (handoff/desk/call_hooks.py). No request is made here.

A leg is written down `attempting`, and that its job asks Twilio is written down before it asks. Who finds that and no answer has a leg
that may ring or not: it is looked for, never placed again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from handoff import jobs
from handoff.call import REPORTS, CallEvent, CallState
from handoff.callback import Event, State
from handoff.desk import audit, call_ends, callbacks, legs
from handoff.desk.call_ends import Scene, open_scene, plan_end
from handoff.desk.legs import PATIENT, STAFF
from handoff.desk.thread import open_thread
from handoff.desk.work import Work
from handoff.errors import AlreadyTaken, IllegalMove
from handoff.phone import ListedCall
from handoff.quiet import quiet_until
from handoff.staff.access import Person
from handoff.store import tables as t
from handoff.zones import zones_of

__all__ = ["PATIENT", "STAFF"]
RING = {STAFF: 25, PATIENT: 30}  # seconds
PATIENCE = timedelta(seconds=120)  # after the last ring; whoever is silent for so long is asked about
LOOK_AGAIN = timedelta(seconds=15)  # while it is not known whether a call was placed at all
LOOK_ON = timedelta(seconds=60)  # while one that was placed goes on
WITH_SOMEBODY = (State.CLAIMED, *call_ends.UNDER_WAY)
LONGEST = timedelta(hours=4)  # Twilio's own limit of a call


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


def start(work: Work, person: Person, callback: str) -> bool:
    """Take a callback and ring the staff's own phone, then the patient's. False: by hand, for there is no provider or no phone to ring.

    Twice by the same person is once. Raises `NotFound`, `AlreadyTaken` with the winner's name, `IllegalMove` where it may not be made now.
    """
    thread = open_thread(work, callbacks.conversation_of(work.db, callback))
    found = callbacks.open_callback(work, thread, callback)
    number = work.db.execute(select(t.staff.c.phone).where(t.staff.c.id == person.id)).scalar_one_or_none()
    if work.house.account is None or not number:
        return False
    if found.state in WITH_SOMEBODY and found.row["staff"] != person.id:
        name = work.db.execute(select(t.staff.c.name).where(t.staff.c.id == found.row["staff"])).scalar_one()
        raise AlreadyTaken(f"Already taken by {name}.", by=name)
    if found.state in call_ends.UNDER_WAY:
        return True
    _check_time(work, found.row)
    if found.state is not State.CLAIMED:
        found.step(Event.CLAIMED, staff=person.id)
    found.step(Event.DIALLED)
    leg = legs.add(work, callback=callback, attempt=found.row["attempts"] + 1, leg=STAFF, staff=person.id, number=number)
    place(work, thread.id, leg)
    audit.note(work, f"staff:{person.id}", "called", thread.id, callback=callback, attempt=leg.row["attempt"])
    found.save()
    thread.listed = True
    thread.save()
    return True


def _check_time(work: Work, row: Mapping[str, Any]) -> None:
    """Not sooner than ten minutes after an attempt in vain; in quiet hours only in the window that the patient chose. Raises `IllegalMove`."""
    if row["next_at"] is not None and row["next_at"] > work.now:
        raise IllegalMove("The last try was less than ten minutes ago. Please give them a moment.", until=row["next_at"].isoformat())
    asked_for = row["window_from"] <= work.now <= row["window_to"]
    if not asked_for and quiet_until(work.now, zones_of(row["number"], work.house.settings.zone)) is not None:
        raise IllegalMove("It is night where the patient is, and they did not ask to be called now.")


def begin(work: Work, lease: jobs.Lease, call: str) -> Placing | None:
    """Commit to asking for a leg; None, and the job is finished, where it must not be asked for. Raises `Fenced`."""
    jobs.check(work.db, lease)
    scene = open_scene(work, call)
    if scene is None or scene.leg.state is not CallState.ATTEMPTING:
        jobs.finish(work.db, lease, now=work.now)
        return None
    leg = scene.leg
    if not scene.is_wanted():
        jobs.finish(work.db, lease, now=work.now)
        scene.report(CallEvent.DROPPED)
    elif not legs.first_time(work, leg, f"{leg.id}:asked"):  # whoever asked for it died
        jobs.finish(work.db, lease, now=work.now)
        _doubt(scene)
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
    """The call that can only be this leg: its own, or the oldest to its number that no other leg has."""
    if leg.row["sid"] is not None:
        return found[0] if found else None
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


def hang_up(work: Work, callback: str, conversation: str) -> None:
    """End whatever still rings or is talked on for a callback. A leg that nobody has asked for yet is dropped by its own job."""
    for leg in legs.alive(work.db, callback):
        plan_end(work, conversation, leg)


def place(work: Work, conversation: str, leg: legs.Leg) -> None:
    """Leave the job that asks Twilio for a leg."""
    work.enqueue("place_call", key=call_ends.key_of(conversation), payload={"call": leg.id})


def _watch(scene: Scene, at: datetime) -> None:
    """One planned look at a time; the earlier plan gives way."""
    name = f"watch:{scene.leg.id}"
    jobs.cancel(scene.work.db, dedupe=name)
    scene.work.enqueue("watch_call", key=call_ends.key_of(scene.thread.id), dedupe=name, payload={"call": scene.leg.id}, run_at=at)


def _ring(scene: Scene) -> timedelta:
    return timedelta(seconds=RING[scene.leg.row["leg"]])


def stage(db: Connection, callback: str) -> dict[str, Any] | None:
    """How the newest call of a callback stands, for the console: None before the first.

    `stage`: ringing_you | calling_patient | connected | ended. `came_of`, once it has ended: staff_missed, or what came of the patient's
    leg. `uncertain`: the provider has not said whether it rings.
    """
    staff = legs.newest(db, callback, STAFF)
    if staff is None:
        return None
    patient = legs.newest(db, callback, PATIENT)
    if patient is not None and patient.row["placed_at"] < staff.row["placed_at"]:  # of an earlier call
        patient = None
    newest = patient or staff
    shown = {"attempt": staff.row["attempt"], "staff": staff.row["staff"], "uncertain": newest.state is CallState.MAYBE_PLACED}
    if patient is None:
        return {**shown, "stage": "ended" if staff.ended else "ringing_you", "came_of": "staff_missed" if staff.ended else None}
    if not patient.ended:
        return {**shown, "stage": "connected" if patient.row["outcome"] == legs.SPOKE else "calling_patient", "came_of": None}
    return {**shown, "stage": "ended", "came_of": patient.row["outcome"] or "staff_missed"}
