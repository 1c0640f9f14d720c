"""What texts and calls share: the account, time, the way to our side, what goes wrong, and whoever watches."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from handoff.account import Account
from handoff.clock import Clock, Ids
from handoff.simulator.faults import Faults
from handoff.simulator.hooks import Hooks
from handoff.simulator.parties import Party, Wait, lets_ring


class Hub:
    """`parties`: who is at a number; of a list, one for each call, the last for all that follow. `anybody`: who is at all others."""

    def __init__(self, account: Account, *, clock: Clock, ids: Ids, deliver_to: str, wait: Wait) -> None:
        self.account, self.clock, self.wait = account, clock, wait
        self.faults = Faults()
        self.hooks = Hooks(account, deliver_to)
        self.parties: dict[str, Party | list[Party]] = {}
        self.anybody: Party = lets_ring()
        self._ids = ids
        self._watchers: set[asyncio.Event] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def new_sid(self, kind: str) -> str:
        return kind + self._ids.new().replace("-", "")

    def party_of(self, number: str) -> Party:
        found = self.parties.get(number, self.anybody)
        if isinstance(found, list):
            return found.pop(0) if len(found) > 1 else found[0]
        return found

    def watch(self) -> asyncio.Event:
        """An event that is set with every change, until `unwatch`."""
        event = asyncio.Event()
        self._watchers.add(event)
        return event

    def unwatch(self, event: asyncio.Event) -> None:
        self._watchers.discard(event)

    def change(self) -> None:
        for event in self._watchers:
            event.set()

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Do it beside what goes on."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def settled(self) -> None:
        """Wait until nothing more goes on. Raises what went wrong inside."""
        while self._tasks:
            await asyncio.gather(*self._tasks)

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.hooks.close()
