"""Which of the offered windows a patient means by typed words: "morning", "tomorrow at 10", "el lunes por la tarde". Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from handoff.hours import Hours, Window
from handoff.plain import plain

_MORNING = ("in the morning", "por la manana", "en la manana", "de la manana", "morning")  # before "manana", which is tomorrow
_AFTERNOON = ("in the afternoon", "por la tarde", "en la tarde", "de la tarde", "afternoon", "tarde")
_TODAY = ("today", "hoy", "this")
_TOMORROW = ("tomorrow", "manana")
_WEEKDAYS = (
    *(("monday", "lunes"), ("tuesday", "martes"), ("wednesday", "miercoles"), ("thursday", "jueves")),
    *(("friday", "viernes"), ("saturday", "sabado"), ("sunday", "domingo")),
)
_AROUND = frozenset("please por favor the in on at el la would be is good fine ok make it how about a las".split())
_CLOCK = re.compile(
    r"\b(?:at|around|about|from|after|by|between|before|a las|a la|sobre las) (?P<hour>\d{1,2})(?:[:.h](?P<minute>[0-5]\d))?"
    r"(?P<rest> ?(?:am|pm|a\.m\.|p\.m\.|h|oclock|o'clock)\b)?(?! ?[\d/-])"
    r"|\b(?P<bare>\d{1,2})(?:[:.](?P<past>[0-5]\d))? ?(?P<half>am|pm|a\.m\.|p\.m\.)"
)
_SUBJECT = re.compile(
    r"\b(?:about (?!\d)|regarding|because|sobre (?!las)|porque|acerca).*", re.DOTALL
)  # what it is about may name days too


@dataclass(frozen=True)
class _Named:
    """What words name: days, halves of the day (morning is True), minutes since midnight that may be meant; and what else they say."""

    days: tuple[date | int, ...]
    halves: tuple[bool, ...]
    minutes: tuple[int, ...]
    left: str


def read_window(text: str, offered: Sequence[Window], hours: Hours, now: datetime) -> int | None:
    """The place in `offered` of the window that `text` names, and nothing else; None for other words, and for a day with several windows.

    Half a day without its day, or a time, is the soonest one.
    """
    named = _read(text, hours, now)
    return None if set(named.left.split()) - _AROUND else _choose(named, offered, hours)


def find_window(text: str, hours: Hours, now: datetime, *, alone: bool = False) -> Window | None:
    """The window that is named among other words, "call me tomorrow at 10": by a time, any of a week; else one that is offered.

    `alone`: not among other words, as `read_window` reads it.
    """
    named = _read(text if alone else _SUBJECT.sub("", text.casefold()), hours, now)
    if alone and set(named.left.split()) - _AROUND:
        return None
    choice = list(hours.slots(now, days=7)) if named.minutes else hours.windows(now)
    place = _choose(named, choice, hours)
    return None if place is None else choice[place]


def _read(text: str, hours: Hours, now: datetime) -> _Named:
    said, minutes = _take_time(text.casefold())
    left = f" {plain(said)} "
    left, morning = _take(left, _MORNING)
    left, afternoon = _take(left, _AFTERNOON)
    left, today = _take(left, _TODAY)
    left, tomorrow = _take(left, _TOMORROW)
    days: list[date | int] = [*[hours.day(now)] * today, *[hours.day(now) + timedelta(days=1)] * tomorrow]
    for weekday, names in enumerate(_WEEKDAYS):
        left, named = _take(left, names)
        days += [weekday] if named else []
    return _Named(tuple(days), (True,) * morning + (False,) * afternoon, minutes, left)


def _take_time(said: str) -> tuple[str, tuple[int, ...]]:
    """The first time of day, and the words without it: "at 3" may be 03:00 or 15:00."""
    found = _CLOCK.search(said)
    if found is None:
        return said, ()
    hour, minute = int(found["hour"] or found["bare"]), int(found["minute"] or found["past"] or 0)
    half = (found["rest"] or found["half"] or "").strip()[:1]
    if hour > 23 or (half in ("a", "p") and not 1 <= hour <= 12):
        return said, ()
    hours = [hour % 12] if half == "a" else [hour % 12 + 12] if half == "p" else [hour, hour + 12] if 1 <= hour <= 11 else [hour]
    return said[: found.start()] + " " + said[found.end() :], tuple(one * 60 + minute for one in hours)


def _choose(named: _Named, offered: Sequence[Window], hours: Hours) -> int | None:
    if len(named.halves) > 1 or len(named.days) > 1 or not (named.days or named.halves or named.minutes):
        return None
    fitting = [
        place
        for place, window in enumerate(offered)
        if all(hours.is_morning(window.begins) is half for half in named.halves)
        and all(day in (hours.day(window.begins), hours.day(window.begins).weekday()) for day in named.days)
        and (not named.minutes or any(_holds(window, minutes, hours) for minutes in named.minutes))
    ]
    return fitting[0] if fitting and (named.halves or named.minutes or len(fitting) == 1) else None


def _holds(window: Window, minutes: int, hours: Hours) -> bool:
    begins, ends = (at.astimezone(hours.zone) for at in (window.begins, window.ends))
    return begins.hour * 60 + begins.minute <= minutes < (ends.hour * 60 + ends.minute or 24 * 60)


def _take(words: str, phrases: Sequence[str]) -> tuple[str, bool]:
    """The words without the first of the phrases that stands among them, and whether one did."""
    for phrase in phrases:
        if f" {phrase} " in words:
            return words.replace(f" {phrase} ", " ", 1), True
    return words, False
