"""The doorbell: a hint that a conversation changed. Never the truth, never a patient's words outside this process.

On one node a bell carries the new messages, so that they reach the sockets without another read. Between nodes only ids
and numbers travel (Redis channel `heard:doorbell`), and the other node reads what it needs from the database (`views.last_rows`).
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

log = logging.getLogger(__name__)
CHANNEL = "heard:doorbell"


@dataclass(frozen=True)
class Bell:
    """`messages`: rows of the message table, in order, or None when they must be read: the last `unread` up to `last_seq`.
    `moved`: state or owner changed. `listed`: staff screens show this conversation (or did until now). `line`: what those in line
    see may have changed. `gone`: erased. `texts`: what became of texts, not what was said. `staff`: no conversation changed, but this
    member of staff's own state. `conversation`: empty where none changed."""

    conversation: str
    version: int
    last_seq: int
    moved: bool = False
    listed: bool = False
    line: bool = False
    gone: bool = False
    texts: bool = False
    staff: str = ""
    messages: tuple[dict[str, Any], ...] | None = ()
    unread: int = 0

    def joined(self, later: Bell) -> Bell:
        both = None if self.messages is None or later.messages is None else self.messages + later.messages
        return replace(
            later,
            moved=self.moved or later.moved,
            listed=self.listed or later.listed,
            line=self.line or later.line,
            gone=self.gone or later.gone,
            texts=self.texts or later.texts,
            messages=both,
            unread=self.new + later.new if both is None else 0,
        )

    @property
    def new(self) -> int:
        """How many messages it tells of."""
        return self.unread if self.messages is None else len(self.messages)

    def to_wire(self) -> str:
        flags = (self.moved, self.listed, self.line, self.gone, self.texts)
        return json.dumps([self.conversation, self.version, self.last_seq, self.new, *flags, self.staff])

    @staticmethod
    def from_wire(data: str | bytes) -> Bell:
        conversation, version, last_seq, new, moved, listed, line, gone, texts, staff = json.loads(data)
        return Bell(conversation, version, last_seq, moved, listed, line, gone, texts, staff, None, new)


Listener = Callable[[Bell], Awaitable[None]]


class Between(Protocol):
    """What carries bells between nodes."""

    async def publish(self, wire: str) -> None: ...
    async def listen(self, heard: Callable[[str | bytes], Awaitable[None]]) -> None: ...


class Doorbell:
    def __init__(self, between: Between | None = None, *, node: str) -> None:
        self._listeners: list[Listener] = []
        self._between = between
        self._node = node

    def subscribe(self, listener: Listener) -> None:
        self._listeners.append(listener)

    async def ring(self, bell: Bell) -> None:
        """Tell this node's listeners, then the other nodes. A listener or a Redis that fails stops nobody: clients pull."""
        await self._tell(bell)
        if self._between is not None:
            try:
                await self._between.publish(json.dumps([self._node, bell.to_wire()]))
            except Exception as error:
                log.warning("doorbell not carried between nodes: %s", type(error).__name__)

    async def listen(self) -> None:
        """Hear the other nodes' bells until cancelled."""
        if self._between is None:
            return
        while True:
            try:
                await self._between.listen(self._heard)
            except asyncio.CancelledError:
                raise
            except Exception as error:
                log.warning("doorbell between nodes lost: %s; trying again", type(error).__name__)
            await asyncio.sleep(1)

    async def _heard(self, data: str | bytes) -> None:
        node, wire = json.loads(data)
        if node != self._node:
            await self._tell(Bell.from_wire(wire))

    async def _tell(self, bell: Bell) -> None:
        for listener in self._listeners:
            try:
                await listener(bell)
            except Exception as error:
                log.error("doorbell listener failed: %s", type(error).__name__)
