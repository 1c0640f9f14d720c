"""Asking for a call: which number, is it right, when, what about; and for the message that is left. Stored, and only then said.

The patient chose "call me" or "leave a message" and stays in `choosing` until it is done, one small step a message; what is known so far
lies on the conversation's row, so that a reload or a restart forgets nothing. At each step they may go back to the routes, ask for a
person, or, but for the words that are asked for themselves, just write something else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from handoff.call_words import asks_for_call
from handoff.conversation import Event
from handoff.desk import consents, windows
from handoff.desk.asking_words import LONGEST_ANSWER, LONGEST_NOW, NOTHING, NOW, PARTS, RIGHT, SUBJECT, YES
from handoff.desk.callbacks import Wish
from handoff.desk.orders import Cause, Reason, act
from handoff.desk.thread import Thread, has_written
from handoff.hours import Window
from handoff.plain import plain
from handoff.telephone import ending, read_telephone, written
from handoff.window_words import find_window

PREFIX = "ask:"
WORDS = ("about", "message")  # the steps that take any words: what the call is about, what the team is to read
WRONG = {"short": "number_short", "long": "number_long", "costly": "number_costly", "country": "number_country", "none": "number_none"}


def begin(thread: Thread, words: str = "") -> None:
    """The first step: the number that texts here, if there is one; else whichever they type.

    `words`: those that asked for the call. A number and a time that they name are not asked for again.
    """
    settings, house, now = thread.work.house.settings, thread.work.house, thread.work.now
    window = find_window(words, house.hours, now)
    _put(thread, {"step": "number", **({"window": windows.written(window)} if window is not None else {})})
    known = consents.numbers_of(thread.work.db, thread.id)
    found = read_telephone(words, country=settings.country, countries=settings.countries).number
    if found in known:
        _ask_when(thread, str(found))
    elif found is not None:
        _confirm(thread, found)
    elif known:
        this = _button(thread, "asking.this_number", "number:this", ending=ending(known[-1]))
        thread.say("asking.which_number", buttons=[this, _button(thread, "asking.other_number", "number:other"), _back(thread)])
    else:
        thread.say("asking.number", buttons=[_back(thread)])


def begin_message(thread: Thread, message: str) -> None:
    """The message itself: whoever has written what it is about already need not do so again."""
    _put(thread, {"step": "message"})
    enough = [_button(thread, "asking.enough", "message:")] if has_written(thread) else []
    thread.say("asking.message_more" if enough else "asking.message", buttons=[*enough, _back(thread)])


def takes_words(thread: Thread) -> bool:
    """Is the next thing they say what the call is about, or the message that they leave, whatever it speaks of?"""
    return (thread.row["asking"] or {}).get("step") in WORDS


def message_begun(thread: Thread) -> bool:
    """Do they want to leave a message, and have written something that the team can answer?"""
    return (thread.row["asking"] or {}).get("step") == "message" and has_written(thread)


def answers(thread: Thread, text: str) -> bool:
    """Do words that ask for a person answer the open step all the same: with a number, or with what it is about?"""
    step = (thread.row["asking"] or {}).get("step")
    if step in ("number", "confirm"):
        settings = thread.work.house.settings
        return read_telephone(text, country=settings.country, countries=settings.countries).number is not None
    parts = [plain(part).split() for part in PARTS.split(text)]
    at_once = any(len(part) <= LONGEST_NOW and not NOW.isdisjoint(part) for part in parts)
    return step in WORDS and not at_once and not all(SUBJECT.isdisjoint(part) for part in parts)


def asks_when(thread: Thread) -> bool:
    """Is the next thing they say when they may be phoned?"""
    return bool((thread.row["asking"] or {}).get("step") == "window")


def pressed(thread: Thread, payload: str, message: str) -> None:
    """One of this dialogue's buttons, pressed or typed."""
    step, _, rest = payload.removeprefix(PREFIX).partition(":")
    _PRESSED[step](thread, rest, message)


