"""Everything that can happen, and how often. An operation is a name and a number: what it does to the world follows from both alone.

To add one: write a function of the world, and give it a line here.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.simulation import patients, staff, weather
from tests.simulation.world import World


@dataclass(frozen=True)
class Operation:
    """`seed`: of all that is drawn while it happens. Where the world has no place for it, it does nothing."""

    name: str
    seed: int


HAPPENS: Mapping[str, tuple[float, Callable[[World], None]]] = {
    "a patient opens the page": (4, patients.opens),
    "a patient writes": (12, patients.writes),
    "a patient presses a button": (10, patients.presses),
    "a patient asks for a person": (4, patients.asks_for_a_person),
    "a patient is in danger": (1, patients.is_in_danger),
    "a patient leaves": (1.5, patients.leaves),
    "a patient texts": (4, patients.texts),
    "a message comes late": (2, patients.comes_late),
    "staff arrive": (4, staff.arrives),
    "staff leave": (1, staff.leaves),
    "staff close the laptop": (1, staff.closes_the_laptop),
    "staff are available, or away": (1, staff.is_available),
    "staff take": (8, staff.takes),
    "staff write": (4, staff.writes),
    "staff park": (1.5, staff.parks),
    "staff pass on": (1, staff.passes_on),
    "staff reject an offer": (1, staff.rejects),
    "staff hand back": (2, staff.hands_back),
    "staff close": (2, staff.closes),
    "staff plan a call": (1, staff.plans_a_call),
    "staff see to a call": (4, staff.sees_to_a_call),
    "the provider reports": (4, weather.reports),
    "a node works": (20, weather.works),
    "a slow machine answers": (4, weather.hears_late),
    "a node is killed": (1.2, weather.is_killed),
    "a node starts": (3, weather.starts),
    "the bot changes its mood": (1.5, weather.changes_mood),
    "seconds pass": (9, weather.seconds_pass),
    "minutes pass": (4, weather.minutes_pass),
    "the clock jumps": (2.5, weather.jumps),
    "the clock goes back": (0.4, weather.goes_back),
    "the clock jumps to a change of the hour": (0.3, weather.jumps_to_a_change),
}


def draw(seed: int, number: int) -> list[Operation]:
    """`number` operations."""
    chance = random.Random(seed)
    names = chance.choices(list(HAPPENS), [weight for weight, _ in HAPPENS.values()], k=number)
    return [Operation(name, chance.getrandbits(32)) for name in names]
