"""A desk for one command: the same deeds as the service's, without its runner."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from handoff.desk.work import Desk
from handoff.settings import Settings

T = TypeVar("T")


def with_desk(settings: Settings, act: Callable[[Desk], Awaitable[T]]) -> T:
    """Act at a desk of our own, without a runner. Raises what `act` raised, `BadDatabase`, `BadSetting`, `BadSurvey`."""
    from handoff.app import load_house
    from handoff.clock import SystemClock
    from handoff.doorbell import Doorbell
    from handoff.store import migrate, open_store

    async def run_it() -> T:
        migrate.check(settings)
        store = open_store(settings)
        try:
            return await act(Desk(store, load_house(settings), clock=SystemClock(), doorbell=Doorbell(node="cli")))
        finally:
            await store.close()

    return asyncio.run(run_it())
