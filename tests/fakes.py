"""Stand-ins that record: a clock that stands still, ids in order, a bot that says what it is told to."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from handoff import signals as sig
from handoff.desk.turns import BotAnswer, Reply
from handoff.errors import BotFailed

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class FakeClock:
    """Stands at Monday 23 November 2026, 9:00 UTC, until it is moved."""

    def __init__(self, at: datetime = MONDAY) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def forward(self, **length: float) -> None:
        self.at += timedelta(**length)


class SequentialIds:
    """UUIDv7-shaped ids that count up; secrets and codes likewise."""

    def __init__(self) -> None:
        self.count = 0

    def new(self) -> str:
        self.count += 1
        return str(UUID(int=0x7 << 76 | 0b10 << 62 | self.count))

    def secret(self) -> str:
        self.count += 1
        return f"secret-{self.count:036d}"

    def code(self) -> str:
        self.count += 1
        return f"{417_000 + self.count:06d}"


class FakeBot:
    """Answers from a queue of answers, else echoes; records every turn. An exception in the queue is raised."""

    def __init__(self) -> None:
        self.turns: list[dict[str, Any]] = []
        self.soon = False  # whether the last turn could not wait
        self.heard: list[str] = []  # what it only listened to
        self.danger: dict[str, BotAnswer | Exception] = {}  # what it hears in words that it only listens to
        self.answers: deque[BotAnswer | Exception] = deque()
        self.gate: asyncio.Event | None = None
        self.is_ready = True

    def will_say(self, *texts: str, signals: tuple[sig.Signal, ...] = (), buttons: tuple[dict[str, str], ...] = ()) -> None:
        replies = tuple(Reply(text, buttons if text == texts[-1] else ()) for text in texts)
        self.answers.append(BotAnswer(replies, signals, "test"))

    def will_fail(self, how: str = "slow") -> None:
        self.answers.append(BotFailed(how=how))

    async def ask(self, turn: dict[str, Any], *, soon: bool = False) -> BotAnswer:
        if turn["kind"] == "listen":
            self.heard.append(turn["text"])
            found = self.danger.pop(turn["text"], BotAnswer((), ()))
            if isinstance(found, Exception):
                raise found
            return found
        self.turns.append(turn)
        self.soon = soon
        if self.gate is not None:
            await self.gate.wait()
        answer = self.answers.popleft() if self.answers else BotAnswer((Reply(f"You said: {turn['text'] or turn['kind']}"),), ())
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def ready(self) -> bool:
        return self.is_ready

    async def close(self) -> None:
        return None


async def until(true: Callable[[], Any], *, seconds: float = 10.0) -> Any:
    """Wait for `true()` to be so, looking again as soon as the loop has turned. Fails after `seconds`."""
    async with asyncio.timeout(seconds):
        while not (found := true()):
            await asyncio.sleep(0.005)
        return found


class Pause:
    """Stands in for sleep: each pause ends when the test says so."""

    def __init__(self) -> None:
        self.lengths: list[float] = []
        self._ends = asyncio.Semaphore(0)

    async def __call__(self, seconds: float) -> None:
        self.lengths.append(seconds)
        await self._ends.acquire()

    def ends(self) -> None:
        self._ends.release()

    async def begins(self, number: int) -> None:
        """Wait for the pause of that number, from 1: what went before it is over."""
        await until(lambda: len(self.lengths) >= number)
