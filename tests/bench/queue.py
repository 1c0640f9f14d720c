"""How well the line does its work, against a plain list that staff pick from: the same patients, the same staff, the same reactions.

`python -m tests.bench.queue` prints the table of the README: so many mornings of four hours, each from a seed. Both run through the whole
service (tests/bench/clinic.py) in virtual time: its line, offers, timers and database, with the rules of config/routing.yml as shipped.

What is assumed, for both alike: patients come at random, more of them at the full hour; one in five writes Spanish, one in forty is a
safety matter; whoever is offered something, or sees something new in the list, reacts after about 10 seconds (a half as long, some much
longer) and in one case of twenty not at all within a minute; a talk lasts about six minutes, half as long again with somebody who does
not speak the language. Five members of staff, two of whom speak Spanish, have room for two chats each; each is away for ten minutes
in the hour. With the plain list everybody who has room goes for the oldest, whatever is offered; of those who go for the same one the
quickest has it, and the others look again. A safety matter stands in that list at its age, as in any first-in-first-out. Whoever is told
after eight minutes that it takes long waits on, for half an hour at most.
"""

from __future__ import annotations

import heapq
import itertools
import random
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table

from tests.bench.clinic import Clinic, Pending
from tests.simulation.quick import quick

MORNING, SEEDS = 4 * 3600.0, 20
LONGEST = 30 * 60.0  # nobody waits longer: they leave
BACK = 60.0  # seconds until somebody who was set to away sees it
CHATS = 2
LANGUAGES = tuple(frozenset({"en", "es"} if number < 2 else {"en"}) for number in range(5))


@dataclass
class Patient:
    """`comes`, `taken`: seconds since the morning began; `taken` stays None for whoever left."""

    comes: float
    language: str
    safety: bool
    talk: float
    conversation: str = ""
    taken: float | None = None
    spoken: bool = False  # to by somebody who speaks their language


@dataclass
class Worker:
    """`busy`: on the way to somebody in the list."""

    number: int
    here: bool = True
    chats: int = 0
    busy: bool = False

    def has_room(self) -> bool:
        return self.here and self.chats < CHATS


@dataclass
class Morning:
    """One morning under one policy. `events`: what happens when, in order."""

    seed: int
    offers: bool
    length: float = MORNING  # seconds in which patients come
    patients: list[Patient] = field(default_factory=list)

    def run(self) -> list[Patient]:
        with quick():
            self._clinic = Clinic(self.seed, languages=LANGUAGES, chats=CHATS, misses=None if self.offers else 1_000_000)
            self._workers = [Worker(number) for number in range(len(LANGUAGES))]
            self._waiting: dict[str, Patient] = {}
            self._seen: set[str] = set()
            self._events: list[tuple[float, int, Callable[[], None]]] = []
            self._count = itertools.count()
            self._react = random.Random(self.seed + 1)
            self._draw(random.Random(self.seed))  # what both policies meet alike
            while self._events:
                at, _, act = heapq.heappop(self._events)
                self._pass_time(at)
                act()
                self._clinic.work()
                self._notice()
            for node in self._clinic.nodes:
                node.kill()
        return self.patients

    def _draw(self, world: random.Random) -> None:
        for worker in self._workers:
            for hour in range(4):
                away = 3600 * hour + world.uniform(0, 3000)
                self._later(away, self._leave, worker)
                self._later(away + 600, self._return, worker)
        at = 0.0
        while (at := at + world.expovariate(1 / 40 if at % 3600 < 900 else 1 / 75)) < self.length:
            language = "es" if world.random() < 0.2 else "en"
            patient = Patient(at, language, world.random() < 0.025, world.lognormvariate(5.75, 0.5))
            self.patients.append(patient)
            self._later(at, self._come, patient)

    def _later(self, at: float, act: Callable[..., None], *given: object) -> None:
        heapq.heappush(self._events, (at, next(self._count), lambda: act(*given)))

    def _pass_time(self, until: float) -> None:
        """What the service does by itself comes in between, each in its time."""
        while (at := self._clinic.next_job()) is not None and at < until:
            self._clinic.move_to(at)
            self._notice()
        self._clinic.move_to(until)

    def _notice(self) -> None:
        """What people see on their screens now."""
        for conversation in self._clinic.choosing():
            if conversation in self._waiting:
                self._clinic.waits_on(conversation)
                self._clinic.work()
        if not self.offers:
            for worker in self._workers:
                self._go_for_the_oldest(worker)
            return
        for offer in self._clinic.offers():
            if offer.id not in self._seen:
                self._seen.add(offer.id)
                self._is_offered(offer)
        for worker in self._workers:
            if worker.here and not self._clinic.is_available(worker.number):
                worker.here = False
                self._later(self._clinic.now + BACK, self._return, worker)

    # patients

    def _come(self, patient: Patient) -> None:
        patient.conversation = self._clinic.opens(patient.language)
        self._waiting[patient.conversation] = patient
        if patient.safety:
            self._clinic.is_in_danger(patient.conversation)
        else:
            self._clinic.wants_a_person(patient.conversation)
        self._later(self._clinic.now + LONGEST, self._give_up, patient)

    def _give_up(self, patient: Patient) -> None:
        if self._waiting.pop(patient.conversation, None) is not None:
            self._clinic.gives_up(patient.conversation)

    # staff

    def _leave(self, worker: Worker) -> None:
        worker.here = False
        self._clinic.set_available(worker.number, False)

    def _return(self, worker: Worker) -> None:
        worker.here = True
        self._clinic.set_available(worker.number, True)

    def _reaction(self) -> float | None:
        """Seconds until somebody reacts; None: not within a minute."""
        if self._react.random() < 0.05:
            return None
        return min(60.0, self._react.lognormvariate(2.3, 0.6))

    def _take(self, worker: Worker, conversation: str) -> None:
        if conversation not in self._waiting or not self._clinic.take(worker.number, conversation):
            return
        patient = self._waiting.pop(conversation)
        patient.taken, patient.spoken = self._clinic.now, patient.language in LANGUAGES[worker.number]
        worker.chats += 1
        self._later(self._clinic.now + patient.talk * (1.0 if patient.spoken else 1.5), self._end, worker, conversation)

    def _end(self, worker: Worker, conversation: str) -> None:
        worker.chats -= 1
        self._clinic.end(worker.number, conversation)

    def _go_for_the_oldest(self, worker: Worker) -> None:
        """From the plain list."""
        oldest = next(iter(self._clinic.line()), None) if worker.has_room() and not worker.busy else None
        if oldest is not None:
            worker.busy, reaction = True, self._reaction()
            self._later(self._clinic.now + (60.0 if reaction is None else reaction), self._arrive, worker, oldest, reaction is not None)

    def _arrive(self, worker: Worker, conversation: str, reacts: bool) -> None:
        worker.busy = False
        if reacts and worker.has_room():
            self._take(worker, conversation)

    def _is_offered(self, offer: Pending) -> None:
        reaction = self._reaction()
        if reaction is not None and self._clinic.now + reaction < offer.until:
            self._later(self._clinic.now + reaction, self._answer, self._workers[offer.worker], offer)

    def _answer(self, worker: Worker, offer: Pending) -> None:
        if worker.here and self._clinic.is_pending(offer):
            self._take(worker, offer.conversation)


