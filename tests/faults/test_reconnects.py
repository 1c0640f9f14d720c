"""1,000 cut lines with lost, doubled and late events: what patients and staff have before them equals the database."""

from __future__ import annotations

import asyncio
import contextlib
import random
from pathlib import Path
from typing import Any

import pytest
import socketio

from tests.fakes import until
from tests.faults.line import Chaos, Proxy
from tests.service import Node, Patient, Staff, free_port

SEED = 20261124
CUTS, PATIENTS = 1000, 8
GONE = (socketio.exceptions.SocketIOError, AssertionError, OSError)


class Ana(Patient):
    """A patient who comes back whenever the line is cut, and sends each message until it is acked."""

    patience = 3.0

    async def sync(self) -> None:
        with contextlib.suppress(*GONE):
            await super().sync()

    async def again(self) -> None:
        while not self.sio.connected:
            with contextlib.suppress(*GONE):
                await self.sio.disconnect()
                await self.open()
                await self.connect()

    async def says(self, text: str) -> None:
        answer: dict[str, Any] = {"ok": False}
        while not answer["ok"]:
            await self.again()
            with contextlib.suppress(*GONE):
                answer = await self.send(text, client_id=text.replace(" ", "-"))

    async def talks(self, name: str, over: asyncio.Event) -> list[str]:
        said = []
        while not over.is_set():
            said.append(f"{name} {len(said)}")
            await self.says(said[-1])
            await asyncio.sleep(0.02)
        return said


class Maria(Staff):
    """A member of staff with two threads open, who signs in once and comes back whenever the line is cut."""

    patience = 3.0

    async def again(self) -> None:
        while not self.sio.connected:
            with contextlib.suppress(*GONE):
                await self.sio.disconnect()
                await self.connect()
                for conversation in list(self.threads):
                    await self.open(conversation)

    async def writes(self, conversation: str, over: asyncio.Event) -> list[str]:
        said = []
        while not over.is_set():
            said.append(f"{self.name} {len(said)}")
            answer: dict[str, Any] = {"ok": False}
            while not answer["ok"]:
                await self.again()
                with contextlib.suppress(*GONE):
                    answer = await self.write(conversation, said[-1], client_id=said[-1])
            await asyncio.sleep(0.05)
        return said


@pytest.mark.timeout(300)
async def test_views_equal_the_database_after_1000_cuts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(SEED)
    port = free_port()
    async with Proxy(port) as proxy, Node(tmp_path, port=port, public_url=proxy.url, messages_per_minute=600) as node:
        node.url = proxy.url
        anas = [await node.patient(kind=Ana) for _ in range(PATIENTS)]
        staff = [await node.staff(name, kind=Maria) for name in ("Maria", "Sam")]
        mine = await taken(node, anas, staff)
        chaos = Chaos(chance, monkeypatch)
        over = asyncio.Event()
        talking = [asyncio.create_task(ana.talks(f"patient {number}", over)) for number, ana in enumerate(anas)]
        writing = [asyncio.create_task(one.writes(conversation, over)) for one, conversation in zip(staff, mine, strict=True)]
        cuts = 0
        while cuts < CUTS:
            await asyncio.sleep(0.02)
            cuts += proxy.cut(chance)
        over.set()
        said = await asyncio.gather(*talking)
        written = await asyncio.gather(*writing)
        monkeypatch.undo()
        await quiet(node)
        await same_as_database(node, anas, staff, said)
    assert min(chaos.counts.values()) > 25, chaos.counts  # how many get through between two cuts depends on the machine
    print(f"seed {SEED}: {cuts} cuts, {sum(map(len, said + written))} messages, events {chaos.counts}")


async def taken(node: Node, anas: list[Any], staff: list[Any]) -> list[str]:
    """Each of two patients asks for a person and gets one; both consoles look at all threads that they may see."""
    mine = []
    for ana, one in zip(anas, staff, strict=False):
        await ana.person()
        await ana.sees("How would you like to go on?")
        await ana.press("Chat with a person now")
        conversation = await one.sees_waiting()
        assert (await one.ask("take", conversation=conversation))["ok"]
        await until(lambda ana=ana: ana.state["state"] == "human")
        mine.append(conversation)
    for one in staff:
        for conversation in mine:
            await one.open(conversation)
    return mine


async def quiet(node: Node) -> None:
    """Nothing is left to be done."""
    query = "SELECT count(*) FROM job WHERE kind = 'ask_bot' AND state IN ('ready', 'running')"
    async with asyncio.timeout(60):
        while await node.service.desk.look(lambda db: db.exec_driver_sql(query).scalar_one()):
            await asyncio.sleep(0.05)


async def same_as_database(node: Node, anas: list[Any], staff: list[Any], said: list[list[str]]) -> None:
    for ana, words in zip(anas, said, strict=True):
        await ana.again()
        await ana.sync()
        rows = await stored(node, words[0])
        assert [(message["seq"], message["text"]) for message in ana.messages] == rows, (SEED, "a patient's view")
        assert [text for _, text in rows if text in set(words)] == words, (SEED, "lost, doubled or in another order")
    for one in staff:
        await one.again()
        await one.refresh()
        for conversation, thread in one.threads.items():
            await one.catch_up(conversation)
            rows = await stored(node, conversation)
            assert [(seq, thread[seq]["text"]) for seq in sorted(thread)] == rows, (SEED, "a thread in the console")


async def stored(node: Node, key: str) -> list[tuple[int, str]]:
    """The messages of the conversation that is `key`, or in which somebody said `key`."""
    query = "SELECT seq, text FROM message WHERE conversation IN (SELECT conversation FROM message WHERE conversation = ? OR text = ?) ORDER BY seq"
    return await node.service.desk.look(lambda db: [tuple(row) for row in db.exec_driver_sql(query, (key, key))])
