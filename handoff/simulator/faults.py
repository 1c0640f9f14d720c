"""What goes wrong on purpose. A test or the page sets it; the look-alike asks."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum

EVERYONE = ""


class Failure(StrEnum):
    """What happens to one request that would create a text or a call."""

    RESET = "reset"  # the connection is cut, nothing was created
    DROPPED = "dropped"  # created, and the connection is cut instead of an answer
    ERROR = "error"  # 500, nothing was created
    LATE_ERROR = "late_error"  # created, and 500 all the same
    BUSY = "busy"  # 429 with Retry-After, nothing was created


class Callbacks(StrEnum):
    """How status callbacks travel."""

    ONCE = "once"
    TWICE = "twice"
    BACKWARDS = "backwards"
    LOST = "lost"


@dataclass
class Faults:
    """Keys are numbers, or `EVERYONE`. `errors`: what becomes of texts that were created (30003, 30007, …).

    `refusals`: codes with which a creation is refused (21614, 21408, …). `failures`: one for each of the next creations;
    `always`: for every one after them. `slow`: seconds before each answer. `gate`: answers wait for it, after the work was done.
    `lost`: the states and call events whose callbacks alone are lost. `screened`: the DialCallStatus of a leg that hung up
    before it was connected.
    `deaf`: webhooks and callbacks are not delivered at all, as when our side cannot be reached.
    """

    errors: dict[str, int] = field(default_factory=dict)
    refusals: dict[str, int] = field(default_factory=dict)
    failures: deque[Failure] = field(default_factory=deque)
    always: Failure | None = None
    retry_after: int = 1
    slow: float = 0.0
    gate: asyncio.Event | None = None
    down: bool = False
    deaf: bool = False
    callbacks: Callbacks = Callbacks.ONCE
    lost: set[str] = field(default_factory=set)
    screened: str = "no-answer"

    def error_of(self, number: str) -> int:
        """0: it arrives."""
        return self.errors.get(number, self.errors.get(EVERYONE, 0))

    def refusal_of(self, number: str) -> int:
        """0: it is not refused."""
        return self.refusals.get(number, self.refusals.get(EVERYONE, 0))

    def next_failure(self) -> Failure | None:
        return self.failures.popleft() if self.failures else self.always
