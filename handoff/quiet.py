"""Quiet hours: no automated text or call between 21:00 and 8:00 where the patient is (47 CFR 64.1200(c)(1)). Pure.

Where the patient is, their number tells only roughly, so a moment is quiet when it is so in any zone they may be in.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta, tzinfo

BEGIN, END = time(21), time(8)


def quiet_until(at: datetime, zones: Sequence[tzinfo]) -> datetime | None:
    """None when `at` is no quiet hour in any of `zones`, else the first moment (UTC) that is none in all of them.

    The likeliest zone comes first: where no hour of the day suits all of them, it alone decides.
    """
    moment = at.astimezone(UTC)
    for _ in range(4 * max(1, len(zones))):
        ends = [end for zone in zones if (end := _end(moment, zone)) is not None]
        if not ends:
            return None if moment == at else moment
        moment = max(ends)
    return _end(at.astimezone(UTC), zones[0])


def _end(moment: datetime, zone: tzinfo) -> datetime | None:
    """The end of the quiet hours that `moment` lies in, by the clock on the wall there; None where it lies in none."""
    there = moment.astimezone(zone)
    if END <= there.time() < BEGIN:
        return None
    day = there.date() + timedelta(days=there.time() >= BEGIN)
    return datetime.combine(day, END, zone).astimezone(UTC)
