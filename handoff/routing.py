"""Who may be offered which conversation, who is the best of them, and when the circle widens. Pure: values in, offers out.

A handoff request is offered to one member of staff at a time, for 45 seconds, a promised call that is due for 60; then to the next
one. At first it is offered within its team; after two minutes to every team that speaks the language; after five to everybody. A circle
that nobody is of who is here is not waited for: the next is asked at once. A safety matter is everybody's from the start, and takes the
place of another offer where nobody is left who has none. Of those that somebody has let pass, the one that was so longest ago comes
first, so that no silence before one keeps another from being seen.
Whoever does not answer a number of offers is taken for not there, and told so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import IntEnum

SAFETY = 0
CALL = "call"  # the channel of a promised call
Rank = tuple[bool, bool, bool, bool, float, datetime, str]  # of one person for one request; lower is better


class Circle(IntEnum):
    """How far a request is offered by now."""

    TEAM = 0  # its own team, in its language
    TEAMS = 1  # every team, in its language
    ALL = 2  # everybody who is there


@dataclass(frozen=True)
class Rules:
    """The clinic's numbers, from config/routing.yml. `weights`: how much of a person's capacity a channel takes, or a call."""

    offer: timedelta = timedelta(seconds=45)
    call_offer: timedelta = timedelta(seconds=60)
    teams_after: timedelta = timedelta(minutes=2)
    all_after: timedelta = timedelta(minutes=5)
    misses: int = 3
    again: timedelta = timedelta(minutes=2)  # whoever let a request pass is not asked about it again so soon
    weights: Mapping[str, int] = field(default_factory=lambda: {"web": 2, "sms": 1, CALL: 2})
    capacity: int = 6


@dataclass(frozen=True)
class Member:
    """One member of staff who is there. `load`: the sum of the weights of what they have; `helped`: conversations they had last."""

    id: str
    teams: frozenset[str]
    languages: frozenset[str]
    load: int
    idle_since: datetime
    capacity: int = 6
    missed: int = 0  # offers in a row that they let pass
    offered: str | None = None  # the need that is before them now
    helped: frozenset[str] = frozenset()
    skills: frozenset[str] = frozenset()  # topics that they know well


@dataclass(frozen=True)
class Need:
    """A handoff request in line, or a promised call that is due and with nobody; `id` is the request's or the callback's.

    `passed`: staff who rejected it or let it pass, to be asked again only when nobody else is left; `passed_at`: when the last of them
    did; `resting`: those of them who did so just now, who are not asked. `owner`: whoever passed it on, who has it until it is taken.
    `since`: from when the circle widens, where that is not its age: it was passed on to a team or a person, or the call became due.
    """

    id: str
    conversation: str
    priority: int  # 0 safety; lower is sooner
    age_from: datetime  # of the original wait; survives everything
    team: str
    language: str
    channel: str = "web"
    person: str | None = None  # it was passed on to this member of staff
    owner: str | None = None
    offered_to: str | None = None
    passed: frozenset[str] = frozenset()
    resting: frozenset[str] = frozenset()
    passed_at: datetime | None = None
    rested_at: datetime | None = None  # when the first of those who rest may be asked again
    topic: str = ""
    since: datetime | None = None


@dataclass(frozen=True)
class Offer:
    """`need` is put before `staff` until `until`; `circle` says how far it was looked. `instead_of`: the need whose offer ends for it."""

    need: str
    staff: str
    until: datetime
    circle: Circle
    instead_of: str | None = None


class Circles:
    """How far requests are offered at `now`, with those who are here."""

    def __init__(self, members: Iterable[Member], now: datetime, rules: Rules) -> None:
        self._here = [member for member in members if not is_not_responding(member, rules)]
        self._now, self._rules = now, rules
        self._known: dict[tuple[object, ...], bool] = {}

    def of(self, need: Need) -> Circle:
        """As far as its time goes; but a circle that nobody is of who is here is not waited for."""
        waited = self._now - (need.since or need.age_from)
        if need.priority == SAFETY or waited >= self._rules.all_after:
            return Circle.ALL
        reached = Circle.TEAMS if waited >= self._rules.teams_after else Circle.TEAM
        return next((circle for circle in Circle if circle >= reached and self._is_worth_a_wait(need, circle)), Circle.ALL)

    def widens_at(self, need: Need) -> datetime | None:
        """When the circle grows next, if nobody comes or goes; None when it is as wide as it gets."""
        since = need.since or need.age_from
        return {Circle.TEAM: since + self._rules.teams_after, Circle.TEAMS: since + self._rules.all_after}.get(self.of(need))

    def _is_worth_a_wait(self, need: Need, circle: Circle) -> bool:
        """Is anybody of it here, busy or not? Whoever it was passed on to by name is waited for: a colleague chose them, here or not."""
        if need.person is not None and circle is Circle.TEAM:
            return True
        kind = (circle, need.team, need.language, need.channel, need.owner)
        if kind not in self._known:
            self._known[kind] = any(self._could_take(member, need, circle) for member in self._here)
        return self._known[kind]

    def _could_take(self, member: Member, need: Need, circle: Circle) -> bool:
        """With nothing else to do."""
        return is_of(member, need, circle) and member.id != need.owner and has_room(replace(member, load=0), need.channel, self._rules)


def in_order(needs: Iterable[Need]) -> list[Need]:
    """Safety first, then by priority, then by the original age."""
    return sorted(needs, key=place)


def place(need: Need) -> tuple[int, datetime, str]:
    """What orders the line; lower is sooner."""
    return (need.priority, need.age_from, need.id)


def has_room(member: Member, channel: str, rules: Rules) -> bool:
    """Can they carry one more of that channel?"""
    return member.load + rules.weights.get(channel, 1) <= member.capacity


def is_of(member: Member, need: Need, circle: Circle) -> bool:
    """Is this person of the circle: by whom it was passed on to, by the language and the team?"""
    if circle is Circle.TEAM and need.person is not None:
        return member.id == need.person
    if circle is Circle.TEAM:
        return need.language in member.languages and need.team in member.teams
    return circle is Circle.ALL or need.language in member.languages


def may_take(member: Member, need: Need, circle: Circle, rules: Rules) -> bool:
    """May this person be offered this request, within the circle? Safety goes above anybody's capacity, once."""
    if member.offered is not None or is_not_responding(member, rules) or member.id in need.resting or member.id == need.owner:
        return False
    return need.priority == SAFETY or (has_room(member, need.channel, rules) and is_of(member, need, circle))


