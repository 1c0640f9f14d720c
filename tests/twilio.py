"""Twilio for tests: the look-alike on a loopback port of its own, and time that a test holds in its hands.

    async with Line() as line, Node(tmp_path, twilio=line) as node:
        await line.twilio.text_in(ANA, "hello")

The node gets real credentials (HEARD_TWILIO_*) whose API is the line's. `await line.twilio.settled()` waits for what is on its way.
"""

from __future__ import annotations

import asyncio
import heapq
import socket
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any, Self

from aiohttp import web

from handoff.account import Account
from handoff.clock import Ids
from handoff.simulator.parties import NEVER, Wait
from handoff.simulator.twilio import Twilio
from tests.fakes import FakeClock, SequentialIds

SID, TOKEN, OURS = "AC" + "5" * 32, "f" * 32, "+15550100100"
ANA, BEN, NORA, TOM = "+12025550101", "+12025550102", "+12025550111", "+12025550112"


class Time:
    """Time of the look-alike. It passes by itself as soon as nothing is on its way, or only when a test says so (`forward`)."""

    def __init__(self, clock: FakeClock | None = None) -> None:
        """`clock`: moved along with this time."""
        self.busy: Callable[[], bool] = lambda: False
        self.now = 0.0
        self._clock, self._count = clock, 0
        self._waiting: list[tuple[float, int, asyncio.Future[None]]] = []
        self._more = asyncio.Event()

    async def wait(self, seconds: float) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._count += 1
        heapq.heappush(self._waiting, (self.now + seconds, self._count, future))
        self._more.set()
        await future

    @property
    def next(self) -> float | None:
        """When somebody who waits is woken next; None: nobody waits for a time."""
        due = min((at for at, _, future in self._waiting if not future.done()), default=NEVER)
        return due if due < NEVER else None

    async def forward(self, seconds: float) -> None:
        """Let so much time pass, waking each that waits at its moment, and each only when what the last one did is done."""
        end = self.now + seconds
        await self._quiet()
        while self._waiting and self._waiting[0][0] <= end:
            await self._wake()
        self._pass(end)

    async def run(self) -> None:
        """Let time pass by itself, for ever."""
        while True:
            await self._quiet()
            if self._waiting and self._waiting[0][0] < NEVER:
                await self._wake()
            else:
                self._more.clear()
                await self._more.wait()

    async def _wake(self) -> None:
        due, _, future = heapq.heappop(self._waiting)
        if not future.done():
            self._pass(due)
            future.set_result(None)
        await self._quiet()

    async def _quiet(self) -> None:
        """Until whoever was woken waits again, be it for time or for an answer that has come."""
        turns = 0
        while turns < 20:
            turns = 0 if self.busy() else turns + 1
            await asyncio.sleep(0.001 if self.busy() else 0)

    def _pass(self, until: float) -> None:
        if self._clock is not None:
            self._clock.forward(seconds=until - self.now)
        self.now = until


class Line:
    """A running look-alike. `port` is our side's, chosen before it starts; `public_url` is how Twilio knows it, when not by that port.

    `wait`: how time passes, where not here.
    `by_hand`: its time passes with `await line.time.forward(seconds)` only, and moves `clock` where that is a `FakeClock`.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        public_url: str = "",
        clock: FakeClock | None = None,
        ids: Ids | None = None,
        by_hand: bool = False,
        numbers: tuple[str, ...] = (OURS,),
        wait: Wait | None = None,
    ) -> None:
        self.port, self._own_port = port or _free_port(), _free_port()
        here = f"http://127.0.0.1:{self.port}"
        self.url = f"http://127.0.0.1:{self._own_port}"
        account = Account(SID, TOKEN, numbers, self.url, public_url or here)
        moves, clock = by_hand or clock is None, clock or FakeClock()
        self.time, self._by_hand = Time(clock if moves else None), by_hand
        self.twilio = Twilio(account, clock=clock, ids=ids or SequentialIds(), deliver_to=here, wait=wait or self.time.wait)
        self.time.busy = lambda: self.twilio.hooks.busy
        self._stack = AsyncExitStack()

    def settings(self) -> dict[str, Any]:
        """What a node needs to use this line."""
        account = self.twilio.account
        return {
            "port": self.port,
            "public_url": account.public_url,
            "twilio_account_sid": account.sid,
            "twilio_auth_token": account.token,
            "twilio_numbers": account.numbers,
            "twilio_api_url": self.url,
        }

    async def __aenter__(self) -> Self:
        runner = web.AppRunner(self.twilio.app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        self._stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", self._own_port).start()
        if not self._by_hand:
            self._passing = asyncio.create_task(self.time.run())
            self._stack.push_async_callback(self._stop)
        return self

    async def _stop(self) -> None:
        self._passing.cancel()
        await asyncio.gather(self._passing, return_exceptions=True)

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
