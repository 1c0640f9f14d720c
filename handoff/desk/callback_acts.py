"""What staff do with promised calls: take one, give it back, note how it went, move it, plan one. Each leaves an audit row."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from handoff.callback import TAKEN, Event, State
from handoff.desk import audit, calls, line, views, windows
from handoff.desk.callbacks import OpenCallback, Wish, conversation_of, find_open, open_callback, plan
from handoff.desk.legs import PATIENT
from handoff.desk.staff import sight_of
from handoff.desk.thread import Thread, open_thread
from handoff.desk.work import House, Work
from handoff.errors import AlreadyTaken, BadInput, BadNumber, IllegalMove, NotYours
from handoff.hours import Window
from handoff.staff.access import Act, Person, check
from handoff.store import tables as t
from handoff.telephone import read_telephone

OUTCOMES = {
    "spoke": Event.COMPLETED,
    "no_answer": Event.NOT_ANSWERED,
    "voicemail": Event.MACHINE_ANSWERED,
    "wrong_number": Event.WRONG_NUMBER,
}
WRONG = {
    "none": "There is no phone number in that.",
    "short": "That number is too short. Please give it with its area code.",
    "long": "That number is too long, or there are two of them.",
    "costly": "Numbers of that kind are not phoned from here.",
    "country": "Numbers of that country are not phoned from here (HEARD_TEXT_COUNTRIES).",
}


def claim(work: Work, person: Person, callback: str) -> dict[str, Any]:
    """Take a call: of two who try at once, one does. Raises `AlreadyTaken` with the winner's name, `IllegalMove`, `NotFound`."""
    thread, found = _open(work, person, callback)
    if found.state in TAKEN and found.row["staff"] == person.id:
        return views.item(work.db, work.house, person, thread.id)
    _refuse_second(work, person, found)
    found.step(Event.CLAIMED, staff=person.id)
    line.responded(work, person.id)
    return _save(thread, found, person, "took_callback")


def release(work: Work, person: Person, callback: str) -> dict[str, Any]:
    """Give it back. Raises `NotYours`, `IllegalMove`."""
    thread, found = _open(work, person, callback)
    if found.row["staff"] != person.id:
        raise NotYours("This call is not with you.")
    found.step(Event.RELEASED)
    return _save(thread, found, person, "released_callback")


def call_now(work: Work, person: Person, callback: str) -> bool:
    """Ring their phone, then the patient's; False: by hand, so the call is theirs to dial and to note. Raises as `calls.start`."""
    _open(work, person, callback)
    if calls.start(work, person, callback):
        return True
    claim(work, person, callback)
    return False


def log_attempt(work: Work, person: Person, callback: str, outcome: object, note: object) -> dict[str, Any]:
    """How a call went, in the words of `OUTCOMES`; one that was dialled by hand is written into the ledger of calls.

    Raises `BadInput`, `AlreadyTaken`, `IllegalMove`.
    """
    if outcome not in OUTCOMES or not isinstance(note, str) or len(note) > 2000:
        raise BadInput(f"The outcome must be one of {', '.join(OUTCOMES)}, the note at most 2,000 characters.")
    thread, found = _open(work, person, callback)
    _refuse_second(work, person, found)
    if found.row["staff"] is None:
        found.step(Event.CLAIMED, staff=person.id)
    if found.state is State.CLAIMED:
        _write_down(work, person, found, str(outcome), note.strip())
    found.step(OUTCOMES[str(outcome)])
    found.row.update(outcome=str(outcome), note=note.strip() or found.row["note"])
    return _save(thread, found, person, "logged_call", outcome=str(outcome))


def move(work: Work, person: Person, callback: str, window: Window) -> dict[str, Any]:
    """Another window, agreed with the patient, who is told. Raises `BadInput` for one that cannot be kept, `IllegalMove`."""
    thread, found = _open(work, person, callback)
    _check_window(work, window)
    found.step(Event.MOVED, window=window)
    return _save(thread, found, person, "moved_callback")


