"""What patients do: write, press a button, end. One transaction each; the answer is given after the commit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from handoff.channels import Inbound
from handoff.conversation import Event, State
from handoff.danger import Danger, find_danger
from handoff.desk import assessing, line, responses
from handoff.desk.orders import Cause, Reason, act
from handoff.desk.text import clean
from handoff.desk.thread import Thread, known_message, open_thread
from handoff.desk.work import Work
from handoff.errors import OldButton
from handoff.history import Message
from handoff.routes import read_route
from handoff.store import tables as t
from handoff.triage import look_for_wish

PERSON = "person"  # the button that is always in sight
ROUTES = {str(event): event for event in (Event.CHAT_NOW, Event.LEAVE_MESSAGE, Event.GO_ON, Event.PATIENT_CANCELLED)}


@dataclass(frozen=True)
class Receipt:
    """`seq`: the place of the message in the conversation. `known`: it was taken in before."""

    seq: int
    known: bool = False


def receive(work: Work, inbound: Inbound) -> Receipt:
    """Take in one message. The same `client_id` again returns its old `seq` and does nothing.

    Raises `NotFound`, `TooLong`, `EmptyMessage`, `BadInput`, `OldButton`.
    """
    thread = open_thread(work, inbound.conversation)
    seq = known_message(work, thread.id, inbound.client_id)
    if seq is not None:
        return Receipt(seq, known=True)
    message = _press(thread, inbound) if inbound.button is not None else _write(thread, inbound)
    thread.row["last_patient_at"] = work.now
    thread.save()
    return Receipt(message["seq"])


def _write(thread: Thread, inbound: Inbound) -> dict[str, Any]:
    text = clean(inbound.text)
    message = thread.add("patient", text, client_id=inbound.client_id)
    danger = find_danger(text, thread.work.house.routing.safety)
    if danger is not None:
        told = Message(message["id"], text, thread.work.now)
        assessing.decide(thread, told, None, assessing.history_of(thread, told))
        unsafe(thread, danger, message["id"], who="patient")
    elif thread.core.state is State.CHOOSING and (event := _chosen(thread, text)) is not None:
        act(thread, event, Cause("patient", reason=Reason("asked", message["id"], text)))
    elif thread.core.state is State.CHOOSING and look_for_wish(text, thread.work.house.routing.rules):
        act(thread, Event.WANTS_PERSON, Cause("patient", reason=Reason("asked", message["id"], text, "wants_person")))
    else:
        act(thread, _wrote(thread), Cause("patient", message=message["id"]))
    return message


def unsafe(thread: Thread, danger: Danger, message: str | None, *, who: str) -> None:
    """Fixed words first, top of the line, the survey stops; nobody's hours matter."""
    reason = Reason("unsafe", message, danger.words, f"safety.{danger.danger}: {danger.rule}", thread.work.house.routing.version)
    act(thread, Event.UNSAFE, Cause(who, reason=reason, message=message, danger=danger.danger))


def _wrote(thread: Thread) -> Event:
    """A parked conversation goes back to its owner, or into line when that person is away."""
    if thread.core.state is State.PARKED and not line.staff_here(thread.work.db, thread.core.owner.removeprefix("staff:"), thread.work.now):
        return Event.PATIENT_WROTE_STAFF_AWAY
    return Event.PATIENT_WROTE


def _chosen(thread: Thread, text: str) -> Event | None:
    """The route that typed words mean ("2", "a person please"), among those that are offered now."""
    offered = [button["payload"] for button in (_newest_buttons(thread) or {}).get("buttons", [])]
    return read_route(text, [ROUTES[payload] for payload in offered if payload in ROUTES])


def _press(thread: Thread, inbound: Inbound) -> dict[str, Any]:
    if inbound.button == PERSON:
        text = thread.work.house.words.say(thread.locale, "person_button")
        message = thread.add("patient", text, client_id=inbound.client_id, pressed=PERSON, pressed_to="service")
        act(thread, Event.WANTS_PERSON, Cause("patient", reason=Reason("asked", message["id"], text, "button")))
        return message
    button = _button(thread, str(inbound.button))
    message = thread.add(
        "patient",
        button["title"],
        client_id=inbound.client_id,
        pressed=inbound.button,
        pressed_payload=button["payload"],
        pressed_to=button["to"],
    )
    if button["to"] == "bot":
        act(thread, _wrote(thread), Cause("patient", message=message["id"]))
    elif button["payload"].startswith("score:"):
        act(thread, Event.SCORED, Cause("patient"))
        responses.take_score(thread, button["payload"].removeprefix("score:"), message=message["id"])
    else:
        act(thread, ROUTES[button["payload"]], Cause("patient", reason=Reason("asked", message["id"], "", "button")))
    return message


def _button(thread: Thread, button: str) -> dict[str, str]:
    """The button by its id, if it belongs to the newest message that has any. Raises `OldButton`."""
    shown, _, number = button.rpartition(".")
    newest = _newest_buttons(thread)
    if newest is None or newest["id"] != shown or not number.isascii() or not number.isdigit() or int(number) >= len(newest["buttons"]):
        raise OldButton
    found: dict[str, str] = newest["buttons"][int(number)]
    legal = found["to"] == "bot" or found["payload"].startswith("score:") or thread.core.state in (State.CHOOSING, State.WAITING)
    if not legal:
        raise OldButton
    return found


def _newest_buttons(thread: Thread) -> dict[str, Any] | None:
    m = t.message.c
    recent = select(m.id, m.buttons).where(m.conversation == thread.id, m.author != "patient").order_by(m.seq.desc()).limit(10)
    for row in thread.work.db.execute(recent):
        if row.buttons:
            return {"id": row.id, "buttons": row.buttons}
    return None


def end(work: Work, conversation: str, client_id: str) -> None:
    """The patient ends the conversation; what is open for staff stays open for them. Ending twice is ending once."""
    thread = open_thread(work, conversation)
    if known_message(work, thread.id, client_id) is None and not thread.is_closed():
        thread.add("patient", work.house.words.say(thread.locale, "end_button"), client_id=client_id, pressed="end", pressed_to="service")
        act(thread, Event.PATIENT_LEFT, Cause("patient"))
        if thread.is_closed():
            thread.say("ended")
        thread.save()
