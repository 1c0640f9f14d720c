"""The real service in one process, with a small staff and a clock that is moved from one event to the next; its database is in memory.

It is the simulation's world (tests/simulation) with one node and nothing that fails: patients ask for a person, staff take, talk, end.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from handoff.channels import Inbound
from handoff.desk import patients, sessions, staff
from handoff.desk.work import House
from handoff.errors import AlreadyTaken, IllegalMove
from handoff.staff import presence
from handoff.staff.access import Person, Role
from handoff.teams import Abilities
from tests.simulation.node import SimNode
from tests.simulation.world import BEGINNINGS, World

# What patients write, each in their language: in which they write is in which they are answered.
CHAT = {"en": "chat with a person", "es": "hablar con una persona"}
DANGER = {"en": "I want to kill myself", "es": "me quiero matar"}
STOP = {"en": "stop waiting", "es": "dejar de esperar"}
_PENDING = "SELECT id, staff, conversation, until FROM offer WHERE state = 'pending' ORDER BY id"
_OFFER = "SELECT state FROM offer WHERE id = ?"
_NEXT_JOB = "SELECT MIN(run_at) FROM job WHERE state = 'ready' AND run_at > ?"
_CHOOSING = "SELECT id FROM conversation WHERE state = 'choosing' ORDER BY id"
_STATE = "SELECT state FROM conversation WHERE id = ?"
_IN_LINE = "SELECT conversation FROM handoff_request WHERE state = 'queued' ORDER BY queue_age_from, id"
_AWAY = "SELECT available FROM staff WHERE id = ?"


@dataclass(frozen=True)
class Pending:
    """One offer that is before the `worker` of that place, until `until` (seconds since the morning began)."""

    id: str
    worker: int
    conversation: str
    until: float


class Clinic(World):
    """`languages`: what each member of staff speaks, by their place. `chats`: how many they have room for.
    `misses`: after how many offers without an answer somebody is set to away, where that is not the clinic's own number.
    """

    beginnings = BEGINNINGS[:1]

    def __init__(self, seed: int, *, languages: Iterable[frozenset[str]], chats: int, misses: int | None = None) -> None:
        self._languages, self._chats, self._misses = list(languages), chats, misses
        self._spoken: dict[str, str] = {}
        self.people = [(f"w{number}", Role.MEMBER) for number in range(len(self._languages))]
        super().__init__(seed)
        self.began = self.clock.now()
        for member in self.staff:
            self.do(self._node, presence.arrive, self.new_name(), member.person.id)
            member.sockets[f"n{self.count}"] = self._node.name

    def _build(self, house: House) -> list[SimNode]:
        teams, rules = house.routing.teams, house.routing.teams.rules
        people = {f"w{number}@clinic.example": Abilities(languages=spoken) for number, spoken in enumerate(self._languages)}
        rules = replace(rules, capacity=self._chats * rules.weights["web"], misses=self._misses or rules.misses)
        routing = replace(house.routing, teams=replace(teams, people=people, rules=rules))
        self._node = SimNode(self, "node", replace(house, routing=routing), self.ids, alone=True)
        return [self._node]

    @property
    def now(self) -> float:
        """Seconds since the morning began."""
        return (self.clock.now() - self.began).total_seconds()

    def next_job(self) -> float | None:
        """When the service has something to do by itself."""
        ((at,),) = self.store.ask(_NEXT_JOB, round(self.clock.now().timestamp() * 1000))
        return None if at is None else float(at / 1000 - self.began.timestamp())

    def move_to(self, seconds: float) -> None:
        """Time passes, everybody's connection lives on, and the service does what is due."""
        self.pass_time(self.began + timedelta(seconds=seconds) - self.clock.now())
        self._node.work_off(self.chance)

    def work(self) -> None:
        self._node.work_off(self.chance)

    # patients

    def opens(self, language: str) -> str:
        """Somebody on the website. Returns the conversation."""
        opened = self.do(self._node, sessions.open_session, secret=None, site="https://a.example", protocol="widget", locale=language)
        self._spoken[opened.conversation] = language
        return str(opened.conversation)

    def wants_a_person(self, conversation: str) -> None:
        self._says(conversation, button="person")
        self._writes(conversation, CHAT)

    def is_in_danger(self, conversation: str) -> None:
        self._writes(conversation, DANGER)

    def _writes(self, conversation: str, words: Mapping[str, str]) -> None:
        self._says(conversation, text=words[self._spoken[conversation]])

    def _says(self, conversation: str, *, text: str = "", button: str | None = None) -> None:
        self.do(self._node, patients.receive, Inbound(conversation, self.new_name(), text, button=button))

    def choosing(self) -> list[str]:
        """Who has waited too long, or could not wait, and chooses anew."""
        return [str(conversation) for (conversation,) in self.store.ask(_CHOOSING)]

    def waits_on(self, conversation: str) -> None:
        self._writes(conversation, CHAT)

    def gives_up(self, conversation: str) -> None:
        if self.store.ask(_STATE, conversation) == [("waiting",)]:
            self._writes(conversation, STOP)

    # staff

    def person(self, number: int) -> Person:
        return self.staff[number].person

    def offers(self) -> list[Pending]:
        began, places = self.began.timestamp(), {member.person.id: place for place, member in enumerate(self.staff)}
        return [Pending(id_, places[who], where, until / 1000 - began) for id_, who, where, until in self.store.ask(_PENDING)]

    def is_pending(self, offer: Pending) -> bool:
        return self.store.ask(_OFFER, offer.id) == [("pending",)]

    def line(self) -> list[str]:
        """Who waits, oldest first, as a plain list shows it."""
        return [str(conversation) for (conversation,) in self.store.ask(_IN_LINE)]

    def take(self, number: int, conversation: str) -> bool:
        try:
            self.do(self._node, staff.take, self.person(number), conversation)
        except (AlreadyTaken, IllegalMove):
            return False
        return True

    def end(self, number: int, conversation: str) -> None:
        self.do(self._node, staff.close, self.person(number), conversation, "answered")

    def is_available(self, number: int) -> bool:
        return bool(self.store.ask(_AWAY, self.person(number).id)[0][0])

    def set_available(self, number: int, on: bool) -> None:
        self.do(self._node, staff.set_available, self.person(number), on)
