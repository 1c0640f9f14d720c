"""Opening hours and the windows that can be kept: moments, holidays, and the days on which the clock is changed."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff.errors import BadSetting
from handoff.hours import LEAD, SHORTEST, Hours
from handoff.hours_file import load_hours
from handoff.window_words import find_window, read_window

NEW_YORK, LONDON = ZoneInfo("America/New_York"), ZoneInfo("Europe/London")
OFFICE = dict.fromkeys(range(5), ((540, 1020),))  # 9 to 5, Monday to Friday
SPLIT = dict.fromkeys(range(5), ((480, 720), (780, 1080)))  # 8 to 12, 13 to 18
ALWAYS = dict.fromkeys(range(7), ((0, 1440),))


def shown(hours: Hours, now: str, count: int = 4) -> list[str]:
    """The windows on the clinic's clock: `Mon 23 09:30-11:00`."""
    at = datetime.fromisoformat(now).replace(tzinfo=hours.zone)
    pairs = [(w.begins.astimezone(hours.zone), w.ends.astimezone(hours.zone)) for w in hours.windows(at, count)]
    return [f"{begins:%a %d %H:%M}-{ends:%H:%M}" for begins, ends in pairs]


@pytest.mark.parametrize(
    ("weekly", "holidays", "now", "expected"),
    [
        (OFFICE, (), "2026-11-23T08:00", ["Mon 23 09:00-11:00", "Mon 23 13:00-15:00", "Tue 24 09:00-11:00", "Tue 24 13:00-15:00"]),
        (OFFICE, (), "2026-11-23T09:05", ["Mon 23 09:30-11:00", "Mon 23 13:00-15:00", "Tue 24 09:00-11:00", "Tue 24 13:00-15:00"]),
        (OFFICE, (), "2026-11-23T09:45", ["Mon 23 10:00-11:00", "Mon 23 13:00-15:00", "Tue 24 09:00-11:00", "Tue 24 13:00-15:00"]),
        (OFFICE, (), "2026-11-23T09:46", ["Mon 23 11:00-13:00", "Mon 23 13:00-15:00", "Tue 24 09:00-11:00", "Tue 24 13:00-15:00"]),
        (OFFICE, (), "2026-11-23T15:45", ["Mon 23 16:00-17:00", "Tue 24 09:00-11:00", "Tue 24 13:00-15:00", "Wed 25 09:00-11:00"]),
        (OFFICE, (), "2026-11-23T15:46", ["Tue 24 09:00-11:00", "Tue 24 13:00-15:00", "Wed 25 09:00-11:00", "Wed 25 13:00-15:00"]),
        (OFFICE, (), "2026-11-27T18:00", ["Mon 30 09:00-11:00", "Mon 30 13:00-15:00", "Tue 01 09:00-11:00", "Tue 01 13:00-15:00"]),
        (OFFICE, (), "2026-11-28T12:00", ["Mon 30 09:00-11:00", "Mon 30 13:00-15:00", "Tue 01 09:00-11:00", "Tue 01 13:00-15:00"]),
        (
            OFFICE,
            ("2026-11-24",),
            "2026-11-23T15:00",
            ["Mon 23 15:15-17:00", "Wed 25 09:00-11:00", "Wed 25 13:00-15:00", "Thu 26 09:00-11:00"],
        ),
        (
            OFFICE,
            ("2026-11-23",),
            "2026-11-23T10:00",
            ["Tue 24 09:00-11:00", "Tue 24 13:00-15:00", "Wed 25 09:00-11:00", "Wed 25 13:00-15:00"],
        ),
        (SPLIT, (), "2026-11-23T11:30", ["Mon 23 13:00-15:00", "Tue 24 08:00-10:00", "Tue 24 13:00-15:00", "Wed 25 08:00-10:00"]),
        ({0: ((540, 570),)}, (), "2026-11-23T06:00", []),  # half an hour is no window
        (
            {0: ((540, 690),)},
            (),
            "2026-11-23T06:00",
            ["Mon 23 09:00-11:30", "Mon 30 09:00-11:30", "Mon 07 09:00-11:30", "Mon 14 09:00-11:30"],
        ),
        ({}, (), "2026-11-23T06:00", []),
        (OFFICE, tuple(str(date(2026, 11, 1) + timedelta(days=n)) for n in range(90)), "2026-11-23T06:00", []),
    ],
)
def test_windows(weekly: dict[int, tuple[tuple[int, int], ...]], holidays: tuple[str, ...], now: str, expected: list[str]) -> None:
    hours = Hours(NEW_YORK, weekly, frozenset(date.fromisoformat(day) for day in holidays))
    assert shown(hours, now) == expected