@dataclass(frozen=True)
class Quality:
    """Waits are in seconds; shares between 0 and 1. `overtaken`: who was taken before somebody of the same priority who came earlier."""

    median: float
    p95: float
    within_60: float
    safety_p95: float
    safety_worst: float
    left: float
    spanish: float  # of those who write Spanish, who talked with somebody that speaks it
    overtaken: float


def quality(offers: bool, seeds: Iterable[int], length: float = MORNING) -> Quality:
    """All mornings together."""
    mornings = [Morning(seed, offers, length).run() for seed in seeds]
    everybody = [patient for patients in mornings for patient in patients]
    waits = sorted(_wait(patient) for patient in everybody)
    safety = sorted(_wait(patient) for patient in everybody if patient.safety)
    pairs = [
        pair for patients in mornings for pair in itertools.pairwise([one for one in patients if not one.safety and one.taken is not None])
    ]
    return Quality(
        median=waits[len(waits) // 2],
        p95=waits[len(waits) * 95 // 100],
        within_60=_share(wait <= 60 for wait in waits),
        safety_p95=safety[len(safety) * 95 // 100],
        safety_worst=safety[-1],
        left=_share(patient.taken is None for patient in everybody),
        spanish=_share(patient.spoken for patient in everybody if patient.language == "es"),
        overtaken=_share((b.taken or 0) < (a.taken or 0) for a, b in pairs),
    )


def _share(found: Iterable[bool]) -> float:
    told = list(found)
    return sum(told) / len(told)


def _wait(patient: Patient) -> float:
    return LONGEST if patient.taken is None else patient.taken - patient.comes


def main(seeds: str = str(SEEDS)) -> None:
    plain, ours = quality(False, range(int(seeds))), quality(True, range(int(seeds)))
    table = Table("", "a plain list", "offers")
    rows: list[tuple[str, Callable[[Quality], str]]] = [
        ("median wait", lambda one: f"{one.median:.0f} s"),
        ("p95 wait", lambda one: f"{one.p95:.0f} s"),
        ("answered within 60 s", lambda one: f"{one.within_60:.0%}"),
        ("safety, p95 wait", lambda one: f"{one.safety_p95:.0f} s"),
        ("safety, longest wait", lambda one: f"{one.safety_worst:.0f} s"),
        ("Spanish, with somebody who speaks it", lambda one: f"{one.spanish:.0%}"),
        ("left after 30 minutes", lambda one: f"{one.left:.1%}"),
        ("taken before the one who came before", lambda one: f"{one.overtaken:.1%}"),
    ]
    for name, told in rows:
        table.add_row(name, told(plain), told(ours))
    Console().print(table)


if __name__ == "__main__":
    main(*sys.argv[1:])
