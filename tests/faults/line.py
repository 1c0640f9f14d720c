"""A bad line: a TCP proxy whose sockets are cut, and a service whose events get lost, come twice or in another order."""

from __future__ import annotations

import asyncio
import random
from contextlib import AsyncExitStack
from typing import Any, Self

import pytest

from handoff.sockets import Namespace
from tests.service import free_port


class Proxy:
    """Passes all it gets to `port`, until a websocket is cut: then both of its ends are gone without a word."""

    def __init__(self, port: int) -> None:
        self.own_port = free_port()
        self.url = f"http://127.0.0.1:{self.own_port}"
        self._port = port
        self._sockets: list[asyncio.StreamWriter] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        server = await asyncio.start_server(self._pass, "127.0.0.1", self.own_port)
        self._stack.callback(server.close)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def cut(self, chance: random.Random) -> bool:
        """Cut one websocket; false when there is none."""
        if not self._sockets:
            return False
        chance.choice(self._sockets).transport.abort()
        return True

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        there, back = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            await asyncio.gather(self._pump(reader, back, writer), self._pump(there, writer, back))
        except OSError:
            pass
        finally:
            if writer in self._sockets:
                self._sockets.remove(writer)
            for end in (writer, back):
                end.transport.abort()

    async def _pump(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, other: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            if b"Upgrade: websocket" in data and other not in self._sockets:
                self._sockets.append(other)
            target.write(data)
            await target.drain()
        target.transport.abort()


class Chaos:
    """Every event that is sent to one socket of this node: one in five is lost, one in five comes twice, one in five too late."""

    def __init__(self, chance: random.Random, patch: pytest.MonkeyPatch) -> None:
        self.counts = {"lost": 0, "doubled": 0, "late": 0, "sent": 0}
        self._chance = chance
        self._held: dict[str, tuple[str, Any]] = {}
        self._send = Namespace.send_here
        chaos = self

        async def send_here(namespace: Namespace, sid: str, event: str, data: Any) -> None:
            await chaos.send(namespace, sid, event, data)

        patch.setattr(Namespace, "send_here", send_here)

    async def send(self, namespace: Namespace, sid: str, event: str, data: Any) -> None:
        fate = self._chance.choice(("lost", "doubled", "late", "sent", "sent")) if event != "bye" else "sent"
        self.counts[fate] += 1
        if fate == "late" and sid not in self._held:
            self._held[sid] = (event, data)
            return
        for _ in range({"lost": 0, "doubled": 2}.get(fate, 1)):
            await self._send(namespace, sid, event, data)
        if sid in self._held:
            await self._send(namespace, sid, *self._held.pop(sid))
