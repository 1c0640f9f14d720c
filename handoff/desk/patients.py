"""What patients do: write, press a button, end. One transaction each; the answer is given after the commit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from handoff.call_words import asks_for_call
from handoff.channels import Inbound
from handoff.conversation import Event, Order, State, allowed
from handoff.danger import Danger, find_danger
from handoff.desk import asking, assessing, by_text, calling_off, choices, line, moving, responses
from handoff.desk.callbacks import find_open
from handoff.desk.choices import ROUTES, SCORE
from handoff.desk.orders import ORDERS, Cause, Reason, act
from handoff.desk.text import clean
from handoff.desk.thread import Thread, known_message, open_thread
from handoff.desk.work import Work
from handoff.errors import BadInput, OldButton
from handoff.history import Message
from handoff.language import language_of
from handoff.triage import look_for_wish

PERSON = "person"  # the button that is always in sight


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
    returned = thread.row["channel"] != inbound.channel
    thread.row["channel"] = inbound.channel
    if inbound.button is not None:
        _press(thread, inbound)
    else:
        write(thread, inbound)
    if returned and thread.row["channel"] == inbound.channel:
        moving.came_back(thread)
    thread.row["last_patient_at"] = work.now
    seq = int(thread.row["last_seq"]) if not thread.added else int(thread.added[0]["seq"])
    thread.save()
    return Receipt(seq)


def write(thread: Thread, inbound: Inbound, *, mark: str | None = None) -> str:
    """Take in words: danger first, then a choice among what is offered, then whatever they are. Returns the message's id."""
    text = clean(inbound.text)
    danger = find_danger(text, thread.work.house.routing.safety)
    if danger is None and thread.core.holder is None:
        line.speak(thread, _language_of_wish(thread, text))
    kept = moving.kept(thread, text)
    button = None if danger is not None or mark or kept != text else choices.typed(thread, text)
    typed = button is not None and (button.payload not in ROUTES or choices.is_number(text))
    message = thread.add(
        "patient",
        kept,
        client_id=inbound.client_id,
        pressed=button.id if button and typed else mark,
        pressed_payload=button.payload if button and typed else None,
        pressed_to=button.to if button and typed else None,
    )
    if danger is not None:
        moving.break_off(thread)
        told = Message(message["id"], kept, thread.work.now)
        assessing.decide(thread, told, None, assessing.history_of(thread, told))
        unsafe(thread, danger, message["id"], who="patient", spoken=language_of(text, thread.work.house.words.languages))
    elif button is not None:
        _follow_button(thread, button.to, button.payload, message["id"], text)
    elif mark is None and moving.said(thread, text):
        pass  # it was about going on by text, and is dealt with
    elif mark is None and asking.asks_when(thread) and asks_for_call(text):
        asking.said(thread, text, message["id"])  # "call me tomorrow at 10": the number is known by now
    elif mark is None and _asks_for_call(thread, text):
        moving.break_off(thread)
        act(thread, Event.WANTS_CALL, Cause("patient", reason=Reason("asked", message["id"], text, "wants_person.call")))
        asking.begin(thread, text)
    elif mark is None and (instead := choices.instead_of_waiting(thread, text)) is not None:
        _go_another_way(thread, instead, message["id"], text)
    elif (rule := _asks_again(thread, text)) is not None:
        act(thread, Event.WANTS_PERSON, Cause("patient", reason=Reason("asked", message["id"], text, rule)))
        thread.set_timer()
    elif thread.core.state is State.CHOOSING and thread.row["asking"] is None and choices.is_number(text):
        ORDERS[Order.SHOW_ROUTES](thread, Cause("patient"))  # what there is not; to the bot it would answer what was not asked
        thread.set_timer()
    elif mark is None and (asking.said(thread, text, message["id"]) or calling_off.said(thread, text)):
        pass  # it was about a call, and is dealt with
    else:
        reach_owner(thread, message["id"])
    return str(message["id"])


def _language_of_wish(thread: Thread, text: str) -> str | None:
    """The language in which they ask for a person or a call, where the words that do so make it clear: they are answered in it."""
    wish = look_for_wish(text, thread.work.house.routing.rules)
    asked = wish.said if wish is not None else text if asks_for_call(text) else ""
    return language_of(asked, thread.work.house.words.languages)


def _asks_for_call(thread: Thread, text: str) -> bool:
    """Who asks outright to be phoned, where there are hours for a call and none is promised, is not shown the routes first."""
    if Event.WANTS_CALL not in allowed(thread.core) or asking.takes_words(thread) or not asks_for_call(text):
        return False
    work = thread.work
    return bool(work.house.hours.windows(work.now, 1)) and find_open(work.db, thread.id) is None


def _asks_again(thread: Thread, text: str) -> str | None:
    """Who chooses says in other words that they want a person, or yes to one who is not here. Returns by which rule."""
    if thread.core.state is not State.CHOOSING:
        return None
    if not asking.answers(thread, text) and look_for_wish(text, thread.work.house.routing.rules):
        return "wants_person"
    return "offer.yes" if thread.row["asking"] is None and choices.means_yes(text) else None


