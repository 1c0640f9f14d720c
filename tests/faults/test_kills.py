"""kill -9 of the service at 20 random points under load: nothing that was acked is lost, nothing doubled, order kept.

The auditor knows only what the clients themselves recorded: what they sent, under which id, and which seq they were told.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import socketio

from handoff.app import load_house
from handoff.clock import SystemClock
from handoff.desk.work import Desk
from handoff.doorbell import Doorbell
from handoff.settings import Settings, load
from handoff.staff import accounts
from handoff.staff.access import Role
from handoff.store import migrate, open_store
from tests.faults.fast_service import FastClock
from tests.faults.killed import Killed
from tests.service import free_port

SEED = 20261124
KILLS, PATIENTS, STAFF, MESSAGES = 20, 8, 2, 2000
SHARE = MESSAGES // (PATIENTS + STAFF)


@dataclass
class Client:
    """Sends one message after the other, each under its id until it is acked, as the widget and the console do."""

    url: str
    name: str
    namespace: str
    http: aiohttp.ClientSession
    acked: dict[str, int] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    conversation: str = ""
    socket: Any = None

    async def ticket(self) -> str:
        path = "/api/patient/session" if self.namespace == "/patient" else "/api/staff/ticket"
        body = {"locale": "en"} if self.namespace == "/patient" else None
        async with self.http.post(path, json=body) as answer:
            return str((await answer.json())["ticket"])

    async def connect(self) -> None:
        socket = socketio.AsyncClient(reconnection=False)
        await socket.connect(
            self.url,
            headers={"Origin": self.url},
            auth={"ticket": await self.ticket()},
            namespaces=[self.namespace],
            transports=["websocket"],
            wait_timeout=5,
        )
        self.socket = socket

    async def drop(self) -> None:
        if self.socket is not None:
            await self.socket.disconnect()
            self.socket = None

    async def send(self, client_id: str, event: str, **data: Any) -> None:
        """Again and again until it is acked."""
        while client_id not in self.acked:
            try:
                if self.socket is None:
                    await self.connect()
                answer = await self.socket.call(event, {"client_id": client_id, **data}, namespace=self.namespace, timeout=5)
                if answer["ok"]:
                    self.acked[client_id] = answer["seq"]
                else:
                    await asyncio.sleep(0.2 if answer["error"]["retry"] else 0)
                    assert answer["error"]["retry"], answer
            except (socketio.exceptions.SocketIOError, aiohttp.ClientError, OSError, KeyError, TimeoutError, ValueError):
                await self.drop()
                await asyncio.sleep(0.05)

    async def work(self) -> None:
        for number in range(SHARE):
            client_id = f"{self.name}-{number:04d}"
            self.order.append(client_id)
            if self.namespace == "/patient":
                await self.send(client_id, "send", text=f"{self.name} says {number}")
            else:
                await self.send(client_id, "write", conversation=self.conversation, text=f"{self.name} says {number}")
        await self.drop()


@pytest.mark.timeout(400)
async def test_kill_9_at_20_random_points(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    settings = load(data_dir=tmp_path, port=free_port())
    migrate.upgrade(settings)
    codes = await _staff(settings)
    url = f"http://127.0.0.1:{settings.port}"
    async with Killed(settings, FastClock(time.time(), speed=1.0), MESSAGES_PER_MINUTE=600) as service, _jar(url) as jars:
        clients = [Client(url, f"patient{number}", "/patient", jars[number]) for number in range(PATIENTS)]
        staff = [Client(url, f"staff{number}", "/staff", jars[PATIENTS + number]) for number in range(STAFF)]
        for one, code in zip(staff, codes, strict=True):
            async with one.http.post("/api/staff/session", json={"code": code}, headers={"X-Heard": "1"}) as answer:
                assert answer.status == 200
        await asyncio.gather(*(client.connect() for client in clients))
        await _take_one_each(settings, staff)
        working = [asyncio.create_task(client.work()) for client in [*clients, *staff]]
        for _ in range(KILLS):
            await asyncio.sleep(chance.uniform(0.2, 1.0))
            await service.kill()
            await service.start()
        await asyncio.gather(*working)
        await service.kill()
        await service.start()  # what was left half done is done now
        await _until_quiet(settings)
        await service.kill()
    _audit(settings, [*clients, *staff])
    print(f"seed {SEED}: {MESSAGES} messages, {KILLS} kills, slowest start {service.slowest:.1f} s")


async def _staff(settings: Settings) -> list[str]:
    store = open_store(settings)
    desk = Desk(store, load_house(settings), clock=SystemClock(), doorbell=Doorbell(node="setup"))
    codes = []
    for number in range(STAFF):
        added = await desk.do(accounts.add, email=f"s{number}@clinic.example", name=f"Staff {number}", role=Role.SUPERVISOR)
        codes.append(await desk.do(accounts.make_code, added))
    await store.close()
    return codes


class _jar:
    """One HTTP client with cookies for each person."""

    def __init__(self, url: str) -> None:
        headers = {"X-Heard": "1", "Origin": url}
        self.clients = [
            aiohttp.ClientSession(url, headers=headers, cookie_jar=aiohttp.CookieJar(unsafe=True)) for _ in range(PATIENTS + STAFF)
        ]

    async def __aenter__(self) -> list[aiohttp.ClientSession]:
        return self.clients

    async def __aexit__(self, *_: object) -> None:
        for client in self.clients:
            await client.close()


async def _take_one_each(settings: Settings, staff: list[Client]) -> None:
    """Each member of staff steps into one patient's conversation."""
    with sqlite3.connect(settings.data_dir / "heard.db") as db:
        found = [row[0] for row in db.execute("SELECT id FROM conversation ORDER BY id LIMIT ?", (STAFF,))]
    for one, conversation in zip(staff, found, strict=True):
        await one.connect()
        one.conversation = conversation
        answer = await one.socket.call("take", {"conversation": conversation}, namespace="/staff", timeout=10)
        assert answer["ok"], answer


