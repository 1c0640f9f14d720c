"""When the clinic is open, and which windows for a call it can really keep. Values in, values out.

All moments are aware; opening times are wall-clock times of the clinic's zone, lengths are real time, so that a day of 23 or 25
hours is just another day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

LEAD = timedelta(minutes=15)  # nobody is rung sooner than this after they asked
LENGTH = timedelta(hours=2)
SHORTEST = timedelta(hours=1)  # a shorter window is not offered: one engaged line would break it
QUARTER = timedelta(minutes=15)
LOOK_AHEAD = 30  # days; who is closed for longer offers no window


@dataclass(frozen=True)
class Window:
    """The patient is rung between the two, in UTC."""

    begins: datetime
    ends: datetime


@dataclass(frozen=True)
class Hours:
    """`weekly`: weekday (Monday is 0) -> spans of minutes since midnight, in order, not touching; a span may end at 24:00 (1440)."""

    zone: tzinfo
    weekly: Mapping[int, tuple[tuple[int, int], ...]]
    holidays: frozenset[date] = frozenset()

    def is_open(self, at: datetime) -> bool:
        return any(span.begins <= at < span.ends for span in self._spans(at, days=1))

    def opens_next(self, at: datetime) -> datetime | None:
        """`at` itself when open then, else the next opening; None when there is none within a month."""
        for span in self._spans(at, days=LOOK_AHEAD):
            if at < span.ends:
                return max(at, span.begins)
        return None

    def windows(self, now: datetime, count: int = 4) -> tuple[Window, ...]:
        """The next windows that can be kept, at most one for a morning and one for an afternoon, so that words can name them."""
        found: dict[tuple[date, bool], Window] = {}
        for window in self.slots(now, days=LOOK_AHEAD):
            found.setdefault((self.day(window.begins), self.is_morning(window.begins)), window)
            if len(found) >= count:
                break
        return tuple(found.values())[:count]

    def slots(self, now: datetime, *, days: int) -> Iterator[Window]:
        """Every window that can be kept, that day and `days` more, in order."""
        soonest = _round_up(now + LEAD)
        for span in self._spans(now, days=days):
            for slot in _slots(span):
                window = Window(max(slot.begins, soonest), slot.ends)
                if window.ends - window.begins >= SHORTEST:
                    yield window

    def day(self, at: datetime) -> date:
        """The clinic's calendar day at that moment."""
        return at.astimezone(self.zone).date()

    def is_morning(self, at: datetime) -> bool:
        return at.astimezone(self.zone).hour < 12

    def _spans(self, at: datetime, *, days: int) -> Iterator[Window]:
        """The opening spans of that day and of `days` more, in order."""
        first = self.day(at)
        for ahead in range(days + 1):
            day = first + timedelta(days=ahead)
            if day not in self.holidays:
                for opens, closes in self.weekly.get(day.weekday(), ()):
                    yield Window(self._moment(day, opens), self._moment(day, closes))

    def _moment(self, day: date, minutes: int) -> datetime:
        """The moment of a wall-clock time; one that the clock jumps over in spring is the moment as long after the jump."""
        wall = datetime(day.year, day.month, day.day) + timedelta(minutes=minutes)
        return wall.replace(tzinfo=self.zone).astimezone(UTC)


def _slots(span: Window) -> Iterator[Window]:
    """Pieces of two hours; what is left at the end belongs to the last piece when it is too short for one of its own."""
    begins = span.begins
    while begins < span.ends:
        ends = begins + LENGTH
        if span.ends - ends < SHORTEST:
            ends = span.ends
        yield Window(begins, ends)
        begins = ends


def _round_up(at: datetime) -> datetime:
    midnight = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - (midnight - at) // QUARTER * QUARTER
