"""What staff do: read, take, write, hand back, close. Each is checked in handoff/staff/access.py and leaves an audit row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select, update

from handoff.consent import How
from handoff.conversation import Event, State
from handoff.desk import audit, consents, line, offering, timers, views
from handoff.desk.orders import Cause, Reason, act
from handoff.desk.pictures import KEPT
from handoff.desk.text import clean
from handoff.desk.thread import Thread, known_message, open_thread
from handoff.desk.work import House, Work
from handoff.errors import AlreadyTaken, BadInput, NotFound, NotYours
from handoff.staff.access import Act, Person, Sight, check, may
from handoff.store import tables as t

OUTCOMES = ("answered", "callback_needed", "passed_on", "no_answer_needed", "patient_left", "duplicate", "safety_handled")
NO_SCORE = ("duplicate", "safety_handled", "patient_left")


@dataclass(frozen=True)
class Written:
    seq: int
    known: bool = False


@dataclass(frozen=True)
class Seen:
    """A picture: one of the kinds of handoff/picture.py, and its bytes."""

    kind: str
    data: bytes


def sight_of(thread: Thread) -> Sight:
    return Sight(thread.core.state, thread.core.owner, line.open_case(thread.work.db, thread.id) is not None)


def _sight(db: Connection, conversation: str) -> Sight:
    c = t.conversation.c
    row = db.execute(select(c.state, c.owner).where(c.id == conversation)).first()
    if row is None:
        raise NotFound
    return Sight(State(row.state), row.owner, line.open_case(db, conversation) is not None)


def read(work: Work, person: Person, conversation: str) -> dict[str, Any]:
    """All that was said and answered. Raises `NotFound`, `NotAllowed`; the read is noted either way it may be seen."""
    thread = open_thread(work, conversation)
    check(person, Act.READ, sight_of(thread))
    audit.note(work, f"staff:{person.id}", "read", conversation, last_seq=thread.row["last_seq"])
    return views.whole_thread(work.db, work.house, person, conversation)


def look_again(db: Connection, house: House, person: Person, conversation: str, after: int) -> dict[str, Any]:
    """What an open thread lacks after `after`. Raises `NotFound`, `NotAllowed`."""
    check(person, Act.READ, _sight(db, conversation))
    return views.whole_thread(db, house, person, conversation, after)


def see_picture(work: Work, person: Person, picture: str) -> Seen:
    """A patient's picture, for whoever may read its conversation; noted. Raises `NotFound`, `NotAllowed`."""
    p = t.picture.c
    row = work.db.execute(select(p.conversation, p.kind, p.data).where(p.id == picture, p.state == KEPT)).first()
    if row is None:
        raise NotFound
    check(person, Act.READ, _sight(work.db, row.conversation))
    audit.note(work, f"staff:{person.id}", "saw_picture", row.conversation, picture=picture)
    return Seen(row.kind, row.data)


def is_mine(db: Connection, person: Person, conversation: str) -> bool:
    return _sight(db, conversation).owner == f"staff:{person.id}"


def take(work: Work, person: Person, conversation: str) -> dict[str, Any]:
    """Become the owner: of two who try at once, one does. Raises `AlreadyTaken` with the winner's name, `NotAllowed`, `NotFound`."""
    thread = open_thread(work, conversation)
    owner = thread.core.owner
    if owner == f"staff:{person.id}":
        return _take_back(thread, person)
    if owner.startswith("staff:") and thread.core.state is State.HUMAN:
        raise AlreadyTaken(f"Already taken by {_name(work, owner)}.", by=_name(work, owner))
    sight = sight_of(thread)
    if not may(person, Act.TAKE, sight):
        check(person, Act.STEP_IN, sight)
    cause = Cause(f"staff:{person.id}", staff=person.id, name=person.name, reason=Reason("follow_up" if sight.case else "asked"))
    act(thread, Event.TAKEN, cause)
    audit.note(work, cause.who, "took", conversation, epoch=thread.core.epoch)
    thread.save()
    return views.item(work.db, work.house, person, conversation)


def _take_back(thread: Thread, person: Person) -> dict[str, Any]:
    """They never left: what they passed on or parked goes on with them, and nobody is said to have joined."""
    if thread.core.state is not State.HUMAN:
        act(thread, Event.TAKEN_BACK, Cause(f"staff:{person.id}", staff=person.id, name=person.name))
        audit.note(thread.work, f"staff:{person.id}", "took_back", thread.id, epoch=thread.core.epoch)
        thread.save()
    return views.item(thread.work.db, thread.work.house, person, thread.id)