async def _until_quiet(settings: Settings) -> None:
    async with asyncio.timeout(90):
        while True:
            with sqlite3.connect(settings.data_dir / "heard.db") as db:
                (left,) = db.execute("SELECT count(*) FROM job WHERE kind = 'ask_bot' AND state IN ('ready', 'running')").fetchone()
            if left == 0:
                return
            await asyncio.sleep(0.2)


def _audit(settings: Settings, clients: list[Client]) -> None:
    db = sqlite3.connect(settings.data_dir / "heard.db")
    stored = {
        row[0]: (row[1], row[2], row[3])
        for row in db.execute("SELECT client_id, seq, conversation, text FROM message WHERE client_id IS NOT NULL")
    }
    for client in clients:
        assert len(client.acked) == SHARE
        lost = [name for name in client.order if name not in stored]
        assert lost == [], (SEED, "acked and gone")
        assert all(stored[name][0] == client.acked[name] for name in client.order), (SEED, "another seq than was told")
        assert len({stored[name][1] for name in client.order}) == 1, (SEED, "in one conversation")
        seqs = [stored[name][0] for name in client.order]
        assert seqs == sorted(seqs), (SEED, "order")
    (doubled,) = db.execute(
        "SELECT count(*) FROM (SELECT text FROM message WHERE author IN ('patient', 'staff') GROUP BY text HAVING count(*) > 1)"
    ).fetchone()
    assert doubled == 0, (SEED, "doubled")
    for conversation, last, number in db.execute(
        "SELECT c.id, c.last_seq, (SELECT count(*) FROM message m WHERE m.conversation = c.id) FROM conversation c"
    ):
        assert last == number, (SEED, conversation, "a gap in seq")
    answers = [row[0] for row in db.execute("SELECT text FROM message WHERE author = 'bot' AND text LIKE 'You said: patient%'")]
    assert len(answers) == len(set(answers)), (SEED, "the bot answered one message twice")
    orphans = db.execute(
        "SELECT c.id, c.state FROM conversation c WHERE c.state != 'closed' AND "
        "(SELECT count(*) FROM job j WHERE j.key = 'timer:' || c.id AND j.state IN ('ready', 'running')) != 1"
    ).fetchall()
    assert orphans == [], (SEED, "no timer")
    adrift = db.execute(
        "SELECT id FROM conversation WHERE state = 'waiting' AND id NOT IN (SELECT conversation FROM handoff_request WHERE state = 'queued')"
    ).fetchall()
    assert adrift == [], (SEED, "orphan handoff")
    db.close()
