"""Token buckets: how often somebody may do something. In memory, per node; the oldest idle buckets are forgotten first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from math import ceil

from handoff.errors import SlowDown


class Limit:
    def __init__(self, per_minute: int, *, burst: int, monotonic: Callable[[], float], most: int = 50_000) -> None:
        """`per_minute`: sustained rate; `burst`: at once; `most`: how many keys are remembered."""
        self._rate = per_minute / 60
        self._burst = float(burst)
        self._monotonic = monotonic
        self._most = most
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def spend(self, key: str) -> None:
        """Take one token of `key`. Raises `SlowDown` with `retry_after` in whole seconds."""
        now = self._monotonic()
        tokens, then = self._buckets.pop(key, (self._burst, now))
        tokens = min(self._burst, tokens + (now - then) * self._rate)
        self._buckets[key] = (tokens - 1 if tokens >= 1 else tokens, now)
        if len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
        if tokens < 1:
            raise SlowDown(retry_after=max(1, ceil((1 - tokens) / self._rate)))