def said(thread: Thread, text: str, message: str) -> bool:
    """Typed words that are no button. Whether they belong to this dialogue."""
    asking = thread.row["asking"]
    return False if asking is None else _SAID[asking["step"]](thread, text, message)


def _take_number(thread: Thread, text: str, message: str) -> bool:
    settings = thread.work.house.settings
    found = read_telephone(text, country=settings.country, countries=settings.countries)
    if found.number is None:
        if found.wrong == "none" and len(plain(text).split()) > 3:
            return _leave(thread)
        if found.wrong == "none" and thread.row["asking"].get("again"):
            return _give_up(thread, message)
        _put(thread, {**thread.row["asking"], "again": True})
        thread.say(f"asking.{WRONG[found.wrong or 'none']}", buttons=[_back(thread)])
    elif found.number in consents.numbers_of(thread.work.db, thread.id):
        _ask_when(thread, found.number)
    else:
        _confirm(thread, found.number)
    return True


def _choose_number(thread: Thread, which: str, message: str) -> None:
    known = consents.numbers_of(thread.work.db, thread.id)
    if which == "this" and known:
        _ask_when(thread, known[-1])
    else:
        _put(thread, {**_time(thread), "step": "number"})
        thread.say("asking.number", buttons=[_back(thread)])


def _confirm(thread: Thread, number: str, *, again: bool = False) -> None:
    """A number that is not the one texting is repeated, as people at home write it: one wrong digit rings a stranger."""
    _put(thread, {**_time(thread), "step": "confirm", "number": number, **({"again": True} if again else {})})
    shown = written(number, country=thread.work.house.settings.country)
    right, other = _button(thread, "asking.right", "confirm:"), _button(thread, "asking.other_number", "number:other")
    thread.say("asking.confirm", number=shown, buttons=[right, other, _back(thread)])


def _confirmed(thread: Thread, rest: str, message: str) -> None:
    asking = thread.row["asking"] or {}
    if "number" in asking:
        _ask_when(thread, asking["number"])
    else:
        begin(thread)


def _answer_confirm(thread: Thread, text: str, message: str) -> bool:
    words = plain(text).split()
    if (words and words[0] in YES) or plain(text) in RIGHT:
        _confirmed(thread, "", message)
        return True
    window = find_window(text, thread.work.house.hours, thread.work.now)
    if window is not None:  # when they may be phoned, before they were asked: it is kept, and the number asked again
        thread.row["asking"] = {**thread.row["asking"], "window": windows.written(window)}
        _confirm(thread, thread.row["asking"]["number"])
        return True
    if any(char.isdigit() for char in text):
        return _take_number(thread, text, message)
    if words and words[0] in ("no", "wrong", "nope"):
        _choose_number(thread, "other", message)
        return True
    if len(words) > LONGEST_ANSWER:
        return _leave(thread)
    if thread.row["asking"].get("again"):
        return _give_up(thread, message)
    _confirm(thread, thread.row["asking"]["number"], again=True)
    return True


def _ask_when(thread: Thread, number: str) -> None:
    """Unless they have said when."""
    chosen = _time(thread).get("window", "")
    _put(thread, {"step": "window", "number": number})
    if windows.read(thread.work.house, chosen, thread.work.now) is None:
        _show_windows(thread, "asking.when")
    else:
        _choose_window(thread, chosen, "")


def _time(thread: Thread) -> dict[str, str]:
    """The window that is known so far, if one is."""
    asking = thread.row["asking"] or {}
    return {"window": asking["window"]} if "window" in asking else {}


def _show_windows(thread: Thread, key: str) -> None:
    house, now = thread.work.house, thread.work.now
    offered = windows.buttons(house, thread.locale, now, prefix=f"{PREFIX}window:")
    thread.say(key, buttons=[*offered, _back(thread)])


def _choose_window(thread: Thread, chosen: str, message: str) -> None:
    asking, house = thread.row["asking"] or {}, thread.work.house
    window = windows.read(house, chosen, thread.work.now)
    if "number" not in asking:
        begin(thread)
    elif window is None:
        _show_windows(thread, "asking.too_late")
    else:
        _put(thread, {"step": "about", "number": asking["number"], "window": windows.written(window)})
        thread.say("asking.about", buttons=[_button(thread, "asking.skip", "about:"), _back(thread)])


