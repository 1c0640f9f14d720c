"""Who is at the other end of a number: somebody with a script, or a phone on the screen."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from handoff.simulator.calls import Call

Wait = Callable[[float], Awaitable[None]]
NEVER = 10.0**9  # seconds
STAY = 60.0


class Pickup(StrEnum):
    """What came of ringing: the words of `CallStatus`, but for the first."""

    ANSWERED = "answered"
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    FAILED = "failed"


class Party(Protocol):
    """`answered_by`: what Twilio's detection takes it for: human | machine_start | fax | unknown. `silent`: it never rings."""

    @property
    def answered_by(self) -> str: ...

    @property
    def silent(self) -> bool: ...

    async def ring(self, call: Call, wait: Wait) -> Pickup:
        """Let it ring at most `call.ring` seconds."""
        ...

    async def stay(self, call: Call, wait: Wait) -> None:
        """Returns when this side hangs up; counted from the pick-up."""
        ...

    async def press(self, call: Call, wait: Wait, seconds: float, *, last: bool) -> str | None:
        """A key within so many seconds, or none. `last`: nothing more is said, only waited for."""
        ...


@dataclass(frozen=True)
class Script:
    """Rings for `after` seconds, then `pickup`. Presses the keys of `keys` one after the other, a second each; a space stands for a
    question that is left to time out. Hangs up `stays` seconds after the pick-up.
    """

    pickup: Pickup = Pickup.ANSWERED
    after: float = 4.0
    answered_by: str = "human"
    keys: str = ""
    stays: float = STAY

    @property
    def silent(self) -> bool:
        return self.after == 0.0 and self.pickup is not Pickup.ANSWERED

    async def ring(self, call: Call, wait: Wait) -> Pickup:
        if self.after > call.ring:
            await wait(call.ring)
            return Pickup.NO_ANSWER
        await wait(self.after)
        for key in self.keys:
            call.digits.put_nowait(key)
        return self.pickup

    async def stay(self, call: Call, wait: Wait) -> None:
        await wait(self.stays)

    async def press(self, call: Call, wait: Wait, seconds: float, *, last: bool) -> str | None:
        if call.digits.empty() or seconds < 1.0 or (not last and _next(call) == " "):
            await wait(seconds)
            return None
        key = call.digits.get_nowait()
        await wait(seconds if key == " " else 1.0)
        return None if key == " " else key


class Handset:
    """A phone on the screen, for one call: whoever looks at it accepts or declines, and the page puts the keys into `call.digits`.

    A mailbox that takes the call is a machine: it presses nothing and hears everything, for as long as a mailbox does.
    """

    silent = False

    def __init__(self) -> None:
        self.answered_by = "human"
        self._pickup: Pickup | None = None
        self._picked = asyncio.Event()

    @property
    def is_mailbox(self) -> bool:
        return self.answered_by != "human"

    def choose(self, pickup: Pickup, *, mailbox: bool = False) -> None:
        """What happens to the ringing, also while our side is still being told that it rings; nothing where it no longer does."""
        if self._pickup is None:
            self._pickup = pickup
            self.answered_by = "machine_start" if mailbox else "human"
            self._picked.set()

    async def ring(self, call: Call, wait: Wait) -> Pickup:
        await first(self._picked.wait(), wait(call.ring))
        if self._pickup is None:
            self._pickup = Pickup.NO_ANSWER
        return self._pickup

    async def stay(self, call: Call, wait: Wait) -> None:
        await wait(STAY if self.is_mailbox else NEVER)

    async def press(self, call: Call, wait: Wait, seconds: float, *, last: bool) -> str | None:
        key = await first(call.digits.get(), wait(seconds))
        return key if isinstance(key, str) else None


def answers(keys: str = "", *, after: float = 4.0, stays: float = STAY) -> Script:
    return Script(keys=keys, after=after, stays=stays)


def declines(*, after: float = 4.0) -> Script:
    return Script(Pickup.BUSY, after=after)


def lets_ring() -> Script:
    return Script(after=NEVER)


def is_busy() -> Script:
    return Script(Pickup.BUSY, after=0.0)


def is_dead() -> Script:
    """A number that leads nowhere."""
    return Script(Pickup.FAILED, after=0.0)


def voicemail(*, after: float = 20.0, answered_by: str = "machine_start") -> Script:
    return Script(after=after, answered_by=answered_by)


def seems(script: Script, answered_by: str) -> Script:
    """The same, but Twilio's detection takes it for something else: `unknown`, `fax`, …"""
    return replace(script, answered_by=answered_by)


async def first(*things: Awaitable[object]) -> object:
    """The result of whichever is done first (the earlier of two that are); the others are cancelled."""
    tasks = [asyncio.ensure_future(thing) for thing in things]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return next(task.result() for task in tasks if task.done())
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _next(call: Call) -> str:
    """The key that comes next, without taking it."""
    key = call.digits.get_nowait()
    waiting = [key]
    while not call.digits.empty():
        waiting.append(call.digits.get_nowait())
    for one in waiting:
        call.digits.put_nowait(one)
    return key
