"""One seed, one history: played until something breaks, and then shrunk to the fewest operations that break the same."""

from __future__ import annotations

import gc
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from tests.simulation.auditor import Broken
from tests.simulation.operations import HAPPENS, Operation, draw
from tests.simulation.quick import quick
from tests.simulation.world import World

MOST_REPLAYS = 400


@dataclass(frozen=True)
class Failure:
    """`name`: of what broke; `place`: the operation after which it did, or the number of them all where it was the end."""

    name: str
    detail: str
    place: int


def play(seed: int, operations: Sequence[Operation]) -> Failure | None:
    """The history of `operations` in the world of `seed`."""
    with quick():
        world = World(seed)
        try:
            return _play(world, seed, operations)
        finally:
            for node in world.nodes:
                node.kill()


def _play(world: World, seed: int, operations: Sequence[Operation]) -> Failure | None:
    done = 0
    try:
        for operation in operations:
            world.chance = Random(operation.seed)
            HAPPENS[operation.name][1](world)
            world.check()
            done += 1
        world.chance = Random(seed)
        world.rest()
    except Broken as broken:
        return Failure(broken.name, str(broken), done)
    except Exception as error:
        at = traceback.extract_tb(error.__traceback__)[-1]
        return Failure(f"{type(error).__name__} in {at.name}", "".join(traceback.format_exception(error)[-6:]), done)
    return None


def shrink(operations: Sequence[Operation], fails: Callable[[Sequence[Operation]], bool]) -> list[Operation]:
    """The fewest operations found that still fail: parts are left out, large ones first, from the end (delta debugging, Zeller 1999)."""
    left, part, replays = list(operations), max(len(operations) // 2, 1), 0
    while replays < MOST_REPLAYS:
        before = len(left)
        end = len(left)
        while end > 0 and replays < MOST_REPLAYS:
            candidate = left[: max(end - part, 0)] + left[end:]
            replays += 1
            if fails(candidate):
                left = candidate
            end -= part
        if part == 1 and len(left) == before:
            break
        part = max(part // 2, 1)
    return left


def story(seed: int, number: int) -> str | None:
    """None where all is well; else the seed, what broke, and the shrunk history."""
    operations = draw(seed, number)
    gc.freeze()  # what was there before is not looked through after each history
    failure = play(seed, operations)
    gc.collect()
    gc.unfreeze()
    if failure is None:
        return None
    name = failure.name

    def fails(candidate: Sequence[Operation]) -> bool:
        again = play(seed, candidate)
        return again is not None and again.name == name

    least = shrink(operations[: failure.place + 1], fails)
    last = play(seed, least) or failure
    lines = [
        f"seed {seed}, {number} operations: {last.detail}",
        f"{len(least)} of them are enough:",
        *(f"  {one.name} ({one.seed})" for one in least),
    ]
    return "\n".join(lines)
