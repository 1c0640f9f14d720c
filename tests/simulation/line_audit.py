"""Who is asked about what: after every look at the line, and at rest, offers are as DESIGN says, by the plain words of floor.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.simulation.auditor import Broken
from tests.simulation.floor import SAFETY, SECOND, Before, Floor, Need, Somebody, milliseconds, moment, read_floor
from tests.simulation.store import Tail

if TYPE_CHECKING:
    from tests.simulation.world import World

LENGTH, CALL_LENGTH = 45 * SECOND, 60 * SECOND
MISSES = 3
_HELPED = "SELECT to_owner FROM move WHERE conversation = ? AND event = 'taken' ORDER BY at DESC, id DESC LIMIT 1"
_ENDED = "SELECT id, staff, state, COALESCE(request, callback) FROM offer WHERE id IN ({}) AND state <> 'pending' ORDER BY id"
_DID = "SELECT id, who, act FROM audit WHERE id > ? AND act IN ('took', 'took_callback', 'rejected', 'available', 'away') ORDER BY id"
_QUEUED = "SELECT id, topic, team, aimed_at FROM handoff_request WHERE conversation = ? AND state = 'queued'"
_IS_QUIET = """
SELECT NOT EXISTS (SELECT 1 FROM job WHERE kind = 'line' AND (state = 'running' OR state = 'ready' AND run_at <= ?)) AND (
    EXISTS (SELECT 1 FROM conversation WHERE state = 'waiting')
    OR EXISTS (SELECT 1 FROM callback WHERE state IN ('scheduled', 'overdue') AND COALESCE(next_at, window_from) <= ?))"""
_AVAILABLE = "SELECT id, available FROM staff ORDER BY id"


class LineAudit:
    """`_pending`: the offers that were known to be before somebody; `_misses` and `_away`: what must follow from how they ended."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._pending: dict[str, Before] = {}
        self._misses: dict[str, int] = {}
        self._away: set[str] = set()
        self._acts = Tail(world.store, _DID)
        self._in_line: dict[str, str] = {}  # conversation -> the request with which it is known to be in line

    def looked(self) -> None:
        """After one look: nobody waits who could be asked about, nobody was asked who may not be, and the oldest went first."""
        known, floor = dict(self._pending), read_floor(self._world)
        displaced = self._follow(floor)
        new = [offer for offer in floor.before.values() if offer.id not in known]
        for offer in new:
            self._check_new(floor, offer, displaced)
        self._check_before(floor)
        self._check_waiting(floor)
        self._check_order(floor, new, displaced)

    def check(self, touched: set[str]) -> None:
        """After one operation. Where no look is due, the line is right as it is: whatever changes it leaves a look, or has planned one."""
        self._follow(None)
        for conversation in touched:
            self._check_team(conversation)
        now = milliseconds(self._world.clock.now())
        if not self._world.went_back and self._world.store.ask(_IS_QUIET, now, now) == [(1,)]:
            self.check_rest()

    def check_rest(self) -> None:
        """Every look was made: nobody waits who could be asked about, and what is before somebody is so in its time, and before who is here."""
        floor = read_floor(self._world)
        self._check_waiting(floor)
        self._check_before(floor)

    def _check_before(self, floor: Floor) -> None:
        for offer in floor.before.values():
            if offer.until < floor.now or offer.staff not in floor.here:
                raise Broken("offer_ends", f"{offer.need} is before {offer.staff} since {moment(offer.made_at)}")

    def _check_new(self, floor: Floor, offer: Before, displaced: dict[str, str]) -> None:
        need, somebody = floor.needs.get(offer.need), floor.here.get(offer.staff)
        if need is None:
            raise Broken("offer_of_nothing", f"{offer.need} is offered and does not wait")
        if somebody is None:
            raise Broken("offer_to_nobody", f"{need.id} is offered to {offer.staff}, who is not here or not available")
        if not floor.may_be_asked(somebody, need):
            raise Broken("offer_fits", f"{need} is offered to {somebody}")
        if offer.made_at != floor.now or offer.until != floor.now + (CALL_LENGTH if need.channel == "call" else LENGTH):
            raise Broken("offer_length", f"an offer of {need.channel} is before them for {offer.until - floor.now} ms")
        others = [one for one in floor.free if floor.may_be_asked(one, need)]
        if offer.staff in displaced:
            if others:
                raise Broken("displaced_in_need", f"{displaced[offer.staff]} made room for {need.id} while {others[0].id} is free")
            if need.priority != SAFETY:
                raise Broken("displaced_in_need", f"{displaced[offer.staff]} made room for {need.id}, which is no danger")
            return
        better = min([somebody, *others], key=lambda one: self._suits(one, need))
        if better is not somebody:
            raise Broken("offer_to_best", f"{need} is offered to {somebody}, and {better} suits better")

    def _suits(self, one: Somebody, need: Need) -> tuple[bool | float | str, ...]:
        """The smaller the better: who did not let it pass, for whom it is, the language, the team, the skill, who helped last, the load,
        the idle time."""
        passed = one.id in need.let_pass
        last = self._world.store.ask(_HELPED, need.conversation)
        helped = not passed and last == [(f"staff:{one.id}",)]
        fits = (
            need.person not in (None, one.id),
            not one.speaks(need.language),
            not one.is_of(need.team),
            (need.topic or "") not in one.can.skills,
        )
        return (passed, *fits, not helped, one.load / one.capacity, one.idle_since, one.id)

    def _check_waiting(self, floor: Floor) -> None:
        """Nothing waits that somebody could be asked about; and danger waits for nobody's answer to something else."""
        free = {one.id for one in floor.free}
        for need in floor.unoffered:
            danger = need.priority == SAFETY
            for one in floor.here.values():
                asked = next((floor.needs.get(offer.need) for offer in floor.before.values() if offer.staff == one.id), None)
                could = one.id in free or (danger and (asked is None or asked.priority != SAFETY))
                if could and floor.may_be_asked(one, need):
                    raise Broken(
                        "danger_waits" if danger else "waits_unoffered", f"{need} waits while {one} is here, before whom is {asked}"
                    )

    def _check_order(self, floor: Floor, new: list[Before], displaced: dict[str, str]) -> None:
        """Whoever was just asked was asked about the first that they may take; of dangers, about one that they (or, where something else
        made room for it, anybody) did not let pass, else about the one for which that is longest ago."""
        for offer in new:
            need, somebody = floor.needs[offer.need], floor.here[offer.staff]

            def turn(one: Need, asked: str | None = None if offer.staff in displaced else offer.staff) -> tuple[object, ...]:
                again = one.priority == SAFETY and bool(one.let_pass if asked is None else asked in one.let_pass)
                return (one.place[0], again, max(one.let_pass.values()) if again else 0, one.place)

            for other in floor.unoffered:
                if turn(other) < turn(need) and floor.may_be_asked(somebody, other):
                    raise Broken("out_of_order", f"{somebody.id} was asked about {need}, and {other} waits")

    def _follow(self, floor: Floor | None) -> dict[str, str]:
        """What became of the offers; who is away because of it. Returns from whom something was taken away for something else, and what."""
        for _, who, act in self._acts.read():
            staff = who.removeprefix("staff:")
            if act != "away":
                self._misses[staff] = 0
            if act in ("available", "away"):
                (self._away.discard if act == "available" else self._away.add)(staff)
        ended = self._world.store.ask(_ENDED.format(", ".join("?" * len(self._pending))), *self._pending) if self._pending else []
        for id_, staff, state, _ in ended:
            del self._pending[id_]
            self._misses[staff] = self._misses.get(staff, 0) + (state == "timed_out")
            if self._misses[staff] >= MISSES:
                self._away.add(staff)
        if floor is not None:
            self._pending |= {offer.id: offer for offer in floor.before.values()}
        for staff, available in self._world.store.ask(_AVAILABLE):
            if bool(available) == (staff in self._away):
                raise Broken("misses_count", f"{staff} missed {self._misses.get(staff, 0)} and is {'' if available else 'not '}available")
            if not available and any(offer.staff == staff for offer in self._pending.values()):
                raise Broken("away_is_away", f"{staff} is away and asked")
        return {staff: need for _, staff, state, need in ended if state == "rescinded" and floor is not None and need in floor.needs}

    def _check_team(self, conversation: str) -> None:
        """What comes into line goes to the team of its topic while that is open, unless it was passed on."""
        found = self._world.store.ask(_QUEUED, conversation)
        if not found:
            self._in_line.pop(conversation, None)
            return
        request, topic, team, aimed_at = found[0]
        if self._in_line.get(conversation) != request and aimed_at is None:
            ours = self._world.roster.team_for(topic, self._world.clock.now())
            if team != ours:
                raise Broken("team_of_topic", f"{request} about {topic} goes to {team} and not to {ours}")
        self._in_line[conversation] = request