def decide(needs: Iterable[Need], members: Sequence[Member], now: datetime, rules: Rules) -> list[Offer]:
    """The offers to make now: each request without an offer, in order, to the best person who has none before them.

    Whoever is offered something is offered nothing else until they have answered, so nobody is asked twice at once. But a safety matter
    does not wait for an answer to something else: where everybody has an offer, one of those ends for it, and its request is offered on.
    """
    needs = list(needs)
    known = {need.id: need for need in needs}
    asked = [
        (replace(member, offered=None), known[member.offered])
        for member in members
        if member.offered in known and known[member.offered].priority != SAFETY
    ]
    waiting = in_order(need for need in needs if need.offered_to is None)
    look, place = Round(members, now, rules), sum(need.priority == SAFETY for need in waiting)
    freed: list[Need] = []
    again = [need for need in waiting[:place] if look.offer(need, anew=True) is None]
    for need in sorted(again, key=lambda need: (need.passed_at is not None, need.passed_at or now)):
        if look.offer(need) is None and (chosen := _interrupted(need, asked, rules)) is not None:
            asked.remove(chosen)
            freed.append(chosen[1])
            look.add(need, chosen[0], instead_of=chosen[1].id)
    for need in in_order([*waiting[place:], *freed]) if freed else waiting[place:]:
        if not look.free:
            break
        look.offer(need)
    return look.offers


def _interrupted(need: Need, asked: Sequence[tuple[Member, Need]], rules: Rules) -> tuple[Member, Need] | None:
    """Of those who are `asked` about something else, whoever did not let this safety matter pass, is the one it was passed on to, speaks
    its language, and is asked about what can wait best: the least urgent, then the youngest."""
    able = [pair for pair in asked if may_take(pair[0], need, Circle.ALL, rules)]

    def cost(pair: tuple[Member, Need]) -> tuple[bool, bool, bool, int, float, Rank]:
        member, other = pair
        speaks, named = need.language in member.languages, need.person in (None, member.id)
        return (member.id in need.passed, not named, not speaks, -other.priority, -other.age_from.timestamp(), _rank(member, need))

    return min(able, key=cost, default=None)


