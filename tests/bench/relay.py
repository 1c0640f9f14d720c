"""From one person to the other: how long a message takes from a patient to a member of staff and back. A load generator of its own process.

`python -m tests.bench.relay bare URL` asks the echo server; `python -m tests.bench.relay service URL CODE...` the service, with one
sign-in code for each member of staff. Both print figures as JSON, from sending on one socket to hearing it on the other.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from uuid import uuid4

import aiohttp

from tests.bench.echo import NAMESPACE
from tests.bench.figures import Figures, side_by_side
from tests.bench.line import Line

PAIRS, ROUNDS = 5, 80
PAUSE = 0.1  # seconds before each message: five pairs are busier than people can be


class Ear:
    """What one end hears; `heard(text)` waits for it."""

    def __init__(self) -> None:
        self.events: dict[str, Any] = {}
        self._waiting: dict[str, asyncio.Future[None]] = {}

    def hear(self, event: str, data: Any) -> None:
        self.events[event] = data
        text = data.get("message", data).get("text") if event == "message" else None
        if text in self._waiting:
            self._waiting.pop(text).set_result(None)

    def expect(self, text: str) -> asyncio.Future[None]:
        waiting = self._waiting[text] = asyncio.get_running_loop().create_future()
        return waiting


Say = Callable[[str], Awaitable[Any]]


async def converse(patient: Ear, staff: Ear, patient_says: Say, staff_says: Say, lengths: list[float]) -> None:
    for _ in range(ROUNDS):
        for say, ear in ((patient_says, staff), (staff_says, patient)):
            await asyncio.sleep(PAUSE)
            text = f"Message {uuid4()}"
            heard, started = ear.expect(text), time.perf_counter()
            acked = asyncio.ensure_future(say(text))
            async with asyncio.timeout(30):
                await heard
            lengths.append(time.perf_counter() - started)
            await acked


async def bare(http: aiohttp.ClientSession, url: str) -> Figures:
    works = []
    for pair in range(PAIRS):
        ears = Ear(), Ear()
        lines = [Line(http, NAMESPACE, ear.hear) for ear in ears]
        for line in lines:
            await line.connect(url, {"pair": str(pair)})
        works.append(partial(converse, *ears, lines[0].send, lines[1].send))
    return await side_by_side(works)


async def service(http: aiohttp.ClientSession, url: str, codes: list[str]) -> Figures:
    works = []
    for code in codes:
        staff, console = await _sign_in(http, url, code)
        patient, chat = await _patient_in_line(http, url)
        conversation = await _first_in_line(console)
        await console.call("open", conversation=conversation)
        await console.call("take", conversation=conversation)

        def write(text: str, console: Line = console, conversation: str = conversation) -> Awaitable[Any]:
            return console.call("write", conversation=conversation, client_id=str(uuid4()), text=text)

        works.append(partial(converse, patient, staff, chat.send, write))
    return await side_by_side(works)


async def _sign_in(http: aiohttp.ClientSession, url: str, code: str) -> tuple[Ear, Line]:
    """A member of staff whose console is open."""
    async with http.post(f"{url}/api/staff/session", json={"code": code}) as answer:
        cookies = {name: cookie.value for name, cookie in answer.cookies.items()}
    async with http.post(f"{url}/api/staff/ticket", cookies=cookies) as answer:
        ticket = (await answer.json())["ticket"]
    ear = Ear()
    line = Line(http, "/staff", ear.hear)
    await line.connect(url, {"ticket": ticket})
    return ear, line


async def _patient_in_line(http: aiohttp.ClientSession, url: str) -> tuple[Ear, Line]:
    """A patient who asked for a person and chose to chat now."""
    async with http.post(f"{url}/api/patient/session", json={"locale": "en"}) as answer:
        ticket = (await answer.json())["ticket"]
    ear = Ear()
    line = Line(http, "/patient", ear.hear)
    await line.connect(url, {"ticket": ticket, "last_seq": 0})
    await line.call("press", client_id=str(uuid4()), button="person")
    newest = (await line.call("sync", after=0))["messages"][-1]
    chat_now = next(button["id"] for button in newest["buttons"] if button["title"].startswith("Chat"))
    await line.call("press", client_id=str(uuid4()), button=chat_now)
    return ear, line


async def _first_in_line(console: Line) -> str:
    items = (await console.call("queue"))["items"]
    return str(next(item["conversation"] for item in items if item["state"] == "waiting"))


async def main(kind: str, url: str, *codes: str) -> None:
    headers = {"X-Heard": "1"}
    async with aiohttp.ClientSession(headers=headers, cookie_jar=aiohttp.DummyCookieJar()) as http:
        print((await (bare(http, url) if kind == "bare" else service(http, url, list(codes)))).to_json())


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
