"""Which of the offered windows a patient means by typed words: "morning", "tomorrow afternoon", "el lunes por la tarde". Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

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
_AROUND = frozenset(("please", "por", "favor", "the", "in", "on", "at", "el", "la", "would", "be", "is", "good", "fine", "ok"))


def read_window(text: str, offered: Sequence[Window], hours: Hours, now: datetime) -> int | None:
    """The place in `offered` of the window that `text` names; None for other words, and for a day with several windows.

    Half a day without its day is the soonest one.
    """
    left = f" {plain(text)} "
    left, morning = _take(left, _MORNING)
    left, afternoon = _take(left, _AFTERNOON)
    left, today = _take(left, _TODAY)
    left, tomorrow = _take(left, _TOMORROW)
    weekdays = []
    for weekday, names in enumerate(_WEEKDAYS):
        left, named = _take(left, names)
        weekdays += [weekday] if named else []
    halves = [True] * morning + [False] * afternoon
    if (set(left.split()) - _AROUND) or len(halves) > 1 or today + tomorrow + len(weekdays) > 1:
        return None
    day = hours.day(now) if today else hours.day(now) + timedelta(days=1) if tomorrow else None
    fitting = [
        place
        for place, window in enumerate(offered)
        if (not halves or hours.is_morning(window.begins) is halves[0])
        and (day is None or hours.day(window.begins) == day)
        and (not weekdays or hours.day(window.begins).weekday() == weekdays[0])
    ]
    named_any = bool(halves or day or weekdays)
    return fitting[0] if named_any and fitting and (halves or len(fitting) == 1) else None


def _take(words: str, phrases: Sequence[str]) -> tuple[str, bool]:
    """The words without the first of the phrases that stands among them, and whether one did."""
    for phrase in phrases:
        if f" {phrase} " in words:
            return words.replace(f" {phrase} ", " ", 1), True
    return words, False
