"""The teams and people of config/routing.yml, checked: every team, topic and zone that is named exists."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta, tzinfo
from zoneinfo import ZoneInfo, available_timezones

from handoff.hours_file import read_hours
from handoff.mistake import Mistake, Place
from handoff.near import instead, nearest
from handoff.routing import Rules
from handoff.routing_file import AbilitiesPart, OffersPart, RoutingFile, TeamPart
from handoff.teams import Abilities, Team, Teams


def read_teams(read: RoutingFile, *, zone: tzinfo) -> Teams:
    """Raises `Mistake` with the place of the first one."""
    _known(read.fall_back, read.teams, "team", "fall_back")
    taken: dict[str, str] = {}
    for name, team in read.teams.items():
        for number, topic in enumerate(team.topics):
            _known(topic, read.topics, "topic", "teams", name, "topics", number)
            if topic in taken:
                raise Mistake(("teams", name, "topics", number), f"{topic} belongs to {taken[topic]} already")
            taken[topic] = name
    for email, person in read.people.items():
        for number, team_id in enumerate(person.teams or ()):
            _known(team_id, read.teams, "team", "people", email, "teams", number)
        for number, topic in enumerate(person.skills):
            _known(topic, read.topics, "topic", "people", email, "skills", number)
    return Teams(
        teams={name: _team(name, team, zone) for name, team in read.teams.items()},
        fall_back=read.fall_back,
        people={email.lower(): _abilities(person) for email, person in read.people.items()},
        rules=_rules(read.offers),
    )


def _known(named: str, there: Iterable[str], what: str, *place: int | str) -> None:
    if named not in there:
        raise Mistake(place, f"there is no {what} {named}{instead(named, there)}")


def _team(name: str, team: TeamPart, zone: tzinfo) -> Team:
    place = ("teams", name)
    own = zone if team.zone is None else _zone(team.zone, (*place, "zone"))
    hours = None if team.hours is None else read_hours(team.hours, *place, "hours", zone=own)
    if hours is not None and not any(hours.weekly.values()):
        raise Mistake((*place, "hours"), "there is no day on which this team is open; leave `hours` out for those of the clinic")
    return Team(name, team.name, frozenset(team.topics), hours)


def _zone(named: str, place: Place) -> tzinfo:
    try:
        return ZoneInfo(named)
    except (KeyError, ValueError, OSError):
        cities = {zone.rpartition("/")[2]: zone for zone in sorted(available_timezones())}
        near = cities.get(named.strip().title().replace(" ", "_")) or nearest(named, available_timezones()) or "one like Europe/London"
        raise Mistake(place, f"there is no time zone {named}; it must be {near}") from None


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
