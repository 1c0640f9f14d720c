"""Twilio for tests: the look-alike on a loopback port of its own, and time that a test holds in its hands.

    async with Line() as line, Node(tmp_path, twilio=line) as node:
        await line.twilio.text_in(ANA, "hello")

The node gets real credentials (HEARD_TWILIO_*) whose API is the line's. `await line.twilio.settled()` waits for what is on its way.
"""

from __future__ import annotations

import asyncio
import heapq
import socket
from contextlib import AsyncExitStack
from typing import Any, Self

from aiohttp import web

from handoff.account import Account
from handoff.clock import Clock, Ids
from handoff.simulator.twilio import Twilio, Wait
from tests.fakes import FakeClock, SequentialIds

SID, TOKEN, OURS = "AC" + "5" * 32, "f" * 32, "+15550100100"
ANA, BEN, NORA, TOM = "+12025550101", "+12025550102", "+12025550111", "+12025550112"


async def at_once(_: float) -> None:
    """Time passes in no time."""
    await asyncio.sleep(0)


class Hands:
    """Time that passes only when a test says so: `Twilio(wait=hands.wait)`, then `await hands.forward(20)`."""

    def __init__(self, clock: FakeClock | None = None) -> None:
        self._clock, self._now, self._count = clock, 0.0, 0
        self._waiting: list[tuple[float, int, asyncio.Future[None]]] = []

    async def wait(self, seconds: float) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._count += 1
        heapq.heappush(self._waiting, (self._now + seconds, self._count, future))
        await future

    @property
    def waiting(self) -> int:
        """How many wait now."""
        return sum(not future.done() for _, _, future in self._waiting)

    async def forward(self, seconds: float) -> None:
        """Let time pass, waking each at its moment and giving it turns of the loop to act before the next is woken."""
        end = self._now + seconds
        while self._waiting and self._waiting[0][0] <= end:
            due, _, future = heapq.heappop(self._waiting)
            self._pass(due)
            if not future.done():
                future.set_result(None)
                await asyncio.sleep(0.02)  # what was woken speaks HTTP on this machine
        self._pass(end)

    def _pass(self, until: float) -> None:
        if self._clock is not None:
            self._clock.forward(seconds=until - self._now)
        self._now = until


class Line:
    """A running look-alike. `port` is our side's, chosen before it starts; `public_url` is how Twilio knows it, when not by that port."""

    def __init__(
        self,
        *,
        port: int = 0,
        public_url: str = "",
        clock: Clock | None = None,
        ids: Ids | None = None,
        wait: Wait = at_once,
        numbers: tuple[str, ...] = (OURS,),
    ) -> None:
        self.port, self._own_port = port or _free_port(), _free_port()
        here = f"http://127.0.0.1:{self.port}"
        self.url = f"http://127.0.0.1:{self._own_port}"
        account = Account(SID, TOKEN, numbers, self.url, public_url or here)
        self.twilio = Twilio(account, clock=clock or FakeClock(), ids=ids or SequentialIds(), deliver_to=here, wait=wait)
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
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
