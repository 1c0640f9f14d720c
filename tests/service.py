"""A running node for tests: the real application on a loopback port, with socket clients for patients and staff."""

from __future__ import annotations

import asyncio
import socket
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

import aiohttp
import socketio
from aiohttp import web

from handoff.app import SERVICE, Service, build
from handoff.bot import Bot
from handoff.clock import Ids
from handoff.settings import Settings, load
from handoff.staff import accounts
from handoff.staff.access import Role
from handoff.store import migrate
from tests.fakes import FakeBot, until
from tests.twilio import Line


class Node:
    """One node on a free port. `async with Node(tmp_path) as node`. With `twilio`: a line that it texts and calls through."""

    def __init__(
        self,
        data_dir: Path,
        *,
        bot: Bot | None = None,
        clock: Any = None,
        ids: Ids | None = None,
        twilio: Line | None = None,
        **overrides: Any,
    ) -> None:
        self.bot = bot or FakeBot()
        self._clock, self._ids = clock, ids
        connected = twilio.settings() if twilio is not None else {}
        self._given = {"data_dir": data_dir, "clinic_name": "Elm Street Clinic", **connected, **overrides}
        self._stack = AsyncExitStack()
        self.settings: Settings
        self.service: Service
        self.url = ""

    async def __aenter__(self) -> Self:
        port = self._given.pop("port", None) or free_port()
        self.settings = load(port=port, **self._given)
        migrate.upgrade(self.settings)
        app = build(self.settings, bot=self.bot, clock=self._clock, ids=self._ids)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        self._stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", port).start()
        self.service = app[SERVICE]
        self.url = f"http://127.0.0.1:{port}"
        self.http = await self._stack.enter_async_context(aiohttp.ClientSession(self.url, headers={"X-Heard": "1"}))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def staff(self, name: str, role: Role = Role.MEMBER, *, on: Node | None = None, kind: Any = None) -> Any:
        """A signed-in member of staff with a live console (on this node, or `on` another of the same database): a `Staff`, or a `kind` of it."""
        email = f"{name.lower()}@clinic.example"
        where = on or self
        found = await self.service.desk.look(accounts.find, email)
        staff = found or await self.service.desk.do(accounts.add, email=email, name=name, role=role)
        code = await self.service.desk.do(accounts.make_code, staff)
        console = (kind or Staff)(where, name)
        await where._stack.enter_async_context(console)
        await console.sign_in(code)
        await console.connect()
        return console

    async def patient(self, *, locale: str = "en", survey: str | None = None, kind: Any = None) -> Any:
        """A patient whose chat is open and greeted: a `Patient`, or a `kind` of it."""
        patient = (kind or Patient)(self)
        await self._stack.enter_async_context(patient)
        await patient.open(locale=locale, survey=survey)
        await patient.connect()
        return patient


class _Client:
    namespace = ""
    patience = 20.0  # seconds for an ack

    def __init__(self, node: Node) -> None:
        self.node = node
        self.sio = socketio.AsyncClient(reconnection=False, logger=False, engineio_logger=False)
        self.sio.on("*", self._heard, namespace=self.namespace)
        self.events: list[tuple[str, Any]] = []

    async def __aenter__(self) -> Self:
        self.http = aiohttp.ClientSession(self.node.url, headers={"X-Heard": "1"}, cookie_jar=aiohttp.CookieJar(unsafe=True))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.sio.disconnect()
        await self.http.close()

    async def _heard(self, event: str, data: Any = None) -> None:
        self.events.append((event, data))
        self.take_in(event, data)

    def take_in(self, event: str, data: Any) -> None:
        return None

    async def ask(self, event: str, **data: Any) -> dict[str, Any]:
        """Send an event and wait for its ack."""
        answer = await self.sio.call(event, data, namespace=self.namespace, timeout=self.patience)
        assert isinstance(answer, dict), (event, answer)
        return answer

    async def _connect(self, auth: dict[str, Any], *, transports: list[str] | None = None) -> None:
        headers = {"Origin": self.node.url}
        await self.sio.connect(
            self.node.url, headers=headers, auth=auth, namespaces=[self.namespace], transports=transports or ["websocket"], wait_timeout=10
        )


