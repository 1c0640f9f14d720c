"""Has a client got what it was sent? Rasa's protocol has no acks, but every Engine.IO client answers a ping with a pong.

A ping that follows a message over the same connection is answered after the message was taken in; never by a line that is dead.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from engineio import AsyncServer
from engineio.packet import PING, Packet

PATIENCE = 2.0  # seconds that a living client may need for a pong


class Arrivals:
    """What one connection was sent and has not answered for yet."""

    def __init__(self, server: AsyncServer, sid: str) -> None:
        self._socket = server.sockets[sid]
        self._awaited: deque[Callable[[], None] | None] = deque()  # one for each ping without a pong; None for the library's own
        self._all = asyncio.Event()
        self._all.set()
        self._counted: float | None = None  # the library's own ping that stands in `_awaited`, by its time
        self._schedule = self._socket.schedule_ping
        self._socket.schedule_ping = self._pong

    async def ask(self, arrived: Callable[[], None]) -> None:
        """Call `arrived` once the client has taken in all that it was sent until now."""
        own = self._socket.last_ping
        if own is not None and own != self._counted:
            self._counted = own
            self._awaited.append(None)
        self._awaited.append(arrived)
        self._all.clear()
        await self._socket.send(Packet(PING))

    async def all(self) -> None:
        """Wait until everything has arrived, or for as long as a living client may need."""
        try:
            async with asyncio.timeout(PATIENCE):
                await self._all.wait()
        except TimeoutError:
            return

    def _pong(self) -> None:
        """python-engineio calls this for every pong. A second pong within one of its own rounds changes nothing for it."""
        self._schedule()
        arrived = self._awaited.popleft() if self._awaited else None
        if arrived is not None:
            arrived()
        if not self._awaited:
            self._all.set()
