"""What patients are told of danger, and of nobody being here: the numbers to call, who was asked to come, when somebody is back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from handoff.after_danger import Asks, asks_what
from handoff.desk import lifelines, line, windows
from handoff.desk.thread import Thread
from handoff.store import tables as t

SILENCE = timedelta(minutes=1)  # what was said within it is before their eyes
WHOM = ("overdose", "emergency", "self_harm")  # the classes of danger that have words of their own for whom to call, the gravest first
OF_ANY = "emergency"  # the class of words that may be said in any danger


def say_safety(thread: Thread, danger: str) -> None:
    """The fixed words of a danger first; then whether anybody comes. Who has had such words and asks that we send somebody is told that we
    cannot."""
    routing = thread.work.house.routing
    again = _asks(thread) is Asks.HELP and _is_known(thread, danger)
    if again and not _was_said(thread, "safety_answer.help", emergency=routing.numbers.emergency):
        say_still_asked(thread)
        return
    key = f"safety.{danger if danger in routing.safety.classes else 'emergency'}"
    crisis = lifelines.crisis(thread.work.house.words, thread.locale, routing.numbers)
    thread.say(key, emergency=routing.numbers.emergency, crisis=crisis)
    here = line.someone_here(thread.work.db, thread.work.now)
    if here or any(step.phones for step in routing.on_call):
        thread.say("safety_asked")
    if not here:
        say_alone(thread, [], danger)


def say_whom_to_call(thread: Thread, danger: str) -> None:
    """Who is in danger while a member of staff has the chat: the numbers alone, once a minute. All else is theirs to say."""
    whom = _whom(thread, danger)
    if not _was_said(thread, "safety_meanwhile", whom=whom):
        thread.say("safety_meanwhile", whom=whom)


def say_still_asked(thread: Thread) -> None:
    """Whoever waits in danger and writes on is not left in silence, nor told the same at each message; but a question, and a wish to go
    on with ours, is answered. Whoever passed it on reads it."""
    if thread.core.holder is not None:
        return
    asks, emergency = _asks(thread), thread.work.house.routing.numbers.emergency
    answer = None if asks is None else f"safety_answer.{asks}"
    is_new = answer is not None and not _was_said(thread, answer, emergency=emergency)
    if _said_at_last(thread) and not is_new:
        return
    if answer is not None and is_new:
        thread.say(answer, emergency=emergency)
    if line.someone_here(thread.work.db, thread.work.now):
        thread.say("safety_still_asked", whom=_whom(thread))
    else:
        say_alone(thread, [])


def _asks(thread: Thread) -> Asks | None:
    """What the message that was just written wants an answer to."""
    return asks_what(next((message["text"] for message in thread.added if message["author"] == "patient"), ""))


def _is_known(thread: Thread, danger: str) -> bool:
    """Had they told of this danger before, or of any where this is none of its own: "send the police"?"""
    known = _known(thread)
    return bool(known) if danger == OF_ANY else danger in known


def _known(thread: Thread) -> set[str]:
    """The classes of danger that were found in this matter."""
    request = line.open_request(thread.work.db, thread.id)
    rules = [str(one["rule"]) for one in (request or {}).get("reasons", ()) if one["reason"] == "unsafe"]
    return {rule.removeprefix("safety.").partition(":")[0] for rule in rules}


def _was_said(thread: Thread, key: str, **facts: Any) -> bool:
    """Was this sentence said to them just now? By text it may stand among others."""
    m, said = t.message.c, thread.work.house.words.say(thread.locale, key, **facts)
    recent = select(m.text).where(m.conversation == thread.id, m.author == "service", m.at > thread.work.now - SILENCE)
    return any(said in text for text in thread.work.db.execute(recent).scalars())


def _said_at_last(thread: Thread) -> bool:
    """Was anything said to them just now?"""
    m = t.message.c
    newest = select(func.max(m.at)).where(m.conversation == thread.id, m.author != "patient")
    said = thread.work.db.execute(newest).scalar_one_or_none()
    return said is not None and said > thread.work.now - SILENCE


def say_still_watched(thread: Thread) -> None:
    """Who turns away: a member of staff looks at it all the same, and there is somebody to call."""
    thread.say("still_watched", whom=_whom(thread))


def say_alone(thread: Thread, buttons: list[dict[str, str]], danger: str = "") -> None:
    """Nobody is here for who is in line; who may be in danger is told whom to call instead."""
    if thread.core.unsafe:
        say_away(thread, "safety_alone", buttons, whom=_whom(thread, danger))
    else:
        say_away(thread, "place", buttons)
    thread.note(line.NOBODY_HERE, who="service", why="")


def _whom(thread: Thread, danger: str = "") -> str:
    """Whom to call, as part of a sentence: for `danger`, and for what was found in this matter before."""
    house, found = thread.work.house, {danger, *_known(thread)}
    crisis = lifelines.crisis(house.words, thread.locale, house.routing.numbers)
    key = next((one for one in WHOM if one in found), "danger")
    return house.words.say(thread.locale, f"whom.{key}", emergency=house.routing.numbers.emergency, crisis=crisis)


def say_away(thread: Thread, about: str, buttons: list[dict[str, str]], **facts: object) -> None:
    """Nobody is here: closed until when, or just not at the desk."""
    house, now = thread.work.house, thread.work.now
    request = line.open_request(thread.work.db, thread.id)
    opens = house.routing.teams.opens_next((request or {}).get("topic") or "", now, house.hours)
    if opens is not None and opens > now:
        thread.say(f"{about}.closed", buttons=buttons, opens=windows.moment(house, thread.locale, opens, now), **facts)
    else:
        thread.say(f"{about}.nobody_here", buttons=buttons, **facts)