def _go_another_way(thread: Thread, instead: Event, message: str, text: str) -> None:
    """Out of line, as they wish. Where no other call can be had, they are told of their place, and how to leave it."""
    if instead is Event.WANTS_CALL:
        if not calling_off.said(thread, text):
            ORDERS[Order.SAY_PLACE](thread, Cause("patient"))
    elif instead is Event.WANTS_MESSAGE:
        act(thread, instead, Cause("patient", reason=Reason("asked", message, text, "wants_message")))
        moving.break_off(thread)
        asking.begin_message(thread, message)
    else:
        act(thread, instead, Cause("patient"))


def unsafe(thread: Thread, danger: Danger, message: str | None, *, who: str, spoken: str | None = None) -> None:
    """Fixed words first, top of the line, the survey stops; nobody's hours matter. We go on in the language in which it was said, where
    that is clear: whoever is in danger reads it, and speaks with somebody who does."""
    line.speak(thread, spoken)
    reason = assessing.reason_of_danger(danger, message, thread.work.house.routing.version)
    act(thread, Event.UNSAFE, Cause(who, reason=reason, message=message, danger=danger.danger))


def reach_owner(thread: Thread, message: str) -> None:
    """What was written is for whoever has the conversation. A parked one goes back to its owner, or into line when that person is away."""
    work, parked_by = thread.work, thread.core.holder if thread.core.state is State.PARKED else None
    if parked_by is None or line.is_staff_here(work.db, parked_by, work.now):
        act(thread, Event.PATIENT_WROTE, Cause("patient", message=message))
    else:
        name = line.staff_name(work.db, parked_by)
        act(thread, Event.PATIENT_WROTE_STAFF_AWAY, Cause("patient", message=message, name=name))


def _press(thread: Thread, inbound: Inbound) -> dict[str, Any]:
    if inbound.button == PERSON:
        moving.break_off(thread)
        text = thread.work.house.words.say(thread.locale, "person_button")
        message = thread.add("patient", text, client_id=inbound.client_id, pressed=PERSON, pressed_to="service")
        if thread.core.state is State.PARKED:
            reach_owner(thread, message["id"])
        else:
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
    _follow_button(thread, button["to"], button["payload"], message["id"], "")
    return message


def _follow_button(thread: Thread, to: str, payload: str, message: str, words: str) -> None:
    """What a button does, pressed or typed. `words`: those that were typed for it."""
    if to == "bot":
        reach_owner(thread, message)
    elif payload.startswith(SCORE):
        act(thread, Event.SCORED, Cause("patient"))
        responses.take_score(thread, payload.removeprefix(SCORE), message=message)
    elif payload.startswith(asking.PREFIX):
        asking.pressed(thread, payload, message)
    elif payload.startswith(calling_off.PREFIX):
        calling_off.pressed(thread, payload)
    elif payload.startswith(by_text.PREFIX):
        moving.pressed(thread, payload)
    elif ROUTES[payload] is Event.CALL_ME:
        moving.break_off(thread)
        asking.begin(thread, words)
    elif ROUTES[payload] is Event.LEAVE_MESSAGE:
        moving.break_off(thread)
        asking.begin_message(thread, message)
    else:
        act(thread, ROUTES[payload], Cause("patient", reason=Reason("asked", message, words, "" if words else "button")))


def _button(thread: Thread, button: str) -> dict[str, str]:
    """The button by its id, if it belongs to the newest message that has any. Raises `OldButton`."""
    shown, _, number = button.rpartition(".")
    newest = choices.newest_buttons(thread)
    if newest is None or newest["id"] != shown or not number.isascii() or not number.isdigit() or int(number) >= len(newest["buttons"]):
        raise OldButton
    found: dict[str, str] = newest["buttons"][int(number)]
    if found["to"] == "service" and not choices.is_in_use(thread, found["payload"]):
        raise OldButton
    return found


def switch_language(work: Work, conversation: str, locale: str) -> None:
    """Go on in `locale`: what is open is asked again in it. Raises `NotFound`, `BadInput` for a language that we do not speak."""
    if locale not in work.house.words.languages:
        raise BadInput
    thread = open_thread(work, conversation)
    if thread.work.house.words.language(thread.locale) != locale:
        line.speak(thread, locale)
        if thread.row["asking"] is None:
            moving.go_on(thread)
        thread.save()


def end(work: Work, conversation: str, client_id: str) -> None:
    """The patient ends the conversation; what is open for staff stays open for them. Ending twice is ending once."""
    thread = open_thread(work, conversation)
    if known_message(work, thread.id, client_id) is None and not thread.is_closed():
        thread.add("patient", work.house.words.say(thread.locale, "end_button"), client_id=client_id, pressed="end", pressed_to="service")
        act(thread, Event.PATIENT_LEFT, Cause("patient"))
        if thread.is_closed():
            thread.say("ended")
        thread.save()
