"""How good the heads are: each number with the interval in which 95 of 100 redrawn samples fall. On data not trained on, always."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

DRAWS = 1000


@dataclass(frozen=True)
class Measured:
    """`floor`: what must be passed, None where there is no such number; `rows`: on how many it was measured."""

    what: str
    value: float
    low: float
    high: float
    floor: float | None
    rows: int

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def read_measured(rows: Iterable[Mapping[str, Any]]) -> list[Measured]:
    """What `as_dict` gave."""
    return [Measured(**row) for row in rows]


def measured(what: str, score: Callable[..., float], *arrays: Any, floor: float | None = None, seed: int = 0) -> Measured:
    """`score(*arrays)`, and the interval from drawing the rows anew."""
    shuffle, count = np.random.RandomState(seed), len(arrays[0])
    drawn = [score(*(array[rows] for array in arrays)) for rows in (shuffle.randint(0, count, count) for _ in range(DRAWS))]
    low, high = (float(np.percentile(drawn, share)) for share in (2.5, 97.5))
    return Measured(what, float(score(*arrays)), low, high, floor, count)


def macro_f1(truth: Any, said: Any) -> float:
    """The mean F1 of the classes (numbers from 0) that are in either."""
    size = int(max(truth.max(), said.max())) + 1
    hit = np.bincount(truth[truth == said], minlength=size)
    both = np.bincount(truth, minlength=size) + np.bincount(said, minlength=size)
    return float((2 * hit[both > 0] / both[both > 0]).mean())


def accuracy(truth: Any, said: Any) -> float:
    return float((truth == said).mean())


def micro_f1(truth: Any, said: Any) -> float:
    """Over all labels of all rows; of one column, the F1 of its class."""
    both = float(truth.sum() + said.sum())
    return 2 * float((truth * said).sum()) / both if both else 0.0


def recall(truth: Any, said: Any) -> float:
    return float((truth * said).sum()) / max(1.0, float(truth.sum()))


def false_alarms(truth: Any, said: Any) -> float:
    """The share of the rows without the label that are said to have it."""
    return float(((1 - truth) * said).sum()) / max(1.0, float((1 - truth).sum()))


def average_precision(truth: Any, chances: Any) -> float:
    """The mean precision at each hit, rows in falling order of chance; rows of equal chance count together."""
    if not truth.any():
        return 0.0
    order = np.argsort(-chances, kind="stable")
    hits = np.cumsum(truth[order])
    last = np.flatnonzero(np.r_[np.diff(chances[order]) != 0, True])
    gained = np.diff(np.r_[0, hits[last]])
    return float((gained * hits[last] / (last + 1)).sum() / hits[-1])