class Patient(_Client):
    """Keeps what a widget would show: messages in the order of `seq`, none twice."""

    namespace = "/patient"

    def __init__(self, node: Node) -> None:
        super().__init__(node)
        self.shown: dict[int, dict[str, Any]] = {}
        self.state: dict[str, Any] = {}

    async def open(self, *, locale: str = "en", survey: str | None = None) -> dict[str, Any]:
        answer = await self.http.post("/api/patient/session", json={"locale": locale, "survey": survey})
        assert answer.status == 200, await answer.text()
        self.session = await answer.json()
        return self.session

    async def connect(self) -> None:
        await self._connect({"ticket": self.session["ticket"], "last_seq": 0})
        await self.sync()

    async def sync(self) -> None:
        """Pull what is missing, page by page."""
        more = True
        while more:
            answer = await self.ask("sync", after=whole(self.shown))
            assert answer["ok"], answer
            self.state, more = answer["state"], answer["more"]
            self.shown |= {message["seq"]: message for message in answer["messages"]}

    async def send(self, text: str, client_id: str | None = None) -> dict[str, Any]:
        return await self.ask("send", client_id=client_id or str(uuid4()), text=text)

    async def press(self, title: str) -> dict[str, Any]:
        """Press the button that reads so (or begins so) in the newest message that has buttons."""
        newest = next(message for message in self.messages[::-1] if message["buttons"])
        button = next(button for button in newest["buttons"] if button["title"].startswith(title))
        return await self.ask("press", client_id=str(uuid4()), button=button["id"])

    async def person(self) -> dict[str, Any]:
        return await self.ask("press", client_id=str(uuid4()), button="person")

    def take_in(self, event: str, data: Any) -> None:
        if event == "message":
            self.shown[data["seq"]] = data
        elif event == "state":
            self.state = data
        if event == "bell" or (event == "message" and len(self.shown) != max(self.shown)):
            self._syncing = asyncio.create_task(self.sync())  # as the widget does: something is missing

    @property
    def messages(self) -> list[dict[str, Any]]:
        return [self.shown[seq] for seq in sorted(self.shown)]

    @property
    def texts(self) -> list[str]:
        return [message["text"] for message in self.messages]

    async def sees(self, text: str) -> dict[str, Any]:
        """Wait until a message that contains `text` is shown."""
        try:
            return await until(lambda: next((message for message in self.messages if text in message["text"]), None))
        except TimeoutError:
            raise AssertionError(f"{text!r} never came; there is {self.texts}") from None

    async def is_in(self, state: str) -> None:
        try:
            await until(lambda: self.state.get("state") == state)
        except TimeoutError:
            raise AssertionError(f"never {state}; it is {self.state}") from None


class Staff(_Client):
    """Keeps what a console would show: items by conversation, and the messages of opened threads."""

    namespace = "/staff"

    def __init__(self, node: Node, name: str) -> None:
        super().__init__(node)
        self.name = name
        self.items: dict[str, dict[str, Any]] = {}
        self.threads: dict[str, dict[int, dict[str, Any]]] = {}

    async def sign_in(self, code: str) -> None:
        answer = await self.http.post("/api/staff/session", json={"code": code})
        assert answer.status == 200, await answer.text()

    async def connect(self) -> None:
        answer = await self.http.post("/api/staff/ticket")
        assert answer.status == 200, await answer.text()
        await self._connect({"ticket": (await answer.json())["ticket"]})
        await self.refresh()

    async def refresh(self) -> None:
        answer = await self.ask("queue")
        assert answer["ok"], answer
        self.me = answer["me"]
        self.items = {item["conversation"]: item for item in answer["items"]}

    async def open(self, conversation: str) -> dict[str, Any]:
        answer = await self.ask("open", conversation=conversation)
        if answer["ok"]:
            self.threads[conversation] = {message["seq"]: message for message in answer["messages"]}
        return answer

    async def catch_up(self, conversation: str) -> None:
        """Pull what an open thread lacks, page by page."""
        thread, more = self.threads[conversation], True
        while more:
            answer = await self.ask("sync", conversation=conversation, after=whole(thread))
            assert answer["ok"], answer
            thread |= {message["seq"]: message for message in answer["messages"]}
            more = answer["more"]

    async def write(self, conversation: str, text: str, client_id: str | None = None) -> dict[str, Any]:
        return await self.ask("write", conversation=conversation, client_id=client_id or str(uuid4()), text=text)

    def take_in(self, event: str, data: Any) -> None:
        if event == "item" and data["version"] >= self.items.get(data["conversation"], {}).get("version", 0):
            self.items[data["conversation"]] = data
        elif event == "gone":
            self.items.pop(data["conversation"], None)
        elif event == "message" and data["conversation"] in self.threads:
            self.threads[data["conversation"]][data["message"]["seq"]] = data["message"]

    async def sees_waiting(self) -> str:
        """The conversation of the one that waits."""
        try:
            found = await until(lambda: next((item for item in self.items.values() if item["state"] == "waiting"), None))
        except TimeoutError:
            raise AssertionError(f"nobody waits; there is {self.items}") from None
        return str(found["conversation"])


def whole(shown: dict[int, Any]) -> int:
    """The seq up to which nothing is missing."""
    return next(seq for seq in range(1, len(shown) + 2) if seq not in shown) - 1


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


async def gather(*tasks: Any) -> list[Any]:
    return list(await asyncio.gather(*tasks))
