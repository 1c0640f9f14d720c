"""Tells those in line of their places: seldom, however often the line moves, and never on the time of whoever moved it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from handoff.errors import HeardError

log = logging.getLogger(__name__)
GATHER = 0.5  # seconds in which moves are gathered, to be told together
RETRY = 5.0  # seconds after a telling that failed


class Telling:
    """A task of its own that calls `tell` after `ask`. What is asked for during a telling leads to another, and so does one that fails."""

    def __init__(self, tell: Callable[[], Awaitable[None]], *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._tell = tell
        self._sleep = sleep
        self._asked = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._tell_for_ever())

    def ask(self) -> None:
        """Tell soon. Returns at once, and raises nothing."""
        self._asked.set()

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _tell_for_ever(self) -> None:
        pause = GATHER
        while True:
            await self._asked.wait()
            await self._sleep(pause)
            self._asked.clear()  # before the telling reads: a move from now on may not be in it
            pause = GATHER if await self._is_told() else RETRY

    async def _is_told(self) -> bool:
        try:
            await self._tell()
        except Exception as error:
            log.error("the line could not be told: %s", error.code if isinstance(error, HeardError) else type(error).__name__)
            self._asked.set()
            return False
        return True
