"""A small recording fake of the service for the widget's tests: it speaks the patient's session and socket, and misbehaves on demand."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Self, TypeVar

import socketio
from aiohttp import web

ROOT = Path(__file__).resolve().parents[2]
AT = "2026-11-24T12:00:00.123Z"
STRICT = "default-src 'none'; script-src {server}; connect-src {server} {ws}; require-trusted-types-for 'script'"
T = TypeVar("T")


class FakeService:
    """Runs in a thread of its own. `with FakeService() as service`; the page is at `service.url`.

    `sent` holds what arrived, as `(event, data)`, before any fault; `stored` the record. Faults are attributes that a test sets.
    """

    def __init__(self) -> None:
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.requests: list[str] = []
        self.sessions: list[dict[str, Any]] = []
        self.stored: list[dict[str, Any]] = []
        self.state: dict[str, Any] = {"state": "bot", "staff": None, "ahead": None, "can": ["person", "end"]}
        self.version = 1
        self.session: dict[str, Any] = {"fresh": True, "shared_device": False, "resume": None}
        self.session_error: dict[str, Any] | None = None  # the answer to every request for a session, with a "status"
        self.refuse_tickets = 0  # so many sockets are refused
        self.errors: list[dict[str, Any]] = []  # answers to the next sends, instead of taking them in
        self.lose_acks = 0  # so many sends are stored and not acked
        self.cut_after_send = 0  # so many sends close the line, unanswered and not stored
        self.lose_events = 0  # so many message events are not sent
        self.double_events = False
        self.websockets = True  # False: refused, as some proxies do
        self.erase_error: dict[str, Any] | None = None
        self.page_html = ""
        self.policy = ""
        self._sids: set[str] = set()
        self._ticket = 0
        self._secret = 0

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.run(self._start())
        return self

    def __exit__(self, *_: object) -> None:
        self.run(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)

    def say(
        self, text: str, *, author: str = "bot", name: str | None = None, buttons: tuple[str, ...] = (), at: str = AT
    ) -> dict[str, Any]:
        """Store a message of ours and send it."""
        message = self._store(author, text, name=name, buttons=buttons, at=at)
        self.emit("message", message)
        return message

    def emit(self, event: str, data: dict[str, Any]) -> None:
        self.run(self._emit(event, data))

    def move(self, **state: Any) -> None:
        """Change the patient's state and tell it."""
        self.state |= state
        self.version += 1
        self.emit("state", self._state())

    def cut(self) -> None:
        """Close every line, without a word."""
        self.run(self._cut())

    def keep(self, author: str, text: str, **more: Any) -> dict[str, Any]:
        """Store a message and tell nobody."""
        return self._store(author, text, **more)

    def texts(self, author: str = "patient") -> list[str]:
        return [message["text"] for message in self.stored if message["author"] == author]

    async def _start(self) -> None:
        self.sio = socketio.AsyncServer(async_mode="aiohttp", cors_allowed_origins="*", ping_interval=300)
        for event, heard in {"connect": self._connect, "disconnect": self._disconnect, "*": self._event}.items():
            self.sio.on(event, heard, namespace="/patient")
        app = web.Application(middlewares=[self._proxy])
        self.sio.attach(app, socketio_path="/socket.io")
        app.router.add_post("/api/patient/session", self._open)
        app.router.add_delete("/api/patient/session", self._forget)
        app.router.add_options("/api/patient/session", self._preflight)
        app.router.add_get("/", self._page)
        app.router.add_get("/widget/{path:.+}", self._file)
        self.runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self.runner.setup()
        site = web.TCPSite(self.runner, "127.0.0.1", 0)
        await site.start()
        self.port = self.runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{self.port}"

    async def _stop(self) -> None:
        await self._cut()
        await self.sio.shutdown()
        await self.runner.cleanup()
        rest = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)

    @web.middleware
    async def _proxy(self, request: web.Request, handler: Any) -> web.StreamResponse:
        if not self.websockets and request.query.get("transport") == "websocket":
            raise web.HTTPForbidden
        response: web.StreamResponse = await handler(request)
        if request.path.startswith("/api/") and request.headers.get("Origin", self.url) != self.url:
            response.headers["Access-Control-Allow-Origin"] = request.headers["Origin"]
        return response

    async def _preflight(self, _: web.Request) -> web.Response:
        return web.Response(
            status=204, headers={"Access-Control-Allow-Methods": "POST, DELETE", "Access-Control-Allow-Headers": "Content-Type"}
        )

    async def _page(self, _: web.Request) -> web.Response:
        policy = (self.policy or STRICT).format(server=self.url, ws=self.url.replace("http", "ws"))
        return web.Response(text=self.page_html, content_type="text/html", headers={"Content-Security-Policy": policy})

    async def _file(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request.path)
        path = ROOT / "widget" / request.match_info["path"]
        if not path.is_file():
            raise web.HTTPNotFound
        kind = {".js": "text/javascript", ".css": "text/css", ".html": "text/html"}.get(path.suffix, "text/plain")
        return web.Response(body=path.read_bytes(), content_type=kind, charset="utf-8", headers={"Access-Control-Allow-Origin": "*"})

    async def _open(self, request: web.Request) -> web.Response:
        self.requests.append("POST session")
        body = await request.json()
        self.sessions.append(body)
        if self.session_error:
            return web.json_response({"error": self.session_error}, status=self.session_error["status"])
        self._ticket += 1
        self._secret += 1
        answer = {
            "ticket": f"ticket {self._ticket}",
            "expires_at": "2026-11-25T12:00:00Z",
            "clinic": {"name": "Elm Street Clinic", "phone": "555 0100"},
            "emergency": "911",
            **self.session,
        }
        if request.headers.get("Origin", self.url) != self.url:
            answer["resume"] = f"secret {self._secret}"
        self.session = {**self.session, "fresh": False}
        return web.json_response(answer)

    async def _forget(self, request: web.Request) -> web.Response:
        self.requests.append("DELETE session")
        await request.json()
        self.stored.clear()
        self.session = {**self.session, "fresh": True}
        return web.json_response({"ok": True})

    async def _connect(self, sid: str, _: dict[str, Any], auth: Any = None) -> None:
        self.sent.append(("connect", auth))
        if self.refuse_tickets > 0:
            self.refuse_tickets -= 1
            raise socketio.exceptions.ConnectionRefusedError({"code": "session_ended", "message": "", "retry": False})
        self._sids.add(sid)

    async def _disconnect(self, sid: str, _: str = "") -> None:
        self._sids.discard(sid)

    async def _event(self, event: str, sid: str, data: dict[str, Any]) -> Any:
        self.sent.append((event, data))
        answers: dict[str, Callable[[str, dict[str, Any]], Any]] = {
            "send": self._take,
            "press": self._take,
            "sync": self._sync,
            "end": self._end,
            "erase": self._erase,
        }
        answer = answers[event](sid, data) if event in answers else {"ok": True}
        return await answer if asyncio.iscoroutine(answer) else answer

    async def _take(self, sid: str, data: dict[str, Any]) -> dict[str, Any]:
        if self.cut_after_send > 0:
            self.cut_after_send -= 1
            await self._cut()
            await asyncio.Event().wait()
        if self.errors:
            return {"ok": False, "error": self.errors.pop(0)}
        known = next((message for message in self.stored if message["client_id"] == data["client_id"]), None)
        message = known or self._store(
            "patient", data.get("text") or self._title(data["button"]), **{k: data.get(k) for k in ("client_id",)}
        )
        if known is None:
            message["pressed"] = data.get("button")
            await self._emit("message", message)
        if self.lose_acks > 0:
            self.lose_acks -= 1
            await asyncio.Event().wait()
        return {"ok": True, "client_id": data["client_id"], "seq": message["seq"]}

    def _sync(self, _: str, data: dict[str, Any]) -> dict[str, Any]:
        page = [message for message in self.stored if message["seq"] > data["after"]][:200]
        last = page[-1]["seq"] if page else data["after"]
        return {"ok": True, "messages": page, "last_seq": last, "state": self._state(), "more": last < len(self.stored)}

    async def _end(self, _: str, data: dict[str, Any]) -> dict[str, Any]:
        self.state["state"] = "closed"
        self.version += 1
        await self._emit("state", self._state())
        return {"ok": True}

    async def _erase(self, sid: str, data: dict[str, Any]) -> dict[str, Any]:
        if self.erase_error:
            return {"ok": False, "error": self.erase_error}
        self.stored.clear()
        self.session = {**self.session, "fresh": True}
        await self._emit("bye", {"reason": "erased"})
        await self.sio.disconnect(sid, namespace="/patient")  # as the service does, before the ack
        return {"ok": True}

    def _title(self, button: str) -> str:
        titles = {one["id"]: one["title"] for message in self.stored for one in message["buttons"]}
        return str(titles.get(button, "I'd like to talk to a person."))

    def _store(
        self, author: str, text: str, *, name: str | None = None, buttons: tuple[str, ...] = (), at: str = AT, client_id: str | None = None
    ) -> dict[str, Any]:
        seq = len(self.stored) + 1
        message = {
            "id": f"m{seq}",
            "seq": seq,
            "client_id": client_id,
            "author": author,
            "name": name,
            "text": text,
            "buttons": [{"id": f"m{seq}.{number}", "title": title} for number, title in enumerate(buttons)],
            "pressed": None,
            "at": at,
        }
        self.stored.append(message)
        return message

    def _state(self) -> dict[str, Any]:
        return {**self.state, "version": self.version, "last_seq": len(self.stored)}

    async def _emit(self, event: str, data: dict[str, Any]) -> None:
        if event == "message" and self.lose_events > 0:
            self.lose_events -= 1
            return
        for _ in range(2 if self.double_events else 1):
            await self.sio.emit(event, data, namespace="/patient")

    async def _cut(self) -> None:
        """As a train in a tunnel does it: the connections are gone, and nobody has said so."""
        for connection in list(self.runner.server.connections) if self.runner.server else ():
            if connection.transport is not None:
                connection.transport.abort()
