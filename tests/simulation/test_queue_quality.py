"""What offers are for, in an hour of those that `python -m tests.bench.queue` tells of: danger waits least, and nobody pays for it."""

from __future__ import annotations

from tests.bench.queue import Morning, quality

SEEDS, HOUR = (104,), 3600.0  # with five safety matters


def test_danger_waits_least_and_nobody_pays_for_it() -> None:
    plain, ours = quality(False, SEEDS, HOUR), quality(True, SEEDS, HOUR)
    assert ours.safety_worst < plain.safety_worst / 2
    assert ours.spanish > plain.spanish
    assert ours.within_60 > plain.within_60 - 0.05
    assert ours.p95 < 1.1 * plain.p95
    assert ours.left <= plain.left


def test_a_seed_is_a_morning() -> None:
    first, again, other = (Morning(seed, offers=True, length=600.0).run() for seed in (7, 7, 8))
    assert first == again
    assert first != other
