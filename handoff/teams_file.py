"""The teams and people of config/routing.yml, checked: every team, topic and zone that is named exists."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

from handoff.bad_rule import BadRule
from handoff.hours_file import read_hours
from handoff.routing import Rules
from handoff.routing_file import AbilitiesPart, OffersPart, RoutingFile, TeamPart
from handoff.teams import Abilities, Team, Teams


def read_teams(read: RoutingFile, path: Path, *, zone: tzinfo) -> Teams:
    """Raises `BadRule` with the place of the first mistake, `BadSetting` for one in a team's hours."""
    if read.fall_back not in read.teams:
        raise BadRule(("fall_back",), f"there is no team {read.fall_back}")
    taken: dict[str, str] = {}
    for name, team in read.teams.items():
        _known(team.topics, read.topics, "topic", "teams", name, "topics")
        for number, topic in enumerate(team.topics):
            if topic in taken:
                raise BadRule(("teams", name, "topics", number), f"{topic} belongs to {taken[topic]} already")
            taken[topic] = name
    for email, person in read.people.items():
        _known(person.teams or (), read.teams, "team", "people", email, "teams")
        _known(person.skills, read.topics, "topic", "people", email, "skills")
    return Teams(
        teams={name: _team(name, team, path, zone) for name, team in read.teams.items()},
        fall_back=read.fall_back,
        people={email.lower(): _abilities(person) for email, person in read.people.items()},
        rules=_rules(read.offers),
    )


def _known(named: Iterable[str], there: Iterable[str], what: str, *place: str) -> None:
    known = set(there)
    for number, one in enumerate(named):
        if one not in known:
            raise BadRule((*place, number), f"there is no {what} {one}")


def _team(name: str, team: TeamPart, path: Path, zone: tzinfo) -> Team:
    own = zone if team.zone is None else _zone(team.zone, "teams", name, "zone")
    hours = None if team.hours is None else read_hours(team.hours, f"{path}: teams.{name}.hours", zone=own)
    return Team(name, team.name, frozenset(team.topics), hours)


def _zone(named: str, *place: str) -> tzinfo:
    try:
        return ZoneInfo(named)
    except (KeyError, ValueError, OSError):
        raise BadRule(place, f"there is no time zone {named}; it must be one like Europe/London") from None


def _abilities(person: AbilitiesPart) -> Abilities:
    return Abilities(
        teams=None if person.teams is None else frozenset(person.teams),
        languages=None if person.languages is None else frozenset(person.languages),
        skills=frozenset(person.skills),
        capacity=person.capacity,
    )


def _rules(offers: OffersPart) -> Rules:
    return Rules(
        offer=timedelta(seconds=offers.seconds),
        call_offer=timedelta(seconds=offers.call_seconds),
        teams_after=timedelta(minutes=offers.teams_after),
        all_after=timedelta(minutes=offers.all_after),
        again=timedelta(minutes=offers.again_after),
        misses=offers.misses,
        weights={str(channel): weight for channel, weight in offers.weights.items()},
        capacity=offers.capacity,
    )
