"""Phoning a patient: the staff's phone first, then the patient's. Begun by staff, carried on by jobs (handoff/desk/call_jobs.py) and by
what Twilio tells (handoff/desk/call_hooks.py). No request is made here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select

from handoff.call import CallState
from handoff.callback import TAKEN, UNDER_WAY, Event, State
from handoff.desk import audit, call_ends, callbacks, legs, windows
from handoff.desk.call_ends import plan_end
from handoff.desk.legs import PATIENT, STAFF
from handoff.desk.thread import open_thread
from handoff.desk.work import Work
from handoff.errors import AlreadyTaken, IllegalMove
from handoff.staff.access import Person
from handoff.store import tables as t

TOO_SOON = "The last try was a moment ago, or before the promised time. Please wait until the next is due."


def start(work: Work, person: Person, callback: str) -> bool:
    """Take a callback and ring the staff's own phone, then the patient's. False: by hand, for there is no provider or no phone to ring.

    Twice by the same person is once. Raises `NotFound`, `AlreadyTaken` with the winner's name, `IllegalMove` where it may not be made now.
    """
    thread = open_thread(work, callbacks.conversation_of(work.db, callback))
    found = callbacks.open_callback(thread, callback)
    number = work.db.execute(select(t.staff.c.phone).where(t.staff.c.id == person.id)).scalar_one_or_none()
    if work.house.account is None or not number:
        return False
    if found.state in TAKEN and found.row["staff"] != person.id:
        name = work.db.execute(select(t.staff.c.name).where(t.staff.c.id == found.row["staff"])).scalar_one()
        raise AlreadyTaken(f"Already taken by {name}.", by=name)
    if found.state in UNDER_WAY:
        return True
    _check_time(work, found.row, unsafe=thread.core.unsafe)
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


def _check_time(work: Work, row: Mapping[str, Any], *, unsafe: bool) -> None:
    """Ten minutes after an attempt in vain, or in the window where that was before it; in quiet hours only in the window that the patient
    chose; a safety matter waits for neither.

    Raises `IllegalMove`.
    """
    if unsafe:
        return
    if row["next_at"] is not None and row["next_at"] > work.now:
        raise IllegalMove(TOO_SOON, until=row["next_at"].isoformat())
    if windows.rests_until(work.house, row, work.now) is not None:
        raise IllegalMove("It is night where the patient is, and they did not ask to be called now.")


def place(work: Work, conversation: str, leg: legs.Leg) -> None:
    """Leave the job that asks Twilio for a leg."""
    work.enqueue("place_call", key=call_ends.key_of(conversation), payload={"call": leg.id})


def hang_up(work: Work, callback: str, conversation: str) -> None:
    """End whatever still rings or is talked on for a callback. A leg that nobody has asked for yet is dropped by its own job."""
    for leg in legs.alive(work.db, callback):
        plan_end(work, conversation, leg)


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
