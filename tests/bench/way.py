"""The whole way: patients' sockets, the service with its durable storage, the real bot, and back. A load generator of its own process.

`python -m tests.bench.way URL` opens 500 chats and prints two figures as JSON: turns of 20 patients at once, from sending to the bot's
answer, while the other sockets are quiet; then acks at 50 messages a second from all 500.
"""

from __future__ import annotations

import asyncio
import sys
import time
from functools import partial
from typing import Any

import aiohttp

from tests.bench.figures import Figures, figures, side_by_side
from tests.bench.line import Line
from tests.bench.turns import BOT_TALKS, PATIENTS, talk

SOCKETS = 500
PER_SECOND, SECONDS = 50, 30
AT_ONCE = 8  # sessions that are asked for at the same time


class PatientChat:
    """A patient's page: `say` ends with the bot's answer."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http = http
        self._url = url
        self._line = Line(http, "/patient", self._hear)
        self._said = asyncio.Event()

    async def open(self) -> None:
        """Begin a chat and wait for the greeting; where the service asks to slow down, wait."""
        while True:
            async with self._http.post(f"{self._url}/api/patient/session", json={"locale": "en"}) as answer:
                opened = await answer.json()
            if answer.status == 200:
                break
            if answer.status != 429:
                raise RuntimeError(f"no session: {answer.status} {opened}")
            await asyncio.sleep(0.2)
        await self._line.connect(self._url, {"ticket": opened["ticket"], "last_seq": 0})
        while (await self._line.call("sync", after=0))["messages"] == []:
            await asyncio.sleep(0.05)

    async def say(self, text: str) -> None:
        self._said.clear()
        await self.send(text)
        async with asyncio.timeout(30):
            await self._said.wait()

    async def send(self, text: str) -> None:
        await self._line.send(text)

    async def close(self) -> None:
        await self._line.close()

    def _hear(self, event: str, data: Any) -> None:
        if event == "message" and data["author"] in ("bot", "service"):
            self._said.set()


async def open_all(http: aiohttp.ClientSession, url: str) -> list[PatientChat]:
    chats = [PatientChat(http, url) for _ in range(SOCKETS)]
    left = iter(chats)

    async def open_some() -> None:
        for chat in left:
            await chat.open()

    await asyncio.gather(*(open_some() for _ in range(AT_ONCE)))
    return chats


async def turns(chats: list[PatientChat]) -> Figures:
    rows = [chats[place * (BOT_TALKS + 1) : (place + 1) * (BOT_TALKS + 1)] for place in range(PATIENTS)]
    await asyncio.gather(*(talk(row[:1], []) for row in rows))
    return await side_by_side([partial(talk, row[1:]) for row in rows])


async def acks(chats: list[PatientChat]) -> Figures:
    """Messages leave at their appointed times whatever became of those before, and are timed from then: a stall is not hidden."""
    loop = asyncio.get_running_loop()
    lengths: list[float] = []
    start = loop.time() + 0.5

    async def send(number: int) -> None:
        due = start + number / PER_SECOND
        await asyncio.sleep(max(0.0, due - loop.time()))
        await chats[number % len(chats)].send("The waiting room was clean.")
        lengths.append(loop.time() - due)

    await asyncio.gather(*(send(number) for number in range(PER_SECOND * SECONDS)))
    return figures(lengths, loop.time() - start)


async def main(url: str) -> None:
    jar, connector = aiohttp.DummyCookieJar(), aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(cookie_jar=jar, connector=connector) as http:
        began = time.perf_counter()
        chats = await open_all(http, url)
        print(f"{SOCKETS} chats opened in {time.perf_counter() - began:.0f} s", file=sys.stderr)
        print((await turns(chats)).to_json())
        await asyncio.sleep(2)
        print((await acks(chats)).to_json(), flush=True)
        await asyncio.gather(*(chat.close() for chat in chats))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
