"""What all socket namespaces share: typed errors in acks, local sending with back-pressure, and who listens to what on this node."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any

import socketio
from sqlalchemy.exc import SQLAlchemyError

from handoff.errors import BadInput, HeardError, StoreUnavailable, UnknownEvent

log = logging.getLogger(__name__)
MAX_FRAME = 65_536
MAX_QUEUED = 400  # packets a slow reader may have outstanding; more, and the socket is closed: it can come back and sync

Handler = Callable[[str, dict[str, Any]], Awaitable[dict[str, Any]]]


class Listeners:
    """Which sockets of this node listen to which conversation."""

    def __init__(self) -> None:
        self._sockets: defaultdict[str, set[str]] = defaultdict(set)

    def add(self, conversation: str, sid: str) -> None:
        self._sockets[conversation].add(sid)

    def drop(self, conversation: str, sid: str) -> None:
        self._sockets[conversation].discard(sid)
        if not self._sockets[conversation]:
            del self._sockets[conversation]

    def of(self, conversation: str) -> tuple[str, ...]:
        return tuple(self._sockets.get(conversation, ()))

    def conversations(self) -> tuple[str, ...]:
        return tuple(self._sockets)


class Namespace(socketio.AsyncNamespace):  # type: ignore[misc]
    """A namespace whose events are a literal table; every event is acked `{"ok": true, ...}` or `{"ok": false, "error": {...}}`."""

    events: dict[str, Handler]

    async def trigger_event(self, event: str, *args: Any) -> Any:
        """python-socketio calls this for every event, `connect` and `disconnect` among them."""
        if event == "connect":
            return await self.on_connect(*args)
        if event == "disconnect":
            return await self.on_disconnect(*args)
        return await self.answer(event, *args)

    async def answer(self, event: str, sid: str, *args: Any) -> dict[str, Any]:
        try:
            handler = self.events.get(event)
            if handler is None:
                raise UnknownEvent
            data = args[0] if args else {}
            if not isinstance(data, dict):
                raise BadInput
            return {"ok": True, **await handler(sid, data)}
        except HeardError as error:
            return {"ok": False, "error": error.as_dict()}
        except SQLAlchemyError as error:
            log.error("%s failed: %s", event, type(error).__name__)
            return {"ok": False, "error": StoreUnavailable().as_dict()}
        except Exception as error:
            log.error("%s failed: %s", event, type(error).__name__)
            return {"ok": False, "error": HeardError().as_dict()}

    async def on_connect(self, sid: str, environ: dict[str, Any], auth: Any = None) -> None:
        raise NotImplementedError

    async def on_disconnect(self, sid: str, reason: str = "") -> None:
        raise NotImplementedError

    async def send_here(self, sid: str, event: str, data: Any) -> None:
        """Send to a socket of this node without Redis: a patient's words never go there. A reader that is too slow is closed."""
        if self._queued(sid) > MAX_QUEUED:
            await self.server.disconnect(sid, namespace=self.namespace, ignore_queue=True)
        else:
            await self.server.emit(event, data, to=sid, namespace=self.namespace, ignore_queue=True)

    def _queued(self, sid: str) -> int:
        engine = self.server.manager.eio_sid_from_sid(sid, self.namespace)
        socket = self.server.eio.sockets.get(engine) if engine else None
        return 0 if socket is None else int(socket.queue.qsize())


async def show_typing(server: socketio.AsyncServer, namespace: str, conversation: str, typing: dict[str, Any]) -> None:
    """Tell a conversation's screens, on every node, that somebody writes: who, never what. Staff screens watch several threads."""
    shown = {**typing, "conversation": conversation} if namespace == "/staff" else typing
    await server.emit("typing", shown, room=conversation, namespace=namespace)


def origin_of(environ: dict[str, Any]) -> str | None:
    """The Origin header of a socket's handshake."""
    return environ.get("HTTP_ORIGIN")


def field(data: dict[str, Any], name: str, kind: type, *, longest: int = 4000) -> Any:
    """`data[name]`, if it is a `kind` of at most `longest` characters. Raises `BadInput`; lengths of texts are judged elsewhere."""
    value = data.get(name)
    if type(value) is not kind or (isinstance(value, str) and not 0 < len(value) <= longest):
        raise BadInput(f"{name} is missing or wrong.")
    return value
