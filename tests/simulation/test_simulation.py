"""The whole service on a virtual clock and a fake network: 200 histories of 300 operations, and every invariant after each operation.

A failure prints its seed and the shrunk history; `python -m tests.simulation --seed N --operations 300` plays it again.
"""

from __future__ import annotations

import pytest

from tests.simulation.mutant import Mutant, mutated
from tests.simulation.mutants import MUTANTS
from tests.simulation.operations import HAPPENS, draw
from tests.simulation.run import play, shrink, story

SEEDS, OPERATIONS, PARTS = 200, 300, 20
MOST_SEEDS = 60  # in which a fault must show


@pytest.mark.parametrize("first", range(0, SEEDS, SEEDS // PARTS))
def test_every_invariant_holds_after_every_operation(first: int) -> None:
    for seed in range(first, first + SEEDS // PARTS):
        found = story(seed, OPERATIONS)
        assert found is None, found


def test_a_history_follows_from_its_seed_alone() -> None:
    assert draw(7, 50) == draw(7, 50)
    assert draw(7, 50) != draw(8, 50)
    assert {operation.name for seed in range(20) for operation in draw(seed, OPERATIONS)} == set(HAPPENS)


def test_a_history_shrinks_to_what_is_needed() -> None:
    operations = draw(3, 120)
    needed = [operations[11], operations[64], operations[65]]
    assert shrink(operations, lambda left: [one for one in left if one in needed] == needed) == needed


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.fault)
def test_a_fault_that_is_put_in_on_purpose_is_found(mutant: Mutant) -> None:
    """By one of the histories from `seed` on, in which nothing is found without it, as the first test shows."""
    seed, failure = mutant.seed, None
    while (failure is None or failure.name not in mutant.finds) and seed < min(mutant.seed + MOST_SEEDS, SEEDS):
        with mutated(mutant):
            failure = play(seed, draw(seed, OPERATIONS))
        seed += 1
    assert failure is not None
    assert failure.name in mutant.finds, failure.detail