@pytest.mark.parametrize(
    ("zone", "day", "opens", "closes", "length"),
    [
        (NEW_YORK, "2026-03-08", "2026-03-08T05:00", "2026-03-09T04:00", 23),  # 2:00 becomes 3:00
        (NEW_YORK, "2026-11-01", "2026-11-01T04:00", "2026-11-02T05:00", 25),  # 1:00 to 2:00 comes twice
        (LONDON, "2026-03-29", "2026-03-29T00:00", "2026-03-29T23:00", 23),
        (LONDON, "2026-10-25", "2026-10-24T23:00", "2026-10-26T00:00", 25),
        (LONDON, "2026-11-23", "2026-11-23T00:00", "2026-11-24T00:00", 24),
    ],
)
def test_a_day_on_which_the_clock_is_changed(zone: ZoneInfo, day: str, opens: str, closes: str, length: int) -> None:
    """Open all day long on that day alone: in real time it is 23, 24 or 25 hours."""
    on = date.fromisoformat(day)
    hours = Hours(zone, {on.weekday(): ((0, 1440),)})
    first, last = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (opens, closes))
    assert last - first == timedelta(hours=length)
    minute = timedelta(minutes=1)
    assert [hours.is_open(at) for at in (first - minute, first, last - minute, last)] == [False, True, True, False]
    assert hours.opens_next(first - timedelta(hours=3)) == first


def test_hours_keep_to_the_wall_clock_when_the_zone_changes() -> None:
    hours = Hours(LONDON, OFFICE)
    friday, monday = (datetime(2026, 10, day, 5, tzinfo=UTC) for day in (23, 26))
    assert hours.opens_next(friday) == datetime(2026, 10, 23, 8, tzinfo=UTC)  # 9:00 in summer
    assert hours.opens_next(monday) == datetime(2026, 10, 26, 9, tzinfo=UTC)  # 9:00 in winter


@given(
    now=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(lambda at: at.replace(tzinfo=UTC)),
    zone=st.sampled_from([UTC, NEW_YORK, LONDON, ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Asia/Kathmandu")]),
    weekly=st.sampled_from([OFFICE, SPLIT, ALWAYS, {6: ((60, 240),)}]),
)
def test_whatever_is_offered_can_be_kept(now: datetime, zone: ZoneInfo, weekly: dict[int, tuple[tuple[int, int], ...]]) -> None:
    hours = Hours(zone, weekly)
    windows = hours.windows(now)
    assert len(windows) == 4
    for window in windows:
        assert window.begins >= now + LEAD
        assert window.ends - window.begins >= SHORTEST
        assert hours.is_open(window.begins)
        assert hours.is_open(window.ends - timedelta(seconds=1))
    assert all(earlier.ends <= later.begins for earlier, later in itertools.pairwise(windows))
    assert len({(hours.day(window.begins), hours.is_morning(window.begins)) for window in windows}) == 4


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("morning", 0),
        ("In the morning, please", 0),
        ("this afternoon", 1),
        ("afternoon", 1),
        ("Tomorrow morning", 2),
        ("tomorrow in the afternoon", 3),
        ("Tuesday afternoon", 3),
        ("monday morning would be good", 0),
        ("por la mañana", 0),
        ("mañana por la mañana", 2),
        ("mañana por la tarde, por favor", 3),
        ("el martes por la tarde", 3),
        ("hoy por la tarde", 1),
        ("tomorrow", None),  # there are two
        ("mañana", None),
        ("today", None),
        ("friday morning", None),
        ("morning or afternoon", None),
        ("today or tomorrow morning", None),
        ("good", None),
        ("", None),
        ("I felt ill this morning", None),
        ("whenever", None),
    ],
)
def test_a_window_is_named_by_its_half_of_the_day(text: str, place: int | None) -> None:
    hours, now = Hours(UTC, OFFICE), datetime(2026, 11, 23, 8, tzinfo=UTC)
    assert read_window(text, hours.windows(now), hours, now) == place


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("call me tomorrow at 10", "Tue 24 09:00-11:00"),
        ("call me at 10 tomorrow on 202 555 0199", "Tue 24 09:00-11:00"),
        ("please ring me at 3", "Mon 23 15:00-17:00"),
        ("at 3pm on wednesday please", "Wed 25 15:00-17:00"),
        ("2 p.m. tomorrow", "Tue 24 13:00-15:00"),
        ("around 11:30 on tuesday", "Tue 24 11:00-13:00"),
        ("can someone phone me tomorrow morning", "Tue 24 09:00-11:00"),
        ("llámenme mañana a las 11", "Tue 24 11:00-13:00"),
        ("llámenme el miércoles a las 4 de la tarde", "Wed 25 15:00-17:00"),
        ("call me about my appointment this morning", None),  # what it is about is no time for a call
        ("call me at 9 pm", None),  # nobody is there
        ("call me on sunday", None),
        ("call me on 202 555 0199", None),
        ("call me", None),
        ("call me at 25", None),
        ("call me tomorrow", None),  # there are two
    ],
)
def test_a_window_is_found_among_other_words(text: str, window: str | None) -> None:
    hours, now = Hours(UTC, OFFICE), datetime(2026, 11, 23, 8, tzinfo=UTC)
    found = find_window(text, hours, now)
    assert (found and f"{found.begins:%a %d %H:%M}-{found.ends:%H:%M}") == window


