"""Who is here and what waits, read straight from the tables at one moment, and who may be asked about what. Moments are milliseconds.

It says once more, and in its own way, what DESIGN says of offers; nothing of it asks the code that makes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from handoff.quiet import quiet_until
from handoff.zones import zones_of
from tests.simulation.roster import CAPACITY, FALL_BACK, LANGUAGES, Colleague

if TYPE_CHECKING:
    from tests.simulation.world import World

SECOND, MINUTE = 1000, 60_000
OTHER_TEAMS, EVERYBODY = 2 * MINUTE, 5 * MINUTE  # in line, after which the circle is wider
REST = 2 * MINUTE  # for whoever let it pass
WEIGHTS = {"web": 2, "sms": 1, "call": 2}
SAFETY = 0

_PEOPLE = """
SELECT s.id, s.available, COALESCE(s.idle_since, s.created_at), COALESCE((SELECT MAX(lease_until) FROM presence WHERE staff = s.id), 0)
FROM staff AS s WHERE s.disabled_at IS NULL ORDER BY s.id"""
_CHATS = "SELECT substr(owner, 7), channel FROM conversation WHERE state IN ('human', 'waiting') AND owner LIKE 'staff:%'"
_CALLS = "SELECT staff, 'call' FROM callback WHERE state IN ('claimed', 'dialling', 'connected')"
_IN_LINE = """
SELECT r.id, c.id, CASE WHEN c.unsafe THEN 0 ELSE r.priority END, r.queue_age_from, r.team, r.topic, r.language, c.channel,
       COALESCE(r.aimed_at, 0), r.person, c.owner
FROM conversation AS c JOIN handoff_request AS r ON r.conversation = c.id AND r.state = 'queued' WHERE c.state = 'waiting'"""
_DUE = """
SELECT k.id, c.id, CASE WHEN c.unsafe THEN 0 ELSE 1 END, k.queue_age_from, r.team, r.topic, k.language, 'call',
       COALESCE(k.next_at, k.window_from), NULL, '', k.number, k.window_from, k.window_to
