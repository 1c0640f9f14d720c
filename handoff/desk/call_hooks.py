"""What Twilio tells and asks about a leg: stored once, answered from what is stored."""

from __future__ import annotations

from dataclasses import dataclass

from handoff.call import REPORTS, CallEvent, CallState, is_machine
from handoff.channels import voice
from handoff.desk import calls, legs
from handoff.desk.call_ends import Scene, open_scene
from handoff.desk.legs import PATIENT, PRESSED, SPOKE, STAFF
from handoff.desk.work import Work


@dataclass(frozen=True)
class Told:
    """One request of Twilio's: our ids from its URL, and its own fields; empty where it has none."""

    call: str
    callback: str
    attempt: int
    sid: str
    status: str = ""
    sequence: str = ""
    answered_by: str = ""
    digits: str = ""
    again: bool = False


def staff_picked_up(work: Work, told: Told) -> str:
    """The whisper: nothing about the patient, press 1."""
    scene = _scene(work, told, STAFF)
    if scene is None:
        return voice.hang_up()
    if legs.first_time(work, scene.leg, f"{told.sid}:picked_up"):
        scene.report(CallEvent.ANSWERED, sid=told.sid)
        scene.save()
    return voice.whisper(work.house, _digit_url(work, told))


def staff_pressed(work: Work, told: Told) -> str:
    """1: the patient is rung, once, and the staff member waits in the room. Another key: asked once more."""
    scene = _scene(work, told, STAFF)
    if scene is None:
        return voice.hang_up()
    if told.digits != voice.ACCEPT and scene.leg.row["outcome"] != PRESSED:
        return voice.hang_up() if told.again else voice.whisper(work.house, _digit_url(work, told, again="1"), again=True)
    if legs.first_time(work, scene.leg, f"{told.sid}:pressed"):
        legs.put(work, scene.leg, CallEvent.ANSWERED, sid=told.sid, outcome=PRESSED)
        row = scene.callback.row
        leg = legs.add(work, callback=row["id"], attempt=told.attempt, leg=PATIENT, staff=scene.leg.row["staff"], number=row["number"])
        calls.place(work, scene.thread.id, leg)
        scene.changed = True
        scene.save()
    return voice.wait_for_patient(work.house, scene.leg.id)


def patient_picked_up(work: Work, told: Told) -> str:
    """A person, or what may be one, joins the staff member who waits. A machine, or one for whom nobody waits, is told who called."""
    scene = _scene(work, told, PATIENT)
    if scene is None:
        return voice.hang_up()
    staff = legs.newest(work.db, told.callback, STAFF)
    waits = staff is not None and staff.state is CallState.IN_PROGRESS
    if legs.first_time(work, scene.leg, f"{told.sid}:picked_up"):
        scene.report(CallEvent.ANSWERED, sid=told.sid, answered_by=told.answered_by or None)
        if waits and not is_machine(told.answered_by):
            scene.connect()
        scene.save()
    if staff is not None and waits and scene.leg.row["outcome"] == SPOKE:
        return voice.connect_patient(work.house, scene.language, staff.id)
    return voice.hang_up() if told.answered_by == "fax" else voice.leave_word(work.house, scene.language)


def reported(work: Work, told: Told) -> None:
    """A call status event. Late, doubled and foreign ones change nothing."""
    scene = open_scene(work, told.call)
    event = REPORTS.get(told.status)
    if scene is None or event is None or not _is_of(scene, told):
        return
    if legs.first_time(work, scene.leg, f"{told.sid}:{told.status}:{told.sequence}"):
        answered_by = {"answered_by": told.answered_by} if told.answered_by else {}
        scene.report(event, sid=told.sid, **answered_by)
        scene.save()


def _scene(work: Work, told: Told, side: str) -> Scene | None:
    """The leg, if this is the call it stands for, it has not ended, and its attempt is the one that is made now."""
    scene = open_scene(work, told.call)
    if scene is None or scene.leg.row["leg"] != side or scene.leg.ended or not _is_of(scene, told) or not scene.is_current():
        return None
    return scene


def _is_of(scene: Scene, told: Told) -> bool:
    """Do the ids of the URL belong together, and is the call the one that we know, or the first we hear of?"""
    row = scene.leg.row
    ours = (row["callback"], row["attempt"]) == (told.callback, told.attempt)
    return ours and (row["sid"] == told.sid or (row["sid"] is None and bool(legs.strangers(scene.work.db, [told.sid]))))


def _digit_url(work: Work, told: Told, **more: str) -> str:
    return voice.address(work.house, voice.DIGIT_PATH, callback=told.callback, attempt=told.attempt, call=told.call, **more)
