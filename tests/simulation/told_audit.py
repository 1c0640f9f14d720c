"""What patients are told about the line is so at that moment: who is here, how many are ahead, that they may chat now."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from handoff.desk import views
from handoff.words import Words
from tests.simulation.auditor import Broken
from tests.simulation.floor import milliseconds
from tests.simulation.store import drive

if TYPE_CHECKING:
    from handoff.doorbell import Bell
    from tests.simulation.world import World

# Each: the key of the sentence, whether somebody is here then, and whether it names a place in line (None: it does not).
SAYS: tuple[tuple[str, bool, bool | None], ...] = (
    ("place.next", True, False),
    ("place.next_about", True, False),
    ("place.behind", True, True),
    ("place.behind_about", True, True),
    ("place.closed", False, None),
    ("place.nobody_here", False, None),
    ("routes.someone_here", True, None),
    ("routes.closed", False, None),
    ("routes.nobody_here", False, None),
    ("safety_nobody_here", False, None),
    ("routes.chat_now", True, False),
    ("routes.chat_now_ahead", True, True),
    ("routes.chat_now_about", True, True),
)
_HERE = "SELECT 1 FROM presence JOIN staff ON staff.id = presence.staff WHERE lease_until > ? AND available AND disabled_at IS NULL LIMIT 1"
_LINE = """
SELECT CASE WHEN c.unsafe THEN 0 ELSE r.priority END, r.queue_age_from, r.id FROM conversation AS c
JOIN handoff_request AS r ON r.conversation = c.id AND r.state = 'queued' WHERE c.state = 'waiting'"""
_MINE = "SELECT priority, queue_age_from, id FROM handoff_request WHERE conversation = ? AND state IN ('created', 'queued')"
_WAIT = "SELECT id FROM conversation WHERE state = 'waiting' ORDER BY id"


@cache
def _patterns(words: Words) -> tuple[tuple[re.Pattern[str], str, bool, bool | None], ...]:
    """In every language; of sentences that begin alike, the longer first."""
    found = [(words.say(language, key, **_BLANKS), key, here, ahead) for language in words.languages for key, here, ahead in SAYS]
    return tuple((re.compile(_pattern(text)), *rest) for text, *rest in sorted(found, key=lambda one: -len(one[0])))


_BLANKS = {"ahead": "@AHEAD@", "minutes": "@MINUTES@", "opens": "@OPENS@", "emergency": "@NUMBER@"}


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
        for (conversation,) in self._world.store.ask(_WAIT):
            shown: Any = drive(self._world.nodes[0].desk.look(views.patient_state, conversation))
            if shown["ahead"] != self._ahead(conversation):
                raise Broken("place_is_true", f"{conversation} is shown {shown['ahead']} ahead, and there are {self._ahead(conversation)}")

    def _read(self, conversation: str, text: str) -> None:
        for pattern, key, here, ahead in _patterns(self._world.nodes[0].desk.house.words):
            match = pattern.search(text)
            if match is None:
                continue
            if here != self._is_somebody_here():
                self._note("told_who_is_here", f"{conversation} was told {text!r}, and somebody is {'not ' if here else ''}here")
            if ahead is not None:
                said, true = int(match[1]) if ahead else 0, self._ahead(conversation)
                longest = len(self._world.store.ask(_LINE)) if "chat_now" in key else true
                if not true <= said <= longest:
                    self._note("place_is_true", f"{conversation} was told {said} ahead, and there are {self._ahead(conversation)}")
            return

    def _note(self, name: str, detail: str) -> None:
        self._wrong.append(Broken(name, detail))

    def _is_somebody_here(self) -> bool:
        return bool(self._world.store.ask(_HERE, milliseconds(self._world.clock.now())))

    def _ahead(self, conversation: str) -> int:
        """Of those in line, how many come before this one, which is in line or chooses."""
        mine = self._world.store.ask(_MINE, conversation)
        return sum(place < mine[0] for place in self._world.store.ask(_LINE))
