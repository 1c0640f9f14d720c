"""Which team a request goes to, and when somebody opens: the nurses of a clinic in London work mornings, the desk has its hours."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from handoff.hours import Hours
from handoff.teams import Abilities, Team, Teams

WEEK = range(5)
LONDON, NEW_YORK = ZoneInfo("Europe/London"), ZoneInfo("America/New_York")
CLINIC = Hours(LONDON, dict.fromkeys(WEEK, ((9 * 60, 17 * 60),)), frozenset({date(2026, 11, 25)}))
MORNINGS = Hours(LONDON, dict.fromkeys(WEEK, ((8 * 60, 12 * 60),)))
ABROAD = Hours(NEW_YORK, dict.fromkeys(WEEK, ((9 * 60, 17 * 60),)))
TEAMS = Teams(
    {
        "desk": Team("desk", {"en": "Desk"}),
        "nurses": Team("nurses", {"en": "Nurses"}, frozenset({"medication"}), MORNINGS),
        "bills": Team("bills", {"en": "Bills"}, frozenset({"money"}), ABROAD),
        "records": Team("records", {"en": "Records"}, frozenset({"records"})),
    },
    fall_back="desk",
    people={"maria@clinic.example": Abilities(capacity=4)},
)


def at(hour: int, *, day: int = 24) -> datetime:
    """November 2026; the 24th is a Tuesday, London keeps UTC and New York is five hours behind."""
    return datetime(2026, 11, day, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("topic", "when", "team"),
    [
        ("medication", at(8), "nurses"),
        ("medication", at(12), "desk"),  # they have gone home: it waits for nobody's morning
        ("medication", at(9, day=28), "desk"),  # Saturday
        ("money", at(13), "desk"),  # eight in the morning in New York
        ("money", at(14), "bills"),
        ("money", at(21), "bills"),
        ("records", at(16), "records"),  # the clinic's hours
        ("records", at(18), "desk"),
        ("records", at(10, day=25), "desk"),  # its holiday
        ("medication", at(9, day=25), "nurses"),  # which is not theirs
        ("parking", at(10), "desk"),  # a topic that no team has
        ("", at(10), "desk"),
    ],
)
def test_a_request_goes_to_the_team_of_its_topic_while_that_is_open(topic: str, when: datetime, team: str) -> None:
    assert TEAMS.team_of(topic, when, CLINIC) == team


@pytest.mark.parametrize(
    ("topic", "when", "opens"),
    [
        ("parking", at(10), at(10)),
        ("medication", at(23), at(8, day=25)),  # the nurses are there on the clinic's holiday too
        ("parking", at(23), at(9, day=26)),  # and nobody else is
        ("money", at(18, day=27), at(18, day=27)),  # Friday evening: it is early afternoon in New York
        ("parking", at(18, day=27), at(9, day=30)),
        ("medication", at(23, day=27), at(8, day=30)),  # Monday
    ],
)
def test_they_are_back_when_a_team_opens_that_it_goes_to(topic: str, when: datetime, opens: datetime) -> None:
    assert TEAMS.opens_next(topic, when, CLINIC) == opens


def test_who_never_opens_names_no_day() -> None:
    never = Hours(LONDON, {})
    assert Teams({"desk": Team("desk", {})}, "desk").opens_next("", at(10), never) is None
    assert TEAMS.opens_next("medication", at(23), never) == at(8, day=25)
    assert at(23) + timedelta(hours=9) == at(8, day=25)


@pytest.mark.parametrize(("email", "capacity"), [("maria@clinic.example", 4), ("Maria@Clinic.example", 4), ("sam@clinic.example", None)])
def test_people_are_known_by_their_address_however_it_is_written(email: str, capacity: int | None) -> None:
    assert TEAMS.abilities(email).capacity == capacity