FROM callback AS k JOIN conversation AS c ON c.id = k.conversation LEFT JOIN handoff_request AS r ON r.id = k.handoff_request
WHERE k.state IN ('scheduled', 'overdue') AND k.staff IS NULL AND COALESCE(k.next_at, k.window_from) <= ?"""
_OFFERS = """
SELECT id, COALESCE(request, callback), staff, state, made_at, until, ended_at, circle FROM offer
WHERE state = 'pending' OR (state IN ('rejected', 'timed_out') AND COALESCE(request, callback) IN ({}))"""


@dataclass(frozen=True)
class Before:
    """An offer that is before somebody."""

    id: str
    need: str
    staff: str
    made_at: int
    until: int


@dataclass(frozen=True)
class Need:
    """`begins`: from when its circle widens and whoever let it pass is remembered: its age, or when it was passed on or became due."""

    id: str
    conversation: str
    priority: int
    age: int
    team: str
    topic: str | None
    language: str
    channel: str
    aimed_at: int
    person: str | None
    owner: str
    let_pass: Mapping[str, int] = field(default_factory=dict)  # who did -> when, last
    rejected: frozenset[str] = frozenset()  # who said no

    @property
    def place(self) -> tuple[int, int, str]:
        return (self.priority, self.age, self.id)

    @property
    def begins(self) -> int:
        return self.aimed_at or self.age


@dataclass(frozen=True)
class Somebody:
    """One who is here and available. `load`: the weight of what they have."""

    id: str
    can: Colleague
    load: int
    idle_since: int

    @property
    def capacity(self) -> int:
        return CAPACITY if self.can.capacity is None else self.can.capacity

    def speaks(self, language: str) -> bool:
        return self.can.languages is None or language in self.can.languages

    def is_of(self, team: str) -> bool:
        return self.can.teams is None or team in self.can.teams

    def could_ever(self, need: Need) -> bool:
        """If they had nothing else; whoever passed it on has it."""
        return WEIGHTS[need.channel] <= self.capacity and need.owner != f"staff:{self.id}"


@dataclass(frozen=True)
class Floor:
    now: int
    here: Mapping[str, Somebody]
    available: frozenset[str]  # here or not
    needs: Mapping[str, Need]
    before: Mapping[str, Before]  # by what is offered

    @property
    def free(self) -> list[Somebody]:
        """Who is here and has nothing before them."""
        asked = {offer.staff for offer in self.before.values()}
        return [one for one in self.here.values() if one.id not in asked]

    @property
    def unoffered(self) -> list[Need]:
        """What is before nobody, in order."""
        return sorted((need for need in self.needs.values() if need.id not in self.before), key=lambda need: need.place)

    def may_be_asked(self, one: Somebody, need: Need) -> bool:
        """About this, now, if nothing else is before them?"""
        rests = 0 <= self.now - need.let_pass.get(one.id, -REST) < REST and (need.priority != SAFETY or one.id in need.rejected)
        if need.owner == f"staff:{one.id}" or rests:
            return False
        if need.priority == SAFETY:
            return True
        return one.load + WEIGHTS[need.channel] <= one.capacity and self._is_its_turn(one, need)

    def _is_its_turn(self, one: Somebody, need: Need) -> bool:
        """Whoever is nearer comes first, for as long as some of them are here; whoever it was passed on to by name, here or not."""
        waited = self.now - need.begins
        ours = [other for other in self.here.values() if other.could_ever(need)]
        speakers = [other for other in ours if other.speaks(need.language)]
        if waited < OTHER_TEAMS and need.person is not None:
            return one.id == need.person
        if waited < OTHER_TEAMS and any(other.is_of(need.team) for other in speakers):
            return one.is_of(need.team) and one.speaks(need.language)
        return waited >= EVERYBODY or not speakers or one.speaks(need.language)


def read_floor(world: World) -> Floor:
    now = milliseconds(world.clock.now())
    rows = world.store.ask(_IN_LINE) + [row[:11] for row in world.store.ask(_DUE, now) if not _is_night(world, row)]
    offers = world.store.ask(_OFFERS.format(", ".join("?" * len(rows))), *(row[0] for row in rows))
    people = world.store.ask(_PEOPLE)
    loads = _loads(world)
    return Floor(
        now,
        {
            id_: Somebody(id_, world.can[id_], loads.get(id_, 0), idle)
            for id_, available, idle, lease in people
            if available and lease > now
        },
        frozenset(row[0] for row in people if row[1]),
        {row[0]: _need(row, offers) for row in rows},
        {row[1]: Before(row[0], row[1], row[2], row[4], row[5]) for row in offers if row[3] == "pending"},
    )


def _is_night(world: World, row: Sequence[Any]) -> bool:
    """A call that is late rests at night, unless it is about danger or the patient chose that hour."""
    priority, number, begins, ends = row[2], *row[11:]
    now = world.clock.now()
    asked_for = begins <= milliseconds(now) <= ends
    return bool(priority != SAFETY and not asked_for and quiet_until(now, zones_of(number, world.settings.zone)) is not None)


def _loads(world: World) -> dict[str, int]:
    loads: dict[str, int] = {}
    for staff, channel in (*world.store.ask(_CHATS), *world.store.ask(_CALLS)):
        loads[staff] = loads.get(staff, 0) + WEIGHTS[channel]
    return loads


def _need(row: Sequence[Any], offers: Iterable[Sequence[Any]]) -> Need:
    id_, conversation, priority, age, team, topic, language, channel, aimed_at, person, owner = row
    let_pass: dict[str, int] = {}
    rejected: set[str] = set()
    for _, need, staff, state, made_at, _, ended_at, _ in offers:
        if need == id_ and state != "pending" and made_at >= aimed_at:
            rejected |= {staff} if state == "rejected" else set()
            let_pass[staff] = max(ended_at, let_pass.get(staff, 0))
    spoken = language[:2] if language[:2] in LANGUAGES else LANGUAGES[0]
    return Need(
        id_, conversation, priority, age, team or FALL_BACK, topic, spoken, channel, aimed_at, person, owner, let_pass, frozenset(rejected)
    )


def milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)
