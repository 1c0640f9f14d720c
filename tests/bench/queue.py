"""How well the line does its work, against a plain list that staff pick from: the same patients, the same staff, the same reactions.

`python -m tests.bench.queue` prints the table of the README: 40 mornings of four hours, each from a seed. Time is virtual; the offers
are those of handoff/routing.py with the rules of config/routing.yml as shipped.

What is assumed, for both alike: patients come at random, more of them at the full hour; one in five writes Spanish, one in forty is a
safety matter; whoever is offered something, or sees something new in the list, reacts after about 10 seconds (a half as long, some much
longer) and in one case of twenty not at all within a minute; a talk lasts about six minutes, half as long again with somebody who does
not speak the language. Five members of staff, two of whom speak Spanish, have room for two chats each; each is away for ten minutes
in the hour. With the plain list everybody who has room goes for the oldest; of those who go for the same one the quickest has it, and
the others look again. A safety matter stands in that list at its age, as in any first-in-first-out.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from rich.console import Console
from rich.table import Table

from handoff.routing import Member, Need, Rules, decide, widens_at
from tests.fakes import MONDAY

MORNING, SEEDS = 4 * 3600.0, 40
LONGEST = 30 * 60.0  # nobody waits longer: they leave
RULES = Rules()
CHAT = RULES.weights["web"]


@dataclass
class Patient:
    """`comes`, `taken`: seconds since the morning began; `taken` stays None for whoever left."""

    name: str
    comes: float
    language: str
    safety: bool
    talk: float
    taken: float | None = None
    spoken: bool = False  # to by somebody who speaks their language

    @property
    def need(self) -> Need:
        priority = 0 if self.safety else 1
        return Need(self.name, self.name, priority, _at(self.comes), "clinic", self.language)


@dataclass
class Worker:
    name: str
    languages: frozenset[str]
    load: int = 0
    idle_since: float = 0.0
    here: bool = True
    missed: int = 0
    offered: str | None = None

    def has_room(self) -> bool:
        return self.here and self.load + CHAT <= 2 * CHAT

    @property
    def member(self) -> Member:
        at, teams = _at(self.idle_since), frozenset({"clinic"})
        return Member(self.name, teams, self.languages, self.load, at, capacity=2 * CHAT, missed=self.missed, offered=self.offered)


def _at(seconds: float) -> datetime:
    return MONDAY + timedelta(seconds=seconds)


@dataclass
class Morning:
    """One morning under one policy. `events`: what happens when, in order."""

    seed: int
    offers: bool
    now: float = 0.0
    line: dict[str, Patient] = field(default_factory=dict)
    patients: list[Patient] = field(default_factory=list)
    workers: dict[str, Worker] = field(default_factory=dict)
    passed: dict[str, dict[str, float]] = field(default_factory=dict)

    def run(self) -> list[Patient]:
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._count = itertools.count()
        world = random.Random(self.seed)  # what both policies meet alike
        self._react = random.Random(self.seed + 1)
        for number in range(5):
            languages = {"en", "es"} if number < 2 else {"en"}
            self.workers[f"w{number}"] = Worker(f"w{number}", frozenset(languages))
            for hour in range(4):
                away = 3600 * hour + world.uniform(0, 3000)
                self._later(away, self._leave, f"w{number}")
                self._later(away + 600, self._return, f"w{number}")
        at = 0.0
        while (at := at + world.expovariate(1 / 40 if at % 3600 < 900 else 1 / 75)) < MORNING:
            language = "es" if world.random() < 0.2 else "en"
            patient = Patient(f"p{len(self.patients):04}", at, language, world.random() < 0.025, world.lognormvariate(5.75, 0.5))
            self.patients.append(patient)
            self._later(at, self._come, patient)
        while self._events:
            self.now, _, act = heapq.heappop(self._events)
            act()
        return self.patients

    def _later(self, at: float, act: Callable[..., None], *given: object) -> None:
        heapq.heappush(self._events, (at, next(self._count), lambda: act(*given)))

    def _come(self, patient: Patient) -> None:
        self.line[patient.name] = patient
        self._later(self.now + LONGEST, self._give_up, patient)
        self._look()

    def _give_up(self, patient: Patient) -> None:
        self.line.pop(patient.name, None)

    def _leave(self, name: str) -> None:
        self.workers[name].here = False

    def _return(self, name: str) -> None:
        worker = self.workers[name]
        worker.here, worker.missed = True, 0
        self._look()

    def _reaction(self) -> float | None:
        """Seconds until somebody reacts; None: not within a minute."""
        if self._react.random() < 0.05:
            return None
        return min(60.0, self._react.lognormvariate(2.3, 0.6))

    def _take(self, worker: Worker, patient: Patient) -> None:
        del self.line[patient.name]
        patient.taken, patient.spoken = self.now, patient.language in worker.languages
        worker.load, worker.idle_since, worker.missed = worker.load + CHAT, self.now, 0
        self._later(self.now + patient.talk * (1.0 if patient.spoken else 1.5), self._end, worker)

    def _end(self, worker: Worker) -> None:
        worker.load, worker.idle_since = worker.load - CHAT, self.now
        self._look()

    def _look(self) -> None:
        if self.offers:
            self._offer()
        else:
            for worker in self.workers.values():
                self._go_for_the_oldest(worker)

    # the plain list

    def _go_for_the_oldest(self, worker: Worker) -> None:
        if not self.line or not worker.has_room() or worker.offered is not None:
            return
        oldest = min(self.line.values(), key=lambda patient: patient.comes)
        worker.offered = oldest.name
        reaction = self._reaction()
        self._later(self.now + (60.0 if reaction is None else reaction), self._arrive, worker, oldest, reaction is None)

    def _arrive(self, worker: Worker, patient: Patient, slept: bool) -> None:
        worker.offered = None
        if not slept and patient.name in self.line and worker.has_room():
            self._take(worker, patient)
        self._go_for_the_oldest(worker)

    # offers

    def _offer(self) -> None:
        before = {worker.offered: worker.name for worker in self.workers.values() if worker.offered}
        needs = [replace(patient.need, offered_to=before.get(patient.name), **self._let_pass(patient)) for patient in self.line.values()]
        members = [worker.member for worker in self.workers.values() if worker.here]
        for offer in decide(needs, members, _at(self.now), RULES):
            worker, reaction = self.workers[offer.staff], self._reaction()
            worker.offered = offer.need
            seconds = RULES.offer.total_seconds()
            answers = reaction is not None and reaction <= seconds
            self._later(self.now + (reaction if answers and reaction else seconds), self._answer, worker, self.line[offer.need], answers)
        widens = [at for need in needs if (at := widens_at(need, _at(self.now), RULES)) is not None]
        if widens:
            self._later((min(widens) - MONDAY).total_seconds(), self._wider)

    def _wider(self) -> None:
        if self.line:
            self._offer()

    def _let_pass(self, patient: Patient) -> dict[str, frozenset[str]]:
        passed = self.passed.get(patient.name, {})
        resting = frozenset(name for name, at in passed.items() if self.now < at + RULES.again.total_seconds())
        return {"passed": frozenset(passed), "resting": resting}

    def _answer(self, worker: Worker, patient: Patient, answers: bool) -> None:
        worker.offered = None
        if patient.name in self.line and answers and worker.here:
            self._take(worker, patient)
        elif patient.name in self.line:
            worker.missed += not answers
            self.passed.setdefault(patient.name, {})[worker.name] = self.now
            self._later(self.now + RULES.again.total_seconds(), self._wider)
        self._offer()


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


def quality(offers: bool, seeds: Iterable[int]) -> Quality:
    """All mornings together."""
    mornings = [Morning(seed, offers).run() for seed in seeds]
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


def main() -> None:
    plain, ours = quality(False, range(SEEDS)), quality(True, range(SEEDS))
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
    main()
