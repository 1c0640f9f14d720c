"""What a Rasa web client does, and no more: asks for a session, says words, draws what it is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Protocol

import socketio
from sqlalchemy import select

from handoff.store import tables as t
from tests.fakes import FakeBot, until
from tests.faults.line import Proxy
from tests.service import Node


class RasaClient:
    """`drawn` outlives a connection, as a page's storage does. `ids`: every session id that was confirmed."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.drawn: list[dict[str, Any]] = []
        self.ids: list[Any] = []
        self.sio = self._new()

    def _new(self) -> socketio.AsyncClient:
        sio = socketio.AsyncClient(reconnection=False)
        sio.on("bot_uttered", self.drawn.append)
        sio.on("session_confirm", self.ids.append)
        return sio

    async def connect(self, *, transports: tuple[str, ...] = ("websocket",), **headers: str) -> None:
        """A new connection; not yet a session."""
        self.sio = self._new()
        await self.sio.connect(self.url, headers=headers, transports=list(transports), wait_timeout=10)

    async def request(self, session_id: Any = None, **more: Any) -> str:
        """Ask for a session, and wait until one is confirmed."""
        known = len(self.ids)
        await self.sio.emit("session_request", {"session_id": session_id, **more})
        await until(lambda: len(self.ids) > known)
        return str(self.ids[-1])

    async def back(self, url: str = "") -> str:
        """Connect again and ask for the session that we had."""
        self.url = url or self.url
        await self.connect()
        return await self.request(self.ids[-1])

    async def say(self, text: Any, **more: Any) -> None:
        """Say something as rasa-webchat does, and wait for nothing."""
        await self.sio.emit("user_uttered", {"message": text, "customData": {}, "session_id": self.ids[-1] if self.ids else None, **more})

    async def press(self, title: str) -> None:
        """Press the quick reply that is called so."""
        newest = next(drawn for drawn in self.drawn[::-1] if "quick_replies" in drawn)
        await self.say(next(reply["payload"] for reply in newest["quick_replies"] if reply["title"] == title))

    async def sees(self, text: str) -> dict[str, Any]:
        try:
            return await until(lambda: next((drawn for drawn in self.drawn if text in drawn["text"]), None))
        except TimeoutError:
            raise AssertionError(f"{text!r} never came; there is {self.texts}") from None

    @property
    def texts(self) -> list[str]:
        return [drawn["text"] for drawn in self.drawn]


@asynccontextmanager
async def rasa_client(url: str, **headers: str) -> AsyncIterator[RasaClient]:
    """A connected client with a new session that has been greeted."""
    client = RasaClient(url)
    await client.connect(**headers)
    await client.request()
    await until(lambda: client.drawn)
    yield client
    await client.sio.disconnect()


def bot(node: Node) -> FakeBot:
    assert isinstance(node.bot, FakeBot)
    return node.bot


async def stored(node: Node, *authors: str) -> list[str]:
    """The texts that the node has of these authors, of every conversation, in order."""

    def texts(db: Any) -> list[str]:
        m = t.message.c
        return [row.text for row in db.execute(select(m.text).where(m.author.in_(authors)).order_by(m.conversation, m.seq)) if row.text]

    return await node.service.desk.look(texts)


class RasaPatient(Protocol):
    async def say(self, text: str) -> None: ...

    async def press(self, title: str) -> None: ...

    async def sees(self, text: str) -> object: ...


async def answer_survey(ana: RasaPatient) -> None:
    """From the real bot's first question to its thanks: what `ana` says and presses is "Good", "friendly staff", "No, thank you"."""
    await ana.sees("Overall, how was your experience")
    await ana.press("Good")
    await ana.sees("why you gave your answer")
    await ana.say("friendly staff")
    await ana.sees("look into this and answer you")
    await ana.press("No, thank you")
    await ana.sees("Thank you for your time")


async def answers(node: Node) -> list[tuple[str, str]]:
    return await node.service.desk.look(lambda db: sorted((row.question, row.value) for row in db.execute(select(t.answer))))


async def noted(node: Node) -> list[int]:
    """Up to which message each session is known to have got everything."""
    return await node.service.desk.look(lambda db: list(db.execute(select(t.patient_session.c.shown_seq)).scalars()))


async def conversations(node: Node) -> list[Any]:
    return await node.service.desk.look(lambda db: list(db.execute(select(t.conversation).order_by(t.conversation.c.id)).mappings()))


class Tunnel(Proxy):
    """A line that can be cut, and while it is `closed` there is no other; one that can go `dead`: what the service sends
    disappears, and nobody is told; and a slow one: what the client sends waits while `flows` is not set."""

    closed = False
    dead = False

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.flows = asyncio.Event()
        self.flows.set()
        self._clients: set[asyncio.StreamWriter] = set()

    @property
    def websockets(self) -> int:
        return len(self._sockets)

    def cut_all(self) -> None:
        """Cut whatever is connected, by websocket or by polling."""
        for writer in self._clients:
            writer.transport.abort()
        self._sockets.clear()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.closed:
            writer.transport.abort()
        else:
            self._clients.add(writer)
            try:
                await super()._pass(reader, writer)
            finally:
                self._clients.discard(writer)

    async def _pump(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, other: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            if data.startswith(b"GET ") and b"Upgrade: websocket" in data:
                self._sockets.append(other)
            if other in self._sockets:
                await self.flows.wait()
            if not (self.dead and target in self._sockets):
                target.write(data)
                await target.drain()
        target.transport.abort()
