"""No automated text between 21:00 and 8:00 where the patient may be: 40 moments, with both changes of the clocks, in many zones."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from handoff.quiet import quiet_until
from handoff.zones import _by_area, country_of, zones_of

NY, CHI, DEN, LA, PHX = "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Phoenix"
LON, MAD, CAN, UTC_ = "Europe/London", "Europe/Madrid", "Atlantic/Canary", "UTC"

# the moment (UTC), the zones, and the end of the quiet hours (UTC) or None
MOMENTS = [
    ("2026-11-23 14:00", [NY], None),  # 9:00
    ("2026-11-23 13:00", [NY], None),  # 8:00 on the dot
    ("2026-11-23 12:59", [NY], "2026-11-23 13:00"),
    ("2026-11-24 01:59", [NY], None),  # 20:59
    ("2026-11-24 02:00", [NY], "2026-11-24 13:00"),  # 21:00 on the dot
    ("2026-11-24 05:00", [NY], "2026-11-24 13:00"),  # midnight
    ("2026-11-24 04:59", [NY], "2026-11-24 13:00"),
    ("2026-11-23 09:00", [LON], None),
    ("2026-11-23 07:30", [LON], "2026-11-23 08:00"),
    ("2026-11-23 21:00", [LON], "2026-11-24 08:00"),
    # the strictest of several
    ("2026-11-23 13:30", [NY, LA], "2026-11-23 16:00"),  # 8:30 in the east, 5:30 in the west
    ("2026-11-24 02:30", [NY, LA], "2026-11-24 16:00"),  # 21:30 in the east
    ("2026-11-24 01:00", [NY, LA], None),
    ("2026-11-23 14:30", [CHI, DEN], "2026-11-23 15:00"),
    ("2026-11-23 14:30", [CHI], None),
    ("2026-11-23 20:30", [MAD, CAN], "2026-11-24 08:00"),  # 21:30 in Madrid; 8:00 in the islands is later
    ("2026-11-23 07:30", [MAD, CAN], "2026-11-23 08:00"),
    ("2026-11-23 15:30", [DEN, PHX], None),
    ("2026-07-23 14:30", [DEN, PHX], "2026-07-23 15:00"),  # Arizona keeps winter time
    ("2026-07-23 14:30", [DEN], None),
    # a day of 23 hours: 8 March 2026, 2:00 becomes 3:00
    ("2026-03-08 02:30", [NY], "2026-03-08 12:00"),  # 21:30 winter time, ends at 8:00 summer time
    ("2026-03-08 11:59", [NY], "2026-03-08 12:00"),
    ("2026-03-08 12:00", [NY], None),
    ("2026-03-08 06:59", [NY], "2026-03-08 12:00"),  # a minute before the jump
    ("2026-03-08 07:00", [NY], "2026-03-08 12:00"),  # right after it
    ("2026-03-07 12:30", [NY], "2026-03-07 13:00"),  # the day before: 8:00 is 13:00 UTC
    ("2026-03-09 00:59", [NY], None),  # 20:59 summer time
    ("2026-03-09 01:00", [NY], "2026-03-09 12:00"),
    # a day of 25 hours: 1 November 2026, 2:00 becomes 1:00
    ("2026-11-01 01:00", [NY], "2026-11-01 13:00"),
    ("2026-11-01 05:30", [NY], "2026-11-01 13:00"),  # 1:30 the first time
    ("2026-11-01 06:30", [NY], "2026-11-01 13:00"),  # 1:30 the second time
    ("2026-11-01 12:30", [NY], "2026-11-01 13:00"),  # 7:30
    ("2026-11-01 13:00", [NY], None),
    # Europe changes on other days: 29 March and 25 October 2026
    ("2026-03-29 06:59", [LON], "2026-03-29 07:00"),
    ("2026-03-28 07:59", [LON], "2026-03-28 08:00"),
    ("2026-10-25 07:59", [LON], "2026-10-25 08:00"),
    ("2026-10-24 20:00", [LON], "2026-10-25 08:00"),  # 21:00 summer time
    # half hours, the date line, leap day
    ("2026-11-23 02:29", ["Asia/Kolkata"], "2026-11-23 02:30"),
    ("2028-02-29 05:00", [NY], "2028-02-29 13:00"),
    ("2026-11-23 17:59", ["Pacific/Kiritimati"], "2026-11-23 18:00"),
]


@pytest.mark.parametrize(("at", "zones", "until"), MOMENTS)
def test_quiet_hours(at: str, zones: list[str], until: str | None) -> None:
    expected = None if until is None else _utc(until)
    assert quiet_until(_utc(at), [ZoneInfo(zone) for zone in zones]) == expected


def test_there_are_forty() -> None:
    assert len(MOMENTS) == 40


def test_where_no_hour_suits_all_the_likeliest_zone_decides() -> None:
    zones = [ZoneInfo(name) for name in (NY, "Asia/Shanghai", "Europe/Athens")]
    assert quiet_until(_utc("2026-11-24 03:00"), zones) == _utc("2026-11-24 13:00")


@pytest.mark.parametrize(
    ("number", "zones"),
    [
        ("+12025550101", [NY]),
        ("+13125550101", [CHI]),
        ("+17015550101", [CHI, DEN]),  # North Dakota has both
        ("+18505550101", [NY, CHI]),  # so has the west of Florida
        ("+19285550101", [DEN, PHX]),  # the Navajo Nation keeps summer time
        ("+14155550101", [LA]),
        ("+18085550101", ["Pacific/Honolulu"]),
        ("+17095550101", ["America/St_Johns", "America/Halifax"]),
        ("+15550100123", [NY, LA]),  # an area code that nobody has
        ("+447700900123", []),  # the clinic's own
        ("+34600000100", [MAD, "Africa/Ceuta", CAN]),
        ("+61412345678", 12),
    ],
)
def test_a_number_tells_the_zones_of_its_bearer(number: str, zones: list[str] | int) -> None:
    found = [zone.key for zone in zones_of(number, ZoneInfo(LON))]
    assert found[-1] == LON
    if isinstance(zones, int):
        assert len(found) - 1 == zones
    else:
        assert found[:-1] == zones


def test_area_codes_in_two_zones_are_those_that_straddle_a_border() -> None:
    several = {area for area, zones in _by_area().items() if len(zones) > 1}
    assert several == set(
        "208 236 250 257 270 308 364 423 432 448 458 541 574 605 620 672 701 709 775 778 785 807 812 850 867 879 906 907 928 930 931 986".split()
    )
    assert all(len(area) == 3 and area.isdigit() for area in _by_area())


@pytest.mark.parametrize(
    ("number", "country"), [("+12025550101", "US"), ("+447400123456", "GB"), ("+15550100123", None), ("nonsense", None)]
)
def test_country(number: str, country: str | None) -> None:
    assert country_of(number) == country


def _utc(given: str) -> datetime:
    return datetime.fromisoformat(given).replace(tzinfo=UTC)
