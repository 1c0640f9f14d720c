"""A recording stand-in of the service for the console's tests: section "staff" of the socket, with events that can be lost or doubled.

`async with ConsoleServer() as server` serves the page on a loopback port; the test plays the patients and the colleagues.
"""

from __future__ import annotations

import asyncio
import base64
import itertools
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import socketio
from aiohttp import web

from handoff.http.pages import STRICT, TYPES
from handoff.simulator.photo import photo
from tests.browser.console_calls import Calls

ROOT = Path(__file__).resolve().parents[2]
PEOPLE = {
    "maria@clinic.example": {"id": "maria", "name": "Maria", "role": "member", "available": True},
    "sam@clinic.example": {"id": "sam", "name": "Sam", "role": "member", "available": True},
    "priya@clinic.example": {"id": "priya", "name": "Priya", "role": "supervisor", "available": True},
}
PASSWORD = "a quiet waiting room"


def ago(**length: float) -> str:
    return (datetime.now(UTC) - timedelta(**length)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class ConsoleServer(Calls):
    """Holds conversations as plain dictionaries; records what the console asks in `asked`."""

    def __init__(self) -> None:
        super().__init__()
        self.items: dict[str, dict[str, Any]] = {}
        self.left: dict[str, dict[str, Any]] = {}  # what is in no queue any more
        self.messages: dict[str, list[dict[str, Any]]] = {}
        self.answers: dict[str, list[dict[str, Any]]] = {}
        self.moves: dict[str, list[dict[str, Any]]] = {}
        self.asked: list[tuple[str, str, dict[str, Any]]] = []  # who, event, data
        self.codes = {"one-time": "maria@clinic.example"}
        self.texting: list[str] = []  # what stands in the way of texts
        self.targets: dict[str, list[dict[str, Any]]] = {
            "people": [{"id": "sam", "name": "Sam", "here": True}, {"id": "priya", "name": "Priya", "here": False}],
            "teams": [{"id": "clinic", "name": "The clinic", "here": True}, {"id": "billing", "name": "Billing", "here": False}],
        }
        self.page = 200
        self.refuse_connections = False
        self.lose_acks = 0  # how many acks of `write` are swallowed after the message was stored
        self.fail: dict[str, dict[str, Any]] = {}  # event -> error, until taken out
        self.passwords: list[tuple[Any, Any]] = []
        self._held: list[tuple[str, Any, str | None]] | None = None
        self._lose: set[str] = set()
        self._double = False
        self._sessions: dict[str, str] = {}
        self._tickets: dict[str, str] = {}
        self._here: dict[str, str] = {}  # socket -> email
        self._viewers: dict[str, set[str]] = {}
        self._number = itertools.count(1)
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        self.sio = socketio.AsyncServer(async_mode="aiohttp", cors_allowed_origins="*", namespaces=["/staff"])
        self.sio.on("connect", self._connect, namespace="/staff")
        self.sio.on("disconnect", self._disconnect, namespace="/staff")
        self.sio.on("*", self._event, namespace="/staff")
        app = web.Application()
        app.router.add_get("/desk", self._desk)
        app.router.add_get("/desk/{path:.+}", self._file(ROOT / "handoff" / "console"))
        app.router.add_get("/widget/{path:.+}", self._file(ROOT / "widget"))
        app.router.add_get("/api/staff/picture/{id}", self._picture)
        app.router.add_route("*", "/api/staff/{what}", self._http)
        self.sio.attach(app)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await runner.setup()
        self._stack.push_async_callback(runner.cleanup)
        self._stack.push_async_callback(self.sio.shutdown)
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    # what a test plays

    async def add(self, conversation: str, text: str = "I want to talk to somebody", **item: Any) -> None:
        """A conversation appears in the queue, with one line of the patient."""
        self.messages[conversation] = []
        self.answers.setdefault(conversation, [])
        self.moves.setdefault(conversation, [])
        self.items[conversation] = {
            "conversation": conversation,
            "version": 1,
            "state": "waiting",
            "owner": "queue",
            "staff": None,
            "channel": "web",
            "locale": "en",
            "priority": 1,
            "reasons": [{"reason": "asked", "words": text}],
            "waiting_since": ago(seconds=30),
            "since": None,
            "last_line": None,
            "last_seq": 0,
            "case": None,
            "callback": None,
            "can": ["read", "take"],
            **item,
        }
        await self.say(conversation, text)

    async def say(self, conversation: str, text: str, author: str = "patient", **more: Any) -> dict[str, Any]:
        """Somebody says something: stored, and told to every console."""
        rows, item = self.messages[conversation], self.items[conversation]
        message = {
            "id": f"{conversation}-{len(rows) + 1}",
            "seq": len(rows) + 1,
            "client_id": None,
            "author": author,
            "name": None,
            "text": text,
            "buttons": [],
            "pressed": None,
            "at": ago(),
            **more,
        }
        rows.append(message)
        item["last_line"] = {"author": author, "text": text[:200], "at": message["at"]}
        item["last_seq"] = message["seq"]
        await self.tell("message", {"conversation": conversation, "message": message}, conversation)
        await self.change(conversation)
        return message

    async def change(self, conversation: str, **fields: Any) -> None:
        item = self.items[conversation]
        item.update(fields, version=item["version"] + 1)
        await self.tell("item", dict(item), None)

    async def gone(self, conversation: str) -> None:
        """Out of the queue; whoever may still mark it is shown it without its words."""
        item = self.left[conversation] = self.items.pop(conversation, None) or self.left[conversation]
        item.update(version=item["version"] + 1, last_line=None, reasons=[], can=[may for may in item["can"] if may == "mark"])
        told = {"conversation": conversation, "version": item["version"], "item": dict(item) if item["can"] else None}
        await self.tell("gone", told, None)

    async def taken_by(self, conversation: str, email: str) -> None:
        person = PEOPLE[email]
        staff = {"id": person["id"], "name": person["name"]}
        await self.change(conversation, state="human", owner="staff", staff=staff, can=["read"])

    async def cut(self) -> None:
        """Every line breaks; new ones are refused while `refuse_connections`."""
        for socket in list(self._here):
            await self.sio.disconnect(socket, namespace="/staff")

    async def end_sessions(self) -> None:
        self._sessions.clear()
        for socket in list(self._here):
            await self.sio.emit("bye", {"reason": "signed_out"}, to=socket, namespace="/staff")
            await self.sio.disconnect(socket, namespace="/staff")

    def lose(self, *events: str) -> None:
        """From now on these events never arrive."""
        self._lose = set(events)

    def double(self, on: bool = True) -> None:
        self._double = on

    def hold(self) -> None:
        """Events wait, to be let go in another order."""
        self._held = []

    async def release(self, *, backwards: bool = False) -> None:
        held, self._held = self._held or [], None
        for event, data, room in held[::-1] if backwards else held:
            await self.tell(event, data, room)

    async def tell(self, event: str, data: Any, room: str | None) -> None:
        if event in self._lose:
            return
        if self._held is not None:
            self._held.append((event, data, room))
            return
        for _ in range(2 if self._double else 1):
            if room is not None:
                await self.sio.emit(event, data, room=room, namespace="/staff")
                continue
            for socket, email in list(self._here.items()):
                await self.sio.emit(event, self._as_seen(data, email) if event == "item" else data, to=socket, namespace="/staff")

    def questions(self, event: str) -> list[dict[str, Any]]:
        return [data for _, asked, data in self.asked if asked == event]

    def me(self, email: str) -> dict[str, Any]:
        return {**PEOPLE[email], "phone": self.phones.get(email)}

    @property
    def people_here(self) -> list[str]:
        return sorted(PEOPLE[email]["name"] for email in self._here.values())

    # the page and HTTP

    async def _desk(self, request: web.Request) -> web.Response:
        policy = f"{STRICT}; frame-ancestors 'none'"
        text = (ROOT / "handoff" / "console" / "index.html").read_text(encoding="utf-8")
        return web.Response(text=text, content_type="text/html", headers={"Content-Security-Policy": policy})

    def _file(self, folder: Path) -> Any:
        async def serve(request: web.Request) -> web.Response:
            path = folder / request.match_info["path"]
            if not path.is_file():
                raise web.HTTPNotFound
            return web.Response(body=path.read_bytes(), content_type=TYPES[path.suffix], charset="utf-8")

        return serve

    async def _picture(self, request: web.Request) -> web.Response:
        assert request.headers.get("X-Heard") == "1"
        assert request.cookies.get("heard_staff") in self._sessions
        return web.Response(body=photo(), content_type="image/png")

    async def _http(self, request: web.Request) -> web.Response:
        assert request.headers.get("X-Heard") == "1"
        deed = (request.method, request.match_info["what"])
        body = await request.json() if request.can_read_body else {}
        secret = request.cookies.get("heard_staff", "")
        if deed == ("POST", "session"):
            return self._sign_in(body)
        if secret not in self._sessions:
            return _error("not_signed_in", 401, "Your session has ended. Please sign in again.")
        email = self._sessions[secret]
        if deed == ("GET", "session"):
            return web.json_response({"me": self.me(email), "by_code": False})
        if deed == ("POST", "ticket"):
            ticket = f"ticket-{next(self._number)}"
            self._tickets[ticket] = email
            return web.json_response({"ticket": ticket})
        if deed == ("POST", "password"):
            self.passwords.append((body["old"], body["new"]))
            return web.json_response({"ok": True})
        assert deed == ("DELETE", "session")
        del self._sessions[secret]
        return web.json_response({"ok": True})

    def _sign_in(self, body: dict[str, Any]) -> web.Response:
        by_code = "code" in body
        email = self.codes.pop(body["code"], None) if by_code else body["email"] if body["password"] == PASSWORD else None
        if email not in PEOPLE:
            return _error("wrong_sign_in", 401, "That sign-in was not right. Please check the address and the password.")
        secret = base64.b16encode(f"{email}{next(self._number)}".encode()).decode()
        self._sessions[secret] = email
        response = web.json_response({"me": self.me(email), "by_code": by_code})
        response.set_cookie("heard_staff", secret, httponly=True, samesite="Strict", path="/api/staff")
        return response

    # the socket

    async def _connect(self, socket: str, environ: dict[str, Any], auth: Any = None) -> None:
        email = self._tickets.pop((auth or {}).get("ticket", ""), None)
        if email is None or self.refuse_connections:
            raise socketio.exceptions.ConnectionRefusedError({"code": "session_ended", "message": "No.", "retry": False})
        self._here[socket] = email

    async def _disconnect(self, socket: str, reason: str = "") -> None:
        self._here.pop(socket, None)
        for conversation, sockets in self._viewers.items():
            if socket in sockets:
                sockets.discard(socket)
                await self._show_viewers(conversation)

    async def _event(self, event: str, socket: str, data: dict[str, Any]) -> dict[str, Any]:
        email = self._here[socket]
        self.asked.append((PEOPLE[email]["name"], event, data))
        if event in self.fail:
            return {"ok": False, "error": self.fail[event]}
        return await getattr(self, f"_on_{event}")(socket, email, data)

    async def _on_queue(self, socket: str, email: str, data: dict[str, Any]) -> dict[str, Any]:
        items = [self._as_seen(item, email) for item in self.items.values()]
        return {"ok": True, "items": items, "me": self.me(email), "texting": self.texting}

    async def _on_active(self, socket: str, email: str, data: dict[str, Any]) -> dict[str, Any]:
        return {"ok": True}

    async def _on_available(self, socket: str, email: str, data: dict[str, Any]) -> dict[str, Any]:
        return {"ok": True, "me": {**self.me(email), "available": data["on"]}}

    async def _on_open(self, socket: str, email: str, data: dict[str, Any]) -> dict[str, Any]:
        conversation = data["conversation"]
        await self.sio.enter_room(socket, conversation, namespace="/staff")
        self._viewers.setdefault(conversation, set()).add(socket)
        await self._show_viewers(conversation)
        return self._thread(email, conversation, 0)

    async def _on_shut(self, socket: str, email: str, data: dict[str, Any]) -> dict[str, Any]:
        await self.sio.leave_room(socket, data["conversation"], namespace="/staff")
        self._viewers.get(data["conversation"], set()).discard(socket)
        await self._show_viewers(data["conversation"])
        return {"ok": True}

    async def _on_sync(self, socket: str, email: str, data: dict[str, Any]) -> dict[str, Any]:
        if data["conversation"] in self.left:
            return {"ok": False, "error": {"code": "not_allowed", "message": "You are not allowed to do that.", "retry": False}}
        return self._thread(email, data["conversation"], data["after"])

    async def _on_take(self, socket: str, email: str, data: dict[str, Any]) -> dict[str, Any]:
        item = self.items[data["conversation"]]
        if item["staff"] and item["staff"]["id"] != PEOPLE[email]["id"]:
            name = item["staff"]["name"]
            return {"ok": False, "error": {"code": "already_taken", "message": f"Already taken by {name}.", "retry": False, "by": name}}
        await self.taken_by(data["conversation"], email)
        await self.say(data["conversation"], f"{PEOPLE[email]['name']} has joined the chat.", "service")
        return {"ok": True, "item": self._as_seen(item, email)}

    async def _on_write(self, socket: str, email: str, data: dict[str, Any]) -> dict[str, Any] | None:
        known = next((row for row in self.messages[data["conversation"]] if row["client_id"] == data["client_id"]), None)
        row = known or await self.say(data["conversation"], data["text"], "staff", name=PEOPLE[email]["name"], client_id=data["client_id"])
        if self.lose_acks:
            self.lose_acks -= 1
            await asyncio.Event().wait()  # never answers; ends with the server
        return {"ok": True, "client_id": data["client_id"], "seq": row["seq"]}

    async def _on_typing(self, socket: str, email: str, data: dict[str, Any]) -> dict[str, Any]:
        typing = {"conversation": data["conversation"], "author": "staff", "name": PEOPLE[email]["name"], "on": data["on"]}
        await self.tell("typing", typing, data["conversation"])
        return {"ok": True}

    async def _on_hand_back(self, socket: str, email: str, data: dict[str, Any]) -> dict[str, Any]:
        item = self.items[data["conversation"]]
        item.update(state="bot", owner="bot", staff=None, can=["mark"] if "mark" in item else [])
        await self.gone(data["conversation"])
        return {"ok": True, "item": dict(item)}

    async def _on_park(self, socket: str, email: str, data: dict[str, Any]) -> dict[str, Any]:
        await self.change(data["conversation"], state="parked")
        return {"ok": True, "item": self._as_seen(self.items[data["conversation"]], email)}

    async def _on_targets(self, socket: str, email: str, data: dict[str, Any]) -> dict[str, Any]:
        return {"ok": True, **self.targets}

    async def _on_transfer(self, socket: str, email: str, data: dict[str, Any]) -> dict[str, Any]:
        await self.change(data["conversation"], state="waiting")
        return {"ok": True, "item": self._as_seen(self.items[data["conversation"]], email)}

    async def _on_reject(self, socket: str, email: str, data: dict[str, Any]) -> dict[str, Any]:
        await self.change(data["conversation"], offer=None)
        return {"ok": True, "item": self._as_seen(self.items[data["conversation"]], email)}

    async def _on_stop_texts(self, socket: str, email: str, data: dict[str, Any]) -> dict[str, Any]:
        await self.change(data["conversation"], texts="stopped")
        return {"ok": True, "item": self._as_seen(self.items[data["conversation"]], email)}

    async def _on_close(self, socket: str, email: str, data: dict[str, Any]) -> dict[str, Any]:
        item = self.items[data["conversation"]]
        item.update(state="closed", owner="nobody", staff=None, can=["mark"] if "mark" in item else [])
        await self.gone(data["conversation"])
        return {"ok": True, "item": dict(item)}

    async def _on_mark(self, socket: str, email: str, data: dict[str, Any]) -> dict[str, Any]:
        conversation = data["conversation"]
        if conversation in self.items:
            await self.change(conversation, mark=data["mark"])
            return {"ok": True, "item": self._as_seen(self.items[conversation], email)}
        self.left[conversation]["mark"] = data["mark"]
        await self.gone(conversation)
        return {"ok": True, "item": dict(self.left[conversation])}

    def _thread(self, email: str, conversation: str, after: int) -> dict[str, Any]:
        rows = self.messages[conversation]
        page = [row for row in rows if row["seq"] > after][: self.page]
        last = page[-1]["seq"] if page else after
        item = self.items.get(conversation)
        return {
            "ok": True,
            "item": self._as_seen(item, email) if item else {"conversation": conversation, "version": 0, "can": []},
            "messages": page,
            "last_seq": last,
            "more": last < len(rows),
            "answers": self.answers[conversation],
            "moves": self.moves[conversation],
        }

    def _as_seen(self, item: dict[str, Any], email: str) -> dict[str, Any]:
        mine = item["staff"] is not None and item["staff"]["id"] == PEOPLE[email]["id"]
        calls = [may for may in item["can"] if may in ("call", "plan_call")]
        ends = {"human": ["hand_back", "close", "park", "transfer"], "parked": ["hand_back", "close"]}.get(item["state"], ["take"])
        marks = ["mark"] if "mark" in item else []
        return {**item, "can": ["read", "write", *ends, *calls, *marks] if mine else item["can"]}

    async def _show_viewers(self, conversation: str) -> None:
        sockets = self._viewers.get(conversation, set())
        names = sorted({PEOPLE[self._here[socket]]["name"] for socket in sockets if socket in self._here})
        for socket in sockets:
            await self.sio.emit("viewing", {"conversation": conversation, "names": names}, to=socket, namespace="/staff")


def _error(code: str, status: int, message: str) -> web.Response:
    return web.json_response({"error": {"code": code, "message": message, "retry": False}}, status=status)