def write(work: Work, person: Person, conversation: str, client_id: str, text: object) -> Written:
    """Say something to the patient. The same `client_id` again returns its old `seq`. Raises `NotYours`, `TooLong`, `EmptyMessage`."""
    thread = mine(work, person, Act.WRITE, conversation)
    seq = known_message(work, conversation, client_id)
    if seq is not None:
        return Written(seq, known=True)
    message = thread.add("staff", clean(text), client_id=client_id, staff=person.id, staff_name=person.name)
    act(thread, Event.STAFF_WROTE, Cause(f"staff:{person.id}", staff=person.id, name=person.name))
    audit.note(work, f"staff:{person.id}", "wrote", conversation, seq=message["seq"])
    thread.save()
    return Written(message["seq"])


def hand_back(work: Work, person: Person, conversation: str) -> dict[str, Any]:
    """Back to the bot, which goes on where the survey stopped. Raises `NotYours`."""
    thread = mine(work, person, Act.HAND_BACK, conversation)
    act(thread, Event.HANDED_BACK, Cause(f"staff:{person.id}", name=person.name, outcome="handed_back"))
    audit.note(work, f"staff:{person.id}", "handed_back", conversation, epoch=thread.core.epoch)
    thread.save()
    return views.item(work.db, work.house, person, conversation)


def close(work: Work, person: Person, conversation: str, outcome: object, note: object = "") -> dict[str, Any]:
    """Close with an outcome of the list, and a note for colleagues. Raises `NotYours`, `BadInput`."""
    if outcome not in OUTCOMES or not isinstance(note, str) or len(note) > 2000:
        raise BadInput(f"The outcome must be one of {', '.join(OUTCOMES)}, the note at most 2,000 characters.")
    thread = mine(work, person, Act.CLOSE, conversation)
    cause = Cause(f"staff:{person.id}", name=person.name, outcome=str(outcome), score=outcome not in NO_SCORE)
    act(thread, Event.STAFF_CLOSED, cause)
    if note.strip():
        _keep_note(work, conversation, note.strip())
    audit.note(work, f"staff:{person.id}", "closed", conversation, outcome=str(outcome))
    thread.save()
    return views.item(work.db, work.house, person, conversation)


def stop_texts(work: Work, person: Person, conversation: str) -> dict[str, Any]:
    """The patient told somebody that they want no more texts. Raises `NotFound`, `NotAllowed`, `BadInput` where there is no number."""
    thread = open_thread(work, conversation)
    check(person, Act.STOP_TEXTS, sight_of(thread))
    if not consents.numbers_of(work.db, conversation):
        raise BadInput("This patient has not texted us; there is nothing to stop.")
    if not consents.is_opted_out(work.db, conversation):
        act(thread, Event.OPTED_OUT, Cause(f"staff:{person.id}", name=person.name, outcome=str(How.STAFF)))
        audit.note(work, f"staff:{person.id}", "stopped_texts", conversation)
        thread.listed = True
        thread.save()
    return views.item(work.db, work.house, person, conversation)


def set_available(work: Work, person: Person, on: object) -> Person:
    """Say whether new patients may be told that somebody is here."""
    if not isinstance(on, bool):
        raise BadInput
    if not on:
        timers.watch_passed_on(work, person.id)
        offering.withdraw_all(work, person.id)
    values = {"available": on, "missed": 0, "idle_since": work.now} if on else {"available": on}
    work.db.execute(update(t.staff).where(t.staff.c.id == person.id).values(values))
    work.look_at_line()
    audit.note(work, f"staff:{person.id}", "available" if on else "away")
    return Person(person.id, person.name, person.role, on, person.email)


def mine(work: Work, person: Person, wish: Act, conversation: str) -> Thread:
    """The conversation, opened by whoever has it. Raises `NotYours`, `NotAllowed`, `NotFound`."""
    thread = open_thread(work, conversation)
    check(person, wish)
    if not may(person, wish, sight_of(thread)):
        raise NotYours
    return thread


def _keep_note(work: Work, conversation: str, note: str) -> None:
    r = t.handoff_request.c
    newest = select(r.id, r.note).where(r.conversation == conversation).order_by(r.created_at.desc(), r.id.desc()).limit(1)
    row = work.db.execute(newest).one()
    work.db.execute(update(t.handoff_request).where(r.id == row.id).values(note="\n".join(part for part in (row.note, note) if part)))


def _name(work: Work, owner: str) -> str:
    return line.staff_name(work.db, owner.removeprefix("staff:")) or "a colleague"
