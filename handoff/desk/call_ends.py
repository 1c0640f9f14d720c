"""One leg in its surroundings, and what its end means: for the other leg, for the callback, for the patient."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from handoff.call import CallEvent, CallState, came_of
from handoff.callback import UNDER_WAY, Event
from handoff.desk import callbacks, legs
from handoff.desk.callbacks import OpenCallback
from handoff.desk.legs import PRESSED, SPOKE, STAFF, Leg
from handoff.desk.thread import Thread, open_thread
from handoff.desk.work import Work

SETTLED_AFTER = timedelta(minutes=30)
IN_VAIN: Mapping[str, Event] = {
    "busy": Event.BUSY,
    "no_answer": Event.NOT_ANSWERED,
    "voicemail": Event.MACHINE_ANSWERED,
    "failed": Event.CALL_FAILED,
}


@dataclass
class Scene:
    """A leg, its callback and their thread, locked until the deed ends. `save` rings the consoles where anything has changed."""

    work: Work
    thread: Thread
    callback: OpenCallback
    leg: Leg
    changed: bool = False

    @property
    def language(self) -> str:
        return str(self.callback.row["language"])

    def is_current(self) -> bool:
        """Is this leg part of the attempt that is made now?"""
        newest = legs.newest(self.work.db, self.leg.row["callback"], self.leg.row["leg"])
        return self.callback.state in UNDER_WAY and newest is not None and newest.id == self.leg.id

    def is_wanted(self) -> bool:
        """Should it ring? A patient is rung only while a member of staff waits."""
        return self.is_current() and (self.leg.is_staff or self._somebody_waits())

    def _somebody_waits(self) -> bool:
        staff = legs.newest(self.work.db, self.leg.row["callback"], STAFF)
        return staff is not None and staff.state is CallState.IN_PROGRESS and staff.row["outcome"] == PRESSED

    def report(self, event: CallEvent, **known: Any) -> None:
        """Move the leg, and see to what follows from its end. One that nobody wants any more is hung up as soon as it can be."""
        if not legs.put(self.work, self.leg, event, **known):
            if not self.leg.ended and not self.is_current():
                plan_end(self.work, self.thread.id, self.leg)
            return
        self.changed = True
        if self.leg.ended:
            self._staff_ended() if self.leg.is_staff else self._patient_ended(event)
        elif not self.is_current() or (self.leg.state is not CallState.IN_PROGRESS and not self.is_wanted()):
            plan_end(self.work, self.thread.id, self.leg)

    def connect(self) -> None:
        """The two are about to hear each other: a call in the promised window is the promise kept."""
        legs.put(self.work, self.leg, None, outcome=SPOKE)
        self.callback.step(Event.PATIENT_ANSWERED)
        self.changed = True

    def _staff_ended(self) -> None:
        """Without a 1 nobody took the call, and it goes back into the line; else the patient need not be rung any longer."""
        if self.leg.row["outcome"] == PRESSED:
            for other in legs.alive(self.work.db, self.leg.row["callback"]):
                if not other.is_staff and other.state is not CallState.IN_PROGRESS:
                    plan_end(self.work, self.thread.id, other)
        elif self.is_current():
            self.callback.step(Event.STAFF_MISSED)

    def _patient_ended(self, event: CallEvent) -> None:
        """Who waits for the patient is let go. A patient who was rung in vain hears who called; one who was never rung hears nothing."""
        row = self.leg.row
        came = came_of(row["answered_by"], row["outcome"] == SPOKE, self.leg.state)
        for other in legs.alive(self.work.db, row["callback"]):
            if other.is_staff and came != SPOKE:
                plan_end(self.work, self.thread.id, other)
        if came == SPOKE:
            self._ask_how_it_went()
        if not self.is_current():
            return
        if event is CallEvent.DROPPED:
            self.callback.step(Event.STAFF_MISSED)
        elif came != SPOKE:
            legs.put(self.work, self.leg, None, outcome=came)
            self.callback.step(IN_VAIN[came])

    def _ask_how_it_went(self) -> None:
        """The console asks whoever called; when nobody says, the callback is completed without."""
        self.work.enqueue("settle_call", key=key_of(self.thread.id), payload={"call": self.leg.id}, run_at=self.work.now + SETTLED_AFTER)

    def save(self) -> None:
        if self.changed:
            self.callback.save()
            self.thread.listed = True
            self.thread.save()


def open_scene(work: Work, call: str) -> Scene | None:
    """A leg by its id, with all that belongs to it; None for one that we do not know, or whose conversation was erased."""
    conversation = legs.conversation_of(work.db, call)
    if conversation is None:
        return None
    thread = open_thread(work, conversation)
    leg = legs.load(work.db, call)
    return Scene(work, thread, callbacks.open_callback(thread, leg.row["callback"]), leg)


def plan_end(work: Work, conversation: str, leg: Leg) -> None:
    """Leave the job that hangs up a leg, once. One without a sid is hung up when it turns up."""
    if leg.row["sid"] is not None:
        work.enqueue("end_call", key=key_of(conversation), dedupe=f"end:{leg.id}", payload={"call": leg.id})


def key_of(conversation: str) -> str:
    """All jobs about the calls of a conversation go one after the other."""
    return f"call:{conversation}"