class Round:
    """One look at the line. Requests of one kind have the same list of people, which is made once: a thousand in line cost little more
    than the people there are."""

    def __init__(self, members: Sequence[Member], now: datetime, rules: Rules) -> None:
        self.free = {member.id: member for member in members if member.offered is None and not is_not_responding(member, rules)}
        self.offers: list[Offer] = []
        self._circles = Circles(members, now, rules)
        self._helpers = _helpers(self.free.values())
        self._able: dict[tuple[object, ...], list[Member]] = {}
        self._now, self._rules = now, rules

    def offer(self, need: Need, *, anew: bool = False) -> Member | None:
        """Offer it to the best of those who are free, if any may take it; `anew`: who has not let it pass."""
        circle = self._circles.of(need)
        asked_alike = (need.topic, need.channel, need.person, need.owner, need.resting)
        kind = (need.priority == SAFETY, need.team, need.language, circle, *asked_alike)
        if kind not in self._able:
            able = (one for one in self.free.values() if may_take(one, need, circle, self._rules))
            self._able[kind] = sorted(able, key=lambda one: _rank(one, need))
        chosen = _best(self._able[kind], self.free, need, self._helpers.get(need.conversation, frozenset()))
        if chosen is None or (anew and chosen.id in need.passed):
            return None
        del self.free[chosen.id]
        self.add(need, chosen)
        return chosen

    def add(self, need: Need, chosen: Member, *, instead_of: str | None = None) -> None:
        until = self._now + (self._rules.call_offer if need.channel == CALL else self._rules.offer)
        self.offers.append(Offer(need.id, chosen.id, until, self._circles.of(need), instead_of))


def _rank(member: Member, need: Need) -> Rank:
    """Whom it was passed on to, the language, the team, the skill, the least loaded, the longest idle: what ranks people for every
    request of a kind."""
    load = member.load / max(1, member.capacity)
    named = need.person in (None, member.id)
    speaks, belongs, skilled = need.language in member.languages, need.team in member.teams, need.topic in member.skills
    return (not named, not speaks, not belongs, not skilled, load, member.idle_since, member.id)


def _suits(member: Member, need: Need) -> tuple[bool, ...]:
    """What of the rank whoever helped before must share with the best."""
    return _rank(member, need)[:4]


def _best(ranked: list[Member], free: Mapping[str, Member], need: Need, helpers: frozenset[str]) -> Member | None:
    """The first of `ranked` who is free and did not let it pass; of those who suit alike, whoever helped this patient last."""
    while ranked and ranked[0].id not in free:  # whoever was chosen stays chosen
        ranked.pop(0)
    left = (member for member in ranked if member.id in free)
    first = next((member for member in left if member.id not in need.passed), ranked[0] if ranked else None)
    if first is None or not helpers:
        return first
    suits = _suits(first, need)
    known = (member for member in ranked if member.id in helpers and member.id in free and member.id not in need.passed)
    return next((member for member in known if _suits(member, need) == suits), first)


def _helpers(members: Iterable[Member]) -> dict[str, frozenset[str]]:
    """By conversation, who helped there last."""
    found: dict[str, frozenset[str]] = {}
    for member in members:
        for conversation in member.helped:
            found[conversation] = found.get(conversation, frozenset()) | {member.id}
    return found


def is_not_responding(member: Member, rules: Rules) -> bool:
    """Have they let so many offers pass that they are taken for not there?"""
    return member.missed >= rules.misses


def estimate(moves: Sequence[timedelta], ahead: int, *, still: timedelta = timedelta(0), enough: int = 5) -> timedelta | None:
    """How long the patient will probably wait, from how long the line took lately to move by one; None when there is too little to say.

    The median, or how long it has been `still` by now, if that is longer, times the places up to theirs. A wrong promise is worse
    than none: fewer than `enough` moves say nothing.
    """
    if len(moves) < enough:
        return None
    ordered = sorted(moves)
    median = (ordered[(len(moves) - 1) // 2] + ordered[len(moves) // 2]) / 2
    return max(median, still) * (ahead + 1)
