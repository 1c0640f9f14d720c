"""One Socket.IO connection over a WebSocket, and no more than that: what loads a machine must not cost more than what is loaded."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from itertools import count
from typing import Any
from uuid import uuid4

import aiohttp

OPEN, PING, PONG = "0", "2", "3"  # Engine.IO 4
CONNECT, EVENT, ACK, REFUSED = "40", "42", "43", "44"  # Socket.IO 5 in an Engine.IO message


class Refused(Exception):
    """The server took no connection, or acked an event with an error."""


class Line:
    def __init__(self, http: aiohttp.ClientSession, namespace: str, hear: Callable[[str, Any], None]) -> None:
        """`hear(event, data)` is called for every event that comes in."""
        self._http = http
        self._namespace = namespace
        self._hear = hear
        self._numbers = count()
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._connected: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def connect(self, url: str, auth: dict[str, Any] | None = None) -> None:
        self._socket = await self._http.ws_connect(f"{url}/socket.io/?EIO=4&transport=websocket", origin=url, compress=0)
        self._reading = asyncio.create_task(self._read(auth or {}))
        async with asyncio.timeout(20):
            await self._connected

    async def call(self, event: str, **data: Any) -> dict[str, Any]:
        """Send an event; the ack. Raises `Refused`."""
        number = next(self._numbers)
        acked = self._waiting[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_str(f"{EVENT}{self._namespace},{number}{json.dumps([event, data])}")
        async with asyncio.timeout(30):
            answer: dict[str, Any] = await acked
        if not answer.get("ok"):
            raise Refused(answer)
        return answer

    async def send(self, text: str) -> int:
        """Say something as a patient's page does; the `seq` of the ack."""
        return int((await self.call("send", client_id=str(uuid4()), text=text))["seq"])

    async def close(self) -> None:
        await self._socket.close()
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)

    async def _read(self, auth: dict[str, Any]) -> None:
        async for message in self._socket:
            packet = message.data
            if packet == PING:
                await self._socket.send_str(PONG)
            elif packet[0] == OPEN:
                await self._socket.send_str(f"{CONNECT}{self._namespace},{json.dumps(auth)}")
            else:
                self._take(packet[:2], packet[2:].removeprefix(f"{self._namespace},"))

    def _take(self, kind: str, rest: str) -> None:
        if kind == EVENT:
            event, *data = json.loads(rest)
            self._hear(event, data[0] if data else None)
        elif kind == ACK:
            number, _, data = rest.partition("[")
            self._waiting.pop(int(number)).set_result(json.loads("[" + data)[0])
        elif kind == CONNECT:
            self._connected.set_result(None)
        elif kind == REFUSED:
            self._connected.set_exception(Refused(rest))
