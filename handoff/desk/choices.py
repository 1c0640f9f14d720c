"""The buttons that are before the patient, and which one typed words mean: "2", "two", "Very good", "a person please"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from handoff.call_words import asks_for_call
from handoff.conversation import Event, State, allowed
from handoff.desk import by_text, responses, windows
from handoff.desk.callbacks import find_open
from handoff.desk.thread import Thread
from handoff.move_words import wants_texts
from handoff.numbers import read_number
from handoff.plain import plain
from handoff.routes import MAX_WORDS, read_instead, read_route
from handoff.store import tables as t
from handoff.triage import look_for_wish
from handoff.window_words import read_window

ROUTES = {str(event): event for event in (Event.CHAT_NOW, Event.CALL_ME, Event.LEAVE_MESSAGE, Event.GO_ON, Event.PATIENT_CANCELLED)}
SCORE = "score:"
_RECENT = (
    select(t.message.c.id, t.message.c.seq, t.message.c.author, t.message.c.text, t.message.c.buttons)
    .where(t.message.c.conversation == bindparam("conversation"), t.message.c.author != "patient")
    .order_by(t.message.c.seq.desc())
    .limit(10)
)
_PASSED = select(func.coalesce(func.max(t.message.c.seq), 0)).where(
    t.message.c.id == t.assessment.c.message, t.assessment.c.level == "unsafe", t.assessment.c.conversation == bindparam("conversation")
)
_AROUND_A_NUMBER = frozenset(
    "option number answer my is its it the please".split() + "opcion numero respuesta mi es la el por favor".split()
)
ASKING, PROMISED = "ask:", "call:"  # asking for a call, and a call that is promised


@dataclass(frozen=True)
class Choice:
    """A button that was typed. `to`: bot | service."""

    id: str
    to: str
    payload: str


def is_in_use(thread: Thread, payload: str) -> bool:
    """Does a button of ours mean anything in the present state? What was offered while they chose means nothing once they wait."""
    if payload.startswith(PROMISED):
        return find_open(thread.work.db, thread.id) is not None
    if payload.startswith(by_text.PREFIX):
        return True
    if payload.startswith(ASKING):
        return thread.core.state is State.CHOOSING
    return (Event.SCORED if payload.startswith(SCORE) else ROUTES[payload]) in allowed(thread.core)


def passed(db: Connection, conversation: str) -> int:
    """The seq up to which every question has passed: that of the last words of danger, after which nothing of before is asked any more."""
    return int(db.execute(_PASSED, {"conversation": conversation}).scalar_one())


def newest_buttons(thread: Thread) -> dict[str, Any] | None:
    """The newest message of ours that has buttons, if it has not passed: `{"id", "author", "text", "buttons", "last", "staff_since"}`.

    `last`: we said nothing after it; `staff_since`: a member of staff did.
    """
    staff_since, gone = False, passed(thread.work.db, thread.id)
    for place, row in enumerate(thread.work.db.execute(_RECENT, {"conversation": thread.id})):
        if row.seq <= gone:
            return None
        if row.buttons:
            known = {"id": row.id, "author": row.author, "text": row.text, "buttons": row.buttons}
            return {**known, "last": place == 0, "staff_since": staff_since}
        staff_since = staff_since or row.author == "staff"
    return None


def typed(thread: Thread, text: str) -> Choice | None:
    """The button that `text` means. The service's own are read on every channel; the bot reads its own words itself, but where
    buttons are numbered lines, a bare number is the line of that number, as it was sent."""
    shown = newest_buttons(thread)
    if shown is None:
        return None
    buttons = shown["buttons"]
    if buttons[0]["payload"].startswith(by_text.PREFIX) and not shown["last"]:
        return None  # something else was said since: a "yes" is an answer to that
    if shown["staff_since"]:
        return None  # whatever a member of staff has said since, that is what is answered
    place = _service_choice(thread, buttons, text)
    if place is None and shown["last"] and not thread.abilities.buttons and thread.core.state is State.BOT and buttons[0]["to"] == "bot":
        place = _numbered(buttons, text)
    return None if place is None else Choice(f"{shown['id']}.{place}", buttons[place]["to"], buttons[place]["payload"])


def _service_choice(thread: Thread, buttons: list[dict[str, str]], text: str) -> int | None:
    ours = [button["payload"] if button["to"] == "service" else "" for button in buttons]
    payloads = [payload if payload and is_in_use(thread, payload) else "" for payload in ours]
    if payloads[0].startswith((ASKING, PROMISED, by_text.PREFIX)):
        return _numbered(buttons, text) if _number(text) is not None else _titled(buttons, text, _window(thread, payloads, text))
    if thread.core.state in (State.CHOOSING, State.WAITING):
        offered = [payload for payload in payloads if payload in ROUTES or payload == by_text.BEGIN]
        waiting = thread.core.state is State.WAITING
        number = _number(text)
        if number is not None:  # where they can be pressed, a number that is typed in line is said to whoever comes
            counts = 0 < number <= len(offered) and not (waiting and thread.abilities.buttons)
            return payloads.index(offered[number - 1]) if counts else None
        event = None if waiting else _route(thread, text, [ROUTES[payload] for payload in offered if payload in ROUTES])
        return None if event is None else payloads.index(str(event))
    if thread.core.state is State.CLOSED and payloads[0].startswith(SCORE):
        score = responses.read_score(thread, text)
        return payloads.index(f"{SCORE}{score}") if score is not None and f"{SCORE}{score}" in payloads else None
    return None


def _route(thread: Thread, text: str, offered: list[Event]) -> Event | None:
    """The route that is meant; whoever asks for a person in a few words does not mean to go on, nor a message."""
    event = read_route(text, offered)
    if event in (Event.CHAT_NOW, Event.CALL_ME) or len(plain(text).split()) > MAX_WORDS:
        return event
    if wants_texts(text) or asks_for_call(text) or not look_for_wish(text, thread.work.house.routing.rules):
        return event
    return Event.CHAT_NOW if Event.CHAT_NOW in offered else None


def means_yes(text: str) -> bool:
    """Is this a wish to chat now, in words that say so only where that was offered: "yes please"?"""
    return read_route(text, [Event.CHAT_NOW]) is not None


def instead_of_waiting(thread: Thread, text: str) -> Event | None:
    """What somebody in line wants instead of waiting, as an event that may come now; all else is said to whoever comes."""
    if thread.core.state is not State.WAITING:
        return None
    shown = newest_buttons(thread)
    answers = thread.core.holder is not None or (shown is not None and shown["staff_since"])
    event = read_instead(text, answers=answers)
    return event if event in allowed(thread.core) else None


def _numbered(buttons: list[dict[str, str]], text: str) -> int | None:
    """The line of a bare number. Titles that are numbers stand for themselves."""
    number = _number(text)
    titles = [button["title"] for button in buttons]
    if number is None:
        return None
    if all(title.isdigit() for title in titles):
        return titles.index(str(number)) if str(number) in titles else None
    return number - 1 if 0 < number <= len(buttons) else None


def _window(thread: Thread, payloads: list[str], text: str) -> int | None:
    """The line of a window that is named by its half of the day: "tomorrow morning"."""
    house, now = thread.work.house, thread.work.now
    places = [(place, windows.read(house, payload.rpartition(":")[2], now)) for place, payload in enumerate(payloads)]
    shown = [(place, window) for place, window in places if window is not None]
    found = read_window(text, [window for _, window in shown], house.hours, now)
    return None if found is None else shown[found][0]


def _titled(buttons: list[dict[str, str]], text: str, window: int | None) -> int | None:
    """The one line whose title has all the words of a short text: "tomorrow" where there is one window tomorrow."""
    if window is not None:
        return window
    said = set(plain(text).split()) - {"please", "por", "favor", "the", "at", "in", "el", "la", "a", "las"}
    fitting = [place for place, button in enumerate(buttons) if said and said <= set(plain(button["title"]).split())]
    return fitting[0] if len(fitting) == 1 and len(said) <= 6 else None


def is_number(text: str) -> bool:
    """Is this the number of a line, and nothing else?"""
    return _number(text) is not None


def _number(text: str) -> int | None:
    """ "2", "#2", "two", "Dos.", "option 2", "it's number 2 please"; nothing that says more."""
    words = [word for word in plain(text).split() if word not in _AROUND_A_NUMBER]
    return read_number(words[0]) if len(words) == 1 else None
