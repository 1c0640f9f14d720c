"""What a load generator hands back: how many a second, and how long each took."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Figures:
    """`count` things took `seconds` in all; `p50`, `p95`, `p99` and `worst` are milliseconds of one."""

    count: int
    seconds: float
    p50: float
    p95: float
    p99: float
    worst: float

    @property
    def per_second(self) -> float:
        return self.count / self.seconds

    def to_json(self) -> str:
        return json.dumps(asdict(self))


def figures(lengths: Sequence[float], seconds: float) -> Figures:
    """From the length of each, in seconds."""
    ordered = sorted(1000 * length for length in lengths)
    at = [ordered[min(len(ordered) - 1, len(ordered) * share // 100)] for share in (50, 95, 99)]
    return Figures(len(ordered), seconds, *at, ordered[-1])


async def side_by_side(works: Sequence[Callable[[list[float]], Awaitable[None]]]) -> Figures:
    """Do all at once; each notes the lengths of what it does in the list it is given."""
    lengths: list[float] = []
    started = time.perf_counter()
    await asyncio.gather(*(work(lengths) for work in works))
    return figures(lengths, time.perf_counter() - started)
