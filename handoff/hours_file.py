"""Opening hours as a clinic writes them: config/hours.yml, read once at start, says when staff can phone patients."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, tzinfo
from pathlib import Path
from typing import Any

from handoff.errors import BadSetting
from handoff.hours import Hours
from handoff.mistake import Mistake, Place
from handoff.near import instead
from handoff.yaml_text import mistakes_told, parse, read_text

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
EARLIEST, LATEST = 8 * 60, 21 * 60  # nobody is phoned outside 8:00-21:00 (47 CFR 64.1200(c)(1))
_SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]|24(?=:00)):([0-5]\d)")
_LIKE = 'must look like "08:00-18:00", in quotes, with two digits each'


def load_hours(path: Path, *, zone: tzinfo) -> Hours:
    """The opening hours of `path` in `zone`. Raises `BadSetting` with the line of the first mistake."""
    text = read_text(path)
    read = parse(path, text)
    if not isinstance(read, dict):
        raise BadSetting(f"{path}: {'is empty' if read is None else 'must be a list of days with their hours'}: monday, tuesday and so on.")
    with mistakes_told(path, text):
        return read_hours(read, zone=zone, within=(EARLIEST, LATEST))


def read_hours(read: dict[Any, Any], *way: str, zone: tzinfo, within: tuple[int, int] = (0, 24 * 60)) -> Hours:
    """Days with their spans, and holidays, as YAML gives them; cut to `within`, in minutes since midnight. `way`: to them in their file.

    Raises `Mistake` with the place of the first one.
    """
    for name in read:
        if name not in (*DAYS, "holidays"):
            raise Mistake((*way, name), f"this is no day{instead(str(name), (*DAYS, 'holidays'))}")
    weekly = {number: tuple(_spans((*way, day), read.get(day), within)) for number, day in enumerate(DAYS)}
    return Hours(zone, weekly, frozenset(_holidays((*way, "holidays"), read.get("holidays"))))


def _spans(place: Place, given: Any, within: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """Minutes since midnight, in order."""
    before = -1
    for here, span in _each(place, given):
        match = _SPAN.fullmatch(span) if isinstance(span, str) else None
        if match is None:
            raise Mistake(here, f"{_LIKE} (a day that is closed is left out)", is_there=True)
        hours = [int(part) for part in match.groups()]
        begins, ends = hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]
        if ends <= begins or begins <= before:
            raise Mistake(here, f"{span}: must end after it begins, on the same day, and begin after the one before it")
        before = ends
        if ends <= within[0] or begins >= within[1]:
            earliest, latest = (f"{minutes // 60:02}:00" for minutes in within)
            raise Mistake(here, f"{span}: has no effect: nobody is phoned before {earliest} or after {latest}")
        yield max(begins, within[0]), min(ends, within[1])


def _holidays(place: Place, given: Any) -> Iterator[date]:
    for here, day in _each(place, given):
        try:
            if isinstance(day, datetime) or not isinstance(day, str | date):
                raise ValueError
            yield day if isinstance(day, date) else date.fromisoformat(day)
        except ValueError:
            raise Mistake(here, 'must be a day of the calendar like "2026-12-25": year, month, day', is_there=True) from None


def _each(place: Place, given: Any) -> Iterator[tuple[Place, Any]]:
    """What stands in a list, or alone, with its place; nothing where nothing stands."""
    if isinstance(given, list):
        yield from (((*place, number), one) for number, one in enumerate(given))
    elif given is not None:
        yield place, given