def test_a_day_with_one_window_is_named_by_itself() -> None:
    hours, now = Hours(UTC, OFFICE), datetime(2026, 11, 23, 15, tzinfo=UTC)
    assert read_window("today", hours.windows(now), hours, now) == 0
    assert read_window("hoy", hours.windows(now), hours, now) == 0


SPAN = 'must look like "08:00-18:00", in quotes, with two digits each (a day that is closed is left out)'
DAY = 'must be a day of the calendar like "2026-12-25": year, month, day'
NAMES = "monday, tuesday, wednesday, thursday, friday, saturday, sunday and holidays"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("funday: ['09:00-17:00']", ":1: funday: this is no day; did you mean sunday?"),
        ("# ours\nMonday: ['09:00-17:00']", ":2: Monday: this is no day; did you mean monday?"),
        ("zone: Europe/London", f":1: zone: this is no day; there are {NAMES}."),
        ("monday: ['9-17']", f":1: monday.1: {SPAN}, not 9-17."),
        ("monday:\n  - 09:00-12:00\n  - 25:00-26:00", f":3: monday.2: {SPAN}, not 25:00-26:00."),
        ("monday: ['09:00-24:30']", f":1: monday.1: {SPAN}, not 09:00-24:30."),
        ("monday: 10:00", f":1: monday: {SPAN}, not 10:00."),
        ("monday: closed", f":1: monday: {SPAN}, not closed."),
        ("monday: {from: 9}", f":1: monday: {SPAN}, not names with their values."),
        ("monday: [[]]", f":1: monday.1: {SPAN}, not empty."),
        (
            "monday: ['17:00-09:00']",
            ":1: monday.1: 17:00-09:00: must end after it begins, on the same day, and begin after the one before it.",
        ),
        (
            "monday: ['09:00-12:00', '12:00-17:00']",
            ":1: monday.2: 12:00-17:00: must end after it begins, on the same day, and begin after the one before it.",
        ),
        ("monday: ['06:00-08:00']", ":1: monday.1: 06:00-08:00: has no effect: nobody is phoned before 08:00 or after 21:00."),
        ("monday: ['21:00-24:00']", ":1: monday.1: 21:00-24:00: has no effect: nobody is phoned before 08:00 or after 21:00."),
        ("holidays: ['2026-12-25', 'Christmas']", f":1: holidays.2: {DAY}, not Christmas."),
        ("holidays: [2026-12-25 10:00:00]", f":1: holidays.1: {DAY}, not 2026-12-25 10:00:00."),
        ("holidays: 5", f":1: holidays: {DAY}, not 5."),
        ("holidays: {christmas: 2026-12-25}", f":1: holidays: {DAY}, not names with their values."),
        ("- monday", ": must be a list of days with their hours: monday, tuesday and so on."),
        ("", ": is empty: monday, tuesday and so on."),
        ("monday: [", ":1: a bracket of this line, or of one above it, is not closed."),
    ],
)
def test_a_mistake_in_the_file_is_told_with_its_line(tmp_path: Path, written: str, said: str) -> None:
    path = tmp_path / "hours.yml"
    path.write_text(written, encoding="utf-8")
    with pytest.raises(BadSetting) as caught:
        load_hours(path, zone=UTC)
    assert caught.value.message == f"{path}{said}"


@pytest.mark.parametrize("written", ["monday: ['08:00-12:00']", 'monday: "08:00-12:00"', "monday: 08:00-12:00", "monday: [08:00-12:00]"])
@pytest.mark.parametrize("holidays", ["", "holidays:", "holidays: []"])
def test_hours_may_stand_in_a_list_or_alone(tmp_path: Path, written: str, holidays: str) -> None:
    (tmp_path / "hours.yml").write_text(f"{written}\ntuesday:\n{holidays}", encoding="utf-8")
    assert load_hours(tmp_path / "hours.yml", zone=UTC) == Hours(UTC, {0: ((480, 720),)} | dict.fromkeys(range(1, 7), ()), frozenset())


def test_nobody_is_phoned_early_or_late_whatever_the_file_says(tmp_path: Path) -> None:
    (tmp_path / "hours.yml").write_text("monday: ['00:00-24:00']\nholidays: [2026-12-28]", encoding="utf-8")
    assert load_hours(tmp_path / "hours.yml", zone=UTC) == Hours(
        UTC, {0: ((480, 1260),)} | dict.fromkeys(range(1, 7), ()), frozenset({date(2026, 12, 28)})
    )