def _answer_window(thread: Thread, text: str, message: str) -> bool:
    if len(plain(text).split()) > LONGEST_ANSWER and not asks_for_call(text):
        return _leave(thread)
    window = find_window(text, thread.work.house.hours, thread.work.now)
    if window is not None:
        _choose_window(thread, windows.written(window), message)
        return True
    if thread.row["asking"].get("again"):
        return _give_up(thread, message)
    _put(thread, {**thread.row["asking"], "again": True})
    _show_windows(thread, "asking.choose")
    return True


def _skip_about(thread: Thread, rest: str, message: str) -> None:
    _finish(thread, "", message)


def _take_about(thread: Thread, text: str, message: str) -> bool:
    """What it is about; a time and nothing else is a change of mind."""
    window = find_window(text, thread.work.house.hours, thread.work.now, alone=True)
    if window is not None:
        _choose_window(thread, windows.written(window), message)
        return True
    _finish(thread, "" if plain(text) in NOTHING else text[:500], message)
    return True


def _finish(thread: Thread, about: str, message: str) -> None:
    """All is known: it is stored, and said by the order that stored it."""
    asking = thread.row["asking"] or {}
    window: Window | None = windows.read(thread.work.house, asking.get("window", ""), thread.work.now)
    if "number" not in asking:
        begin(thread)
    elif window is None:
        _put(thread, {"step": "window", "number": asking["number"]})
        _show_windows(thread, "asking.too_late")
    else:
        wish = Wish(asking["number"], window, about, "patient")
        reason = Reason("asked", message, "", "call_me")
        act(thread, Event.CALL_ME, Cause("patient", reason=reason, message=message if about else None, wish=wish))


def _leave_message(thread: Thread, rest: str, message: str) -> None:
    """What they wrote before is the message."""
    act(thread, Event.LEAVE_MESSAGE, Cause("patient", reason=Reason("asked", message, "", "leave_message")))


def _take_message(thread: Thread, text: str, message: str) -> bool:
    event = Event.GO_ON if plain(text) in NOTHING and not has_written(thread) else Event.LEAVE_MESSAGE
    act(thread, event, Cause("patient", reason=Reason("asked", message, text, "leave_message"), message=message))
    return True


def _go_back(thread: Thread, rest: str, message: str) -> None:
    act(thread, Event.WANTS_PERSON, Cause("patient", reason=Reason("asked", message, "", "button")))


def _give_up(thread: Thread, message: str) -> bool:
    """Not understood for the second time: that no call is arranged is said, or the next number would answer something else."""
    thread.say("asking.nothing_arranged")
    _go_back(thread, "", message)
    return True


def _leave(thread: Thread) -> bool:
    """They speak of something else: the words are the bot's, and nobody waits for a call that was not arranged."""
    thread.row["asking"] = None
    thread.say("asking.nothing_arranged")
    return False


def _put(thread: Thread, asking: dict[str, Any]) -> None:
    """What is known so far; the time to choose begins anew."""
    thread.row["asking"] = asking
    thread.set_timer()


def _button(thread: Thread, key: str, payload: str, **facts: object) -> dict[str, str]:
    title = thread.work.house.words.say(thread.locale, key, by_text=not thread.abilities.buttons, **facts)
    return {"title": title, "payload": PREFIX + payload, "to": "service"}


def _back(thread: Thread) -> dict[str, str]:
    return _button(thread, "asking.back", "back:")


_PRESSED: Mapping[str, Callable[[Thread, str, str], None]] = {
    "number": _choose_number,
    "confirm": _confirmed,
    "window": _choose_window,
    "about": _skip_about,
    "message": _leave_message,
    "back": _go_back,
}
_SAID: Mapping[str, Callable[[Thread, str, str], bool]] = {
    "number": _take_number,
    "confirm": _answer_confirm,
    "window": _answer_window,
    "about": _take_about,
    "message": _take_message,
}
