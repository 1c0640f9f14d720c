"""Turns a second of a bot by itself: stock Rasa through its REST channel, ours through its connector. A load generator of its own process.

`python -m tests.bench.turns stock|bot URL SECRET` prints figures as JSON.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Sequence
from functools import partial
from typing import Any, Protocol
from uuid import uuid4

import aiohttp

from tests.bench.figures import Figures, side_by_side
from tests.bot.talk import Talk

PATIENTS = 20
SAID = (
    "It was pretty good, thank you.",
    "why do you ask?",
    "The nurse was kind and explained everything to me.",
    "how long will this take?",
    "are you a robot?",
    "thanks, goodbye",
)
STOCK_TALKS, BOT_TALKS = 5, 15  # of each patient, one after the other


class Chat(Protocol):
    async def open(self) -> None: ...
    async def say(self, text: str) -> None: ...


class StockChat:
    """Stock Rasa's client sends a sender and a text, and gets a list of messages."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http = http
        self._url = f"{url}/webhooks/rest/webhook"
        self._sender = str(uuid4())

    async def open(self) -> None:
        return None

    async def say(self, text: str) -> None:
        async with self._http.post(self._url, json={"sender": self._sender, "message": text}) as answer:
            said = await answer.json()
        if answer.status != 200 or not said:
            raise RuntimeError(f"no answer to {text!r}: {answer.status} {said}")


class BotChat:
    """Keeps the survey's progress from turn to turn, as the service does."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http = http
        self._url = f"{url}/webhooks/heard/turn"
        self._talk = Talk(url)

    async def open(self) -> None:
        await self._turn(self._talk.body("opened"))

    async def say(self, text: str) -> None:
        await self._turn(self._talk.body("text", text=text))

    async def _turn(self, turn: dict[str, Any]) -> None:
        async with self._http.post(self._url, json=turn) as answer:
            said = await answer.json()
        if answer.status != 200 or not said["replies"]:
            raise RuntimeError(f"no answer to {turn['text']!r}: {answer.status} {said}")
        self._talk.note(said)


async def talk(chats: Sequence[Chat], lengths: list[float]) -> None:
    """One patient after the other says all of it."""
    for chat in chats:
        for text in SAID:
            started = time.perf_counter()
            await chat.say(text)
            lengths.append(time.perf_counter() - started)


async def measure(kind: type[StockChat] | type[BotChat], talks: int, url: str, secret: str) -> Figures:
    """Every conversation is opened before the clock starts, and each patient has one before that to warm up."""
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {secret}"}) as http:
        rows = [[kind(http, url) for _ in range(talks + 1)] for _ in range(PATIENTS)]
        await asyncio.gather(*(_open(row) for row in rows))
        await asyncio.gather(*(talk(row[:1], []) for row in rows))
        return await side_by_side([partial(talk, row[1:]) for row in rows])


async def _open(row: Sequence[Chat]) -> None:
    for chat in row:
        await chat.open()


if __name__ == "__main__":
    name, url, secret = sys.argv[1:]
    kind, talks = (StockChat, STOCK_TALKS) if name == "stock" else (BotChat, BOT_TALKS)
    print(asyncio.run(measure(kind, talks, url, secret)).to_json())
