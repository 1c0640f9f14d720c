"""Who answers what: the clinic's teams with their topics and hours, and what each member of staff can do. Pure.

A request goes to the team of its topic while that team is open, else to the fall-back team, so that nothing waits for a team that
has gone home.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from handoff.hours import Hours
from handoff.routing import Rules


@dataclass(frozen=True)
class Team:
    """`name`: language -> how staff and patients call it. `hours`: its own, else the clinic's."""

    id: str
    name: Mapping[str, str]
    topics: frozenset[str] = frozenset()
    hours: Hours | None = None


@dataclass(frozen=True)
class Abilities:
    """What one member of staff can do. None: every team, every language. `skills`: topics that they know well."""

    teams: frozenset[str] | None = None
    languages: frozenset[str] | None = None
    skills: frozenset[str] = frozenset()
    capacity: int | None = None


ALL_ROUND = Abilities()


@dataclass(frozen=True)
class Teams:
    """config/routing.yml's part on people. `people`: e-mail address, in small letters -> abilities; who is not listed is an all-rounder."""

    teams: Mapping[str, Team]
    fall_back: str
    people: Mapping[str, Abilities] = field(default_factory=dict)
    rules: Rules = field(default_factory=Rules)

    def team_of(self, topic: str, at: datetime, hours: Hours) -> str:
        """The id of the team that a request about `topic` goes to at that moment; `hours`: the clinic's."""
        own = self._own(topic)
        return own.id if own is not None and (own.hours or hours).is_open(at) else self.fall_back

    def opens_next(self, topic: str, at: datetime, hours: Hours) -> datetime | None:
        """When a team opens that a request about `topic` goes to: `at` itself when one is open; None when none does within a month."""
        teams = [team for team in (self._own(topic), self.teams[self.fall_back]) if team is not None]
        openings = [opens for team in teams if (opens := (team.hours or hours).opens_next(at)) is not None]
        return min(openings, default=None)

    def _own(self, topic: str) -> Team | None:
        return next((team for team in self.teams.values() if topic in team.topics), None)

    def abilities(self, email: str) -> Abilities:
        return self.people.get(email.lower(), ALL_ROUND)

    def unmanned(self, emails: Collection[str]) -> list[str]:
        """The ids of the teams to which none of these people belongs."""
        able = [self.abilities(email) for email in emails]
        return [team for team in self.teams if not any(one.teams is None or team in one.teams for one in able)]

    def unspoken(self, emails: Collection[str], languages: Iterable[str]) -> list[str]:
        """Those of `languages` that none of these people speaks."""
        able = [self.abilities(email) for email in emails]
        return [language for language in languages if not any(one.languages is None or language in one.languages for one in able)]