def plan_one(work: Work, person: Person, conversation: str, number: str, window: Window, about: str) -> dict[str, Any]:
    """Promise a patient a call. Raises `BadNumber`, `BadInput`, `IllegalMove` where one is promised already."""
    thread = open_thread(work, conversation)
    check(person, Act.CALL, sight_of(thread))
    if find_open(work.db, conversation) is not None:
        raise IllegalMove("A call is promised to this patient already. Move that one.", state=str(thread.core.state))
    if not thread.core.unsafe:  # nobody's hours delay a safety matter
        _check_window(work, window)
    found = plan(thread, Wish(check_number(work.house, number), window, about.strip()[:500], f"staff:{person.id}"))
    audit.note(work, f"staff:{person.id}", "planned_callback", conversation, callback=found.row["id"])
    thread.listed = True
    thread.save()
    return views.item(work.db, work.house, person, conversation)


def offered(house: House, now: datetime) -> list[dict[str, Any]]:
    """The windows that can be kept: `{from, to, title}`, in the clinic's language."""
    return [
        {
            "from": views.moment(window.begins),
            "to": views.moment(window.ends),
            "title": windows.titled(house, house.settings.locale, window, now, key="windows.button"),
        }
        for window in house.hours.windows(now, 8)
    ]


def set_phone(work: Work, person: Person, number: str) -> Person:
    """The phone that rings first when this person phones a patient; empty: they dial by hand. Raises `BadNumber`."""
    phone = check_number(work.house, number) if number.strip() else None
    work.db.execute(update(t.staff).where(t.staff.c.id == person.id).values(phone=phone))
    audit.note(work, f"staff:{person.id}", "set_phone" if phone else "removed_phone")
    return person


def phone_of(db: Connection, person: Person) -> str | None:
    found: str | None = db.execute(select(t.staff.c.phone).where(t.staff.c.id == person.id)).scalar_one_or_none()
    return found


def check_number(house: House, text: str) -> str:
    """The number in E.164. Raises `BadNumber` with what is wrong."""
    found = read_telephone(text, country=house.settings.country, countries=house.settings.countries)
    if found.number is None:
        raise BadNumber(WRONG[found.wrong or "none"])
    return found.number


def _open(work: Work, person: Person, callback: str) -> tuple[Thread, OpenCallback]:
    thread = open_thread(work, conversation_of(work.db, callback))
    check(person, Act.CALL, sight_of(thread))
    return thread, open_callback(thread, callback)


def _refuse_second(work: Work, person: Person, found: OpenCallback) -> None:
    holder = found.row["staff"]
    if found.state in TAKEN and holder not in (None, person.id):
        name = work.db.execute(select(t.staff.c.name).where(t.staff.c.id == holder)).scalar_one_or_none() or "a colleague"
        raise AlreadyTaken(f"Already taken by {name}.", by=name)


def _check_window(work: Work, window: Window) -> None:
    if not windows.is_kept(work.house, window, work.now):
        raise BadInput("Nobody is here in that time, or it has passed. Please choose another.")


def _write_down(work: Work, person: Person, found: OpenCallback, outcome: str, note: str) -> None:
    """A call that somebody dialled themselves."""
    work.db.execute(
        t.call.insert().values(
            id=work.ids.new(),
            callback=found.row["id"],
            attempt=found.row["attempts"] + 1,
            leg=PATIENT,
            staff=person.id,
            number=found.row["number"],
            state="logged",
            outcome=outcome,
            note=note or None,
            placed_at=work.now,
            changed_at=work.now,
            ended_at=work.now,
        )
    )


def _save(thread: Thread, found: OpenCallback, person: Person, did: str, **detail: str) -> dict[str, Any]:
    work = thread.work
    found.save()
    audit.note(work, f"staff:{person.id}", did, thread.id, callback=found.row["id"], **detail)
    thread.listed = True
    thread.save()
    return views.item(work.db, work.house, person, thread.id)
