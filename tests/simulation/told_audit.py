"""What patients are told about the line is so at that moment: who is here, how many are ahead, that they may chat now."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from handoff.desk import patient_view
from handoff.words import Words
from tests.simulation.auditor import Broken
from tests.simulation.floor import WEIGHTS, Floor, read_floor
from tests.simulation.store import drive

if TYPE_CHECKING:
    from handoff.doorbell import Bell
    from tests.simulation.world import World


@dataclass(frozen=True)
class Means:
    """What is so when the sentence `key` is said. None: it does not say."""

    key: str
    here: bool  # somebody is
    behind: bool | None = None  # others, whose number it says; False: nobody
    full: bool | None = None  # nobody who is here has room


SAYS = (
    Means("place.next", here=True, behind=False, full=False),
    Means("place.next_about", here=True, behind=False, full=False),
    Means("place.next_full", here=True, behind=False, full=True),
    Means("place.behind", here=True, behind=True),
    Means("place.behind_about", here=True, behind=True, full=False),
    Means("place.closed", here=False),
    Means("place.nobody_here", here=False),
    Means("routes.someone_here", here=True),
    Means("routes.closed", here=False),
    Means("routes.nobody_here", here=False),
    Means("routes.chat_now", here=True, behind=False, full=False),
    Means("routes.chat_now_full", here=True, behind=False, full=True),
    Means("routes.chat_now_full_ahead", here=True, behind=True, full=True),
    Means("routes.chat_now_ahead", here=True, behind=True, full=False),
    Means("routes.chat_now_about", here=True, behind=True, full=False),
    Means("safety_alone.nobody_here", here=False),
    Means("safety_alone.closed", here=False),
    Means("safety_still_asked", here=True),
)
_MINE = """
SELECT r.priority, r.queue_age_from, r.id, c.channel FROM handoff_request AS r JOIN conversation AS c ON c.id = r.conversation
WHERE c.id = ? AND r.state IN ('created', 'queued')"""
_WAIT = "SELECT id FROM conversation WHERE state = 'waiting' ORDER BY id"
_BLANKS = {"ahead": "@AHEAD@", "minutes": "@MINUTES@", "opens": "@OPENS@", "whom": "@WHOM@"}


@cache
def _patterns(words: Words) -> tuple[tuple[re.Pattern[str], Means], ...]:
    """In every language; of sentences that begin alike, the longer first."""
    found = [(words.say(language, means.key, **_BLANKS), means) for language in words.languages for means in SAYS]
    return tuple((re.compile(_pattern(text)), means) for text, means in sorted(found, key=lambda one: -len(one[0])))


def _pattern(text: str) -> str:
    return re.sub("@[A-Z]+@", ".+?", re.escape(text).replace("@AHEAD@", r"(\d+)"))


class ToldAudit:
    """`hear` notes what is wrong; whoever rings cannot be stopped, so `check` raises it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._wrong: list[Broken] = []

    def hear(self, bell: Bell) -> None:
        """Right after the commit of what was said."""
        for message in bell.messages or ():
            if message["author"] == "service":
                self._read(bell.conversation, message["text"])
                for button in message["buttons"]:
                    if button["payload"] == "chat_now":
                        self._read(bell.conversation, button["title"])

    def check(self) -> None:
        if self._wrong:
            raise self._wrong[0]

    def check_rest(self) -> None:
        """What a page shows of the place is so too."""
        house, now = self._world.nodes[0].desk.house, self._world.clock.now()
        for (conversation,) in self._world.store.ask(_WAIT):
            shown: Any = drive(self._world.nodes[0].desk.look(patient_view.state, house, conversation, now))
            ahead, _ = self._place(read_floor(self._world), conversation)
            if shown["ahead"] != ahead:
                raise Broken("place_is_true", f"{conversation} is shown {shown['ahead']} ahead, and there are {ahead}")

    def _read(self, conversation: str, text: str) -> None:
        for pattern, means in _patterns(self._world.nodes[0].desk.house.words):
            match = pattern.search(text)
            if match is not None:
                self._compare(conversation, means, match)
                return

    def _compare(self, conversation: str, means: Means, said: re.Match[str]) -> None:
        floor = read_floor(self._world)
        if means.here != bool(floor.here):
            self._note("told_who_is_here", f"{conversation} was told {said[0]!r}, and {len(floor.here)} are here")
        if means.behind is not None:
            ahead, channel = self._place(floor, conversation)
            if ahead != (int(said[1]) if means.behind else 0):
                self._note("place_is_true", f"{conversation} was told {said[0]!r}, and there are {ahead}")
            full = all(one.load + WEIGHTS[channel] > one.capacity for one in floor.here.values())
            if means.full is not None and means.full != full:
                self._note("told_who_is_here", f"{conversation} was told {said[0]!r}, and all are {'' if full else 'not '}busy")

    def _note(self, name: str, detail: str) -> None:
        self._wrong.append(Broken(name, detail))

    def _place(self, floor: Floor, conversation: str) -> tuple[int, str]:
        """How many come before this one, which is in line or chooses; and where it comes from."""
        ((*place, channel),) = self._world.store.ask(_MINE, conversation)
        return sum(need.place < tuple(place) for need in floor.needs.values()), channel
