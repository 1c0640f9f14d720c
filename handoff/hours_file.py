"""Opening hours as a clinic writes them: config/hours.yml, read once at start, says when staff can phone patients."""

from __future__ import annotations

import re
from datetime import date, tzinfo
from pathlib import Path
from typing import Any

from handoff.errors import BadSetting
from handoff.hours import Hours
from handoff.yaml_text import parse, read_text

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
EARLIEST, LATEST = 8 * 60, 21 * 60  # nobody is phoned outside 8:00-21:00 (47 CFR 64.1200(c)(1))
_SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]|24(?=:00)):([0-5]\d)")


def load_hours(path: Path, *, zone: tzinfo) -> Hours:
    """The opening hours of `path` in `zone`. Raises `BadSetting` with the place of the first mistake."""
    read = parse(path, read_text(path)) or {}
    return read_hours(read, f"{path}", zone=zone, within=(EARLIEST, LATEST))


def read_hours(read: object, place: str, *, zone: tzinfo, within: tuple[int, int] = (0, 24 * 60)) -> Hours:
    """Days with their spans, and holidays, as YAML gives them; cut to `within`, in minutes since midnight. `place`: for the mistake.

    Raises `BadSetting` with the place of the first mistake.
    """
    if not isinstance(read, dict):
        raise BadSetting(f"{place}: must be a list of days with their hours.")
    unknown = next((str(name) for name in read if name not in (*DAYS, "holidays")), None)
    if unknown is not None:
        raise BadSetting(f"{place}: {unknown}: is no day; days are {', '.join(DAYS)}.")
    weekly = {number: _spans(place, day, read.get(day) or [], within) for number, day in enumerate(DAYS)}
    return Hours(zone, weekly, frozenset(_holidays(place, read.get("holidays") or [])))


def _spans(place: str, day: str, given: Any, within: tuple[int, int]) -> tuple[tuple[int, int], ...]:
    """Minutes since midnight, in order."""
    found: list[tuple[int, int]] = []
    for span in given if isinstance(given, list) else [given]:
        match = _SPAN.fullmatch(str(span))
        if match is None:
            raise BadSetting(f'{place}: {day}: {span}: must look like "08:00-18:00".')
        hours = [int(part) for part in match.groups()]
        begins, ends = hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]
        if ends <= begins or (found and begins <= found[-1][1]):
            raise BadSetting(f"{place}: {day}: {span}: must end after it begins, and begin after the one before it.")
        begins, ends = max(begins, within[0]), min(ends, within[1])
        if begins < ends:
            found.append((begins, ends))
    return tuple(found)


def _holidays(place: str, given: Any) -> list[date]:
    try:
        return [day if isinstance(day, date) else date.fromisoformat(str(day)) for day in given]
    except (TypeError, ValueError):
        raise BadSetting(f'{place}: holidays: must be days like "2026-12-25".') from None
