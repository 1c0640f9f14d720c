"""What time must bring about once the nodes have worked: lost staff are noticed, the parked come back, nobody waits too long, people are called."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.simulation.auditor import Broken
from tests.simulation.floor import MINUTE, SECOND, milliseconds, moment
from tests.simulation.store import Tail

if TYPE_CHECKING:
    from tests.simulation.world import World

LOST, LOOK, SLACK = 60 * SECOND, 20 * SECOND, 6 * SECOND  # after the end of the last lease; how often it is looked
LONGEST = {"waiting": 8 * MINUTE, "parked": 15 * MINUTE}
BY_TEXT = {"waiting": 60 * MINUTE, "parked": 24 * 60 * MINUTE}  # for whoever may be texting
ON_CALL = ((0, "everybody"), (2 * MINUTE, "supervisor"), (5 * MINUTE, "admin"))

_STANDS = """
SELECT c.id, c.state, c.owner, c.unsafe, MAX(v.at),
       EXISTS (SELECT 1 FROM phone_number WHERE conversation = c.id),
       (SELECT MAX(lease_until) FROM presence WHERE 'staff:' || staff = c.owner)
FROM conversation AS c JOIN move AS v ON v.conversation = c.id AND v.to_state = c.state AND (v.from_state <> c.state OR v.event = 'unsafe' AND c.owner = 'queue')
WHERE c.state IN ('waiting', 'human', 'parked') GROUP BY c.id ORDER BY c.id"""
_CAME_BACK = "SELECT id, conversation, to_owner, at FROM move WHERE id > ? AND from_state = 'parked' AND to_state = 'human' AND event = 'patient_wrote' ORDER BY id"
_IS_HERE = "SELECT 1 FROM presence JOIN staff ON staff.id = presence.staff WHERE 'staff:' || staff.id = ? AND available AND lease_until > ?"
_UNSAFE = "SELECT state = 'waiting' AND unsafe, owner = 'queue' FROM conversation WHERE id = ?"
_PAGES = "SELECT id, conversation, step, who, at FROM page WHERE id > ? ORDER BY id"


@dataclass
class Round:
    """Of calling people to one safety matter. `joined`: when it came to wait; `steps`: who was called, when; `put_back`: the clock was
    since, and nobody can say from when the rest is counted."""

    joined: int
    steps: dict[int, int] = field(default_factory=dict)
    put_back: bool = False

    def goes_back(self, now: int) -> None:
        """To what is possible at that moment."""
        if max(self.joined, *self.steps.values()) > now:
            self.joined, self.steps = min(self.joined, now), {step: min(at, now) for step, at in self.steps.items()}
            self.put_back = True


class WatchAudit:
    def __init__(self, world: World) -> None:
        self._world = world
        self._rounds: dict[str, Round] = {}
        self._pages, self._came_back = Tail(world.store, _PAGES), Tail(world.store, _CAME_BACK)

    def check(self, touched: set[str]) -> None:
        """After one operation."""
        self._follow_pages(touched)
        for _, conversation, owner, at in self._came_back.read():
            if not self._world.store.ask(_IS_HERE, owner, at):
                raise Broken("parked_to_nobody", f"{conversation} went back to {owner}, who is not here")

    def check_rest(self) -> None:
        """Every node has worked."""
        now = milliseconds(self._world.clock.now())
        for conversation, state, owner, unsafe, since, texts, lease in self._world.store.ask(_STANDS):
            longest = [] if state == "human" or (unsafe and owner == "queue") else [(BY_TEXT if texts else LONGEST)[state]]
            if owner.startswith("staff:") and state != "parked":
                longest.append(max(LOOK, (lease or since) + LOST - since))
            if longest and now > since + min(longest) + SLACK:
                raise Broken(f"{state}_ends", f"{conversation} is {state} with {owner} since {moment(since)}, last seen {lease}")
        for conversation, found in self._rounds.items():
            missing = [step for step, (after, _) in enumerate(ON_CALL) if step not in found.steps and now > found.steps[0] + after + SECOND]
            if missing and not found.put_back:
                raise Broken("people_are_called", f"{conversation} waits since {moment(found.joined)}; nobody was called for {missing}")

    def _follow_pages(self, touched: set[str]) -> None:
        """Who comes to wait in danger is called for at once, then in time; each once a round."""
        now = milliseconds(self._world.clock.now())
        for found in self._rounds.values():
            found.goes_back(now)
        for conversation in touched:
            waits, has_nobody = self._world.store.ask(_UNSAFE, conversation)[0]
            if not waits:
                self._rounds.pop(conversation, None)
            elif has_nobody and conversation not in self._rounds:
                self._rounds[conversation] = Round(now)
        for _, conversation, step, who, at in self._pages.read():
            if not self._world.store.ask(_UNSAFE, conversation)[0][0]:
                raise Broken("people_are_called", f"{who} was called to {conversation}, which somebody has")
            found = self._rounds.setdefault(conversation, Round(at))  # danger in what is passed on calls people too
            if step == 0:
                found.steps, found.put_back = {}, False
            began = found.steps.get(0, at)
            if step in found.steps or who != ON_CALL[step][1] or at < began + ON_CALL[step][0]:
                raise Broken(
                    "people_are_called", f"{who} was called to {conversation} as {step} at {moment(at)}; it began at {moment(began)}"
                )
            found.steps[step] = at
        for conversation, found in self._rounds.items():
            if 0 not in found.steps or min(found.steps.values()) < found.joined:
                raise Broken("people_are_called", f"nobody was called when {conversation} came to wait")
