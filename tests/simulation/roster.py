"""Who works in a simulated clinic: teams with their topics and hours, people with what they can do. Drawn from a seed like all else.

The service gets it as its rules (`teams`); the auditors read it here, in these plain words, and need none of the service's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from handoff.hours import Hours
from handoff.routing import Rules
from handoff.staff.access import Role
from handoff.teams import Abilities, Team, Teams

FALL_BACK, LANGUAGES, CAPACITY = "clinic", ("en", "es"), 6
WORKDAYS = range(5)
HOME = ZoneInfo("America/New_York")


@dataclass(frozen=True)
class Shift:
    """Full hours of a working day, by the clock on the wall of `zone`."""

    opens: int
    closes: int
    zone: ZoneInfo = HOME

    def is_open(self, at: datetime) -> bool:
        there = at.astimezone(self.zone)
        return there.weekday() in WORKDAYS and self.opens <= there.hour < self.closes


@dataclass(frozen=True)
class Crew:
    """A team; `shift`: None where it keeps the clinic's hours, those of config/hours.yml."""

    topics: tuple[str, ...] = ()
    shift: Shift | None = None


CLINIC = Shift(8, 18)


@dataclass(frozen=True)
class Colleague:
    """`teams`, `languages`, `capacity`: None for whoever is not listed in the clinic's file: every team, every language, the usual."""

    name: str
    role: Role = Role.MEMBER
    teams: tuple[str, ...] | None = None
    languages: tuple[str, ...] | None = None
    skills: tuple[str, ...] = ()
    capacity: int | None = None


@dataclass(frozen=True)
class Roster:
    people: tuple[Colleague, ...]
    crews: Mapping[str, Crew] = field(default_factory=lambda: {FALL_BACK: Crew()})

    def team_for(self, topic: str | None, at: datetime) -> str:
        """Whose a matter is that comes into line then."""
        for name, crew in self.crews.items():
            if topic in crew.topics and (crew.shift or CLINIC).is_open(at):
                return name
        return FALL_BACK

    def teams(self, rules: Rules) -> Teams:
        """The same, as the service reads it."""
        teams = {
            name: Team(name, {"en": name, "es": name}, frozenset(crew.topics), _hours(crew.shift)) for name, crew in self.crews.items()
        }
        return Teams(teams, FALL_BACK, {f"{one.name.lower()}@clinic.example": _abilities(one) for one in self.people}, rules)


def _hours(shift: Shift | None) -> Hours | None:
    span = () if shift is None else ((shift.opens * 60, shift.closes * 60),)
    return None if shift is None else Hours(shift.zone, dict.fromkeys(WORKDAYS, span))


def _abilities(one: Colleague) -> Abilities:
    teams, languages = (None if given is None else frozenset(given) for given in (one.teams, one.languages))
    return Abilities(teams, languages, frozenset(one.skills), one.capacity)


ROSTERS = (
    Roster((Colleague("Maria"), Colleague("Sam"), Colleague("Priya", Role.SUPERVISOR))),
    Roster(
        (
            Colleague("Maria", teams=("nurses",), languages=("en", "es"), skills=("medication",), capacity=4),
            Colleague("Sam", teams=("desk",), languages=("en",), capacity=2),
            Colleague("Lucia", teams=("desk", FALL_BACK), languages=("es",), skills=("money", "staff"), capacity=3),
            Colleague("Tom", teams=("nurses", FALL_BACK), languages=("en",), capacity=1),  # room for one text, for no chat and no call
            Colleague("Priya", Role.SUPERVISOR),
        ),
        {
            "nurses": Crew(("medication", "treatment"), Shift(7, 15, ZoneInfo("America/Los_Angeles"))),
            "desk": Crew(("money", "records", "appointments")),
            FALL_BACK: Crew(),
        },
    ),
    Roster(
        (
            Colleague("Ines", teams=("far",), languages=("es",), capacity=2),
            Colleague("Noor", languages=("en",), skills=("waiting", "staff"), capacity=4),
            Colleague("Wren", Role.ADMIN, teams=(FALL_BACK,), capacity=2),
        ),
        {FALL_BACK: Crew(("money",)), "far": Crew(("staff", "waiting", "records"), Shift(9, 20, ZoneInfo("Europe/Madrid")))},
    ),
)
