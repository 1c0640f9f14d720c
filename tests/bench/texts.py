"""Texts that come in while the bot is slow or down: how long Twilio waits for our answer.

`python -m tests.bench.texts slow|down [PER_SECOND]` starts a service with such a bot, posts signed webhooks of 200 numbers for 20
seconds, and prints the figures as JSON. What the service sends meanwhile is taken here, and reported as sent and as delivered.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Self
from urllib.parse import urlencode

import aiohttp
from aiohttp import web
from twilio.request_validator import RequestValidator

from tests.bench.figures import Figures, figures
from tests.bench.machine import Machine
from tests.service import free_port
from tests.twilio import OURS, SID, TOKEN

NUMBERS, PER_SECOND, SECONDS = 200, 20, 20
LONGEST = 300.0  # milliseconds, p99


class Provider:
    """As much of Twilio as a load needs: what loads a machine must not cost more than what is loaded."""

    def __init__(self, service: str) -> None:
        self.url = f"http://127.0.0.1:{free_port()}"
        self.taken = 0
        self._service = service
        self._reports: list[asyncio.Task[None]] = []
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        app = web.Application()
        path = f"/2010-04-01/Accounts/{SID}/Messages.json"
        app.add_routes([web.post(path, self._take), web.get(path, self._list)])
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        self._stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", int(self.url.rpartition(":")[2])).start()
        self._http = await self._stack.enter_async_context(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)))
        return self

    async def __aexit__(self, *_: object) -> None:
        for report in self._reports:
            report.cancel()
        await asyncio.gather(*self._reports, return_exceptions=True)
        await self._stack.aclose()

    async def post(self, url: str, fields: Mapping[str, str]) -> None:
        """A webhook as Twilio signs it."""
        signature = RequestValidator(TOKEN).compute_signature(url, fields)
        headers = {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}
        async with self._http.post(url, data=urlencode(fields).encode(), headers=headers) as answer:
            if answer.status not in (200, 204):
                raise RuntimeError(f"a webhook was answered {answer.status}")

    async def text_in(self, number: int) -> None:
        fields = {"MessageSid": f"SM{number:032x}", "AccountSid": SID, "From": f"+1202555{number % NUMBERS:04d}", "To": OURS}
        await self.post(f"{self._service}/twilio/sms", {**fields, "NumMedia": "0", "Body": f"It was good, and this is text {number}"})

    async def _take(self, request: web.Request) -> web.Response:
        self.taken += 1
        sid = f"SM{0xF00D:016x}{self.taken:016x}"
        self._reports.append(asyncio.create_task(self._report(sid, str((await request.post())["StatusCallback"]))))
        return web.json_response({"sid": sid, "status": "queued"}, status=201)

    async def _report(self, sid: str, url: str) -> None:
        for status in ("sent", "delivered"):
            await asyncio.sleep(0.2)
            await self.post(url, {"MessageSid": sid, "AccountSid": SID, "MessageStatus": status})

    async def _list(self, _: web.Request) -> web.Response:
        return web.json_response({"messages": [], "next_page_uri": None})


async def measure(machine: Machine, bot: str, per_second: int) -> Figures:
    took: list[float] = []
    async with Provider(machine.urls["service"]) as provider:
        await asyncio.to_thread(_start, machine, bot, provider)

        async def text(number: int) -> None:
            began = time.perf_counter()
            await provider.text_in(number)
            took.append(time.perf_counter() - began)

        began = time.perf_counter()
        waiting = []
        for number in range(per_second * SECONDS):
            waiting.append(asyncio.create_task(text(number)))
            await asyncio.sleep(max(0.0, began + number / per_second - time.perf_counter()))
        await asyncio.gather(*waiting)
        seconds = time.perf_counter() - began
        print(
            f"{provider.taken} texts sent; the service was busy {machine.busy_seconds('service'):.1f} s of {seconds:.1f}", file=sys.stderr
        )
        machine.end("service")
        return figures(took, seconds)


def _start(machine: Machine, bot: str, provider: Provider) -> None:
    given = {"TWILIO_ACCOUNT_SID": SID, "TWILIO_AUTH_TOKEN": TOKEN, "TWILIO_NUMBERS": OURS, "TWILIO_API_URL": provider.url}
    given |= {"TEXTS_PER_SECOND": "100", "TEXTS_PER_NUMBER_HOUR": "600", "TEXTS_PER_DAY": "100000"}
    given |= {"PUBLIC_URL": machine.urls["service"]}
    machine.start("service", "tests.bench.texted", bot, ready="/readyz", env={f"HEARD_{name}": value for name, value in given.items()})


def main(bot: str, per_second: str = str(PER_SECOND)) -> None:
    with Machine() as machine:
        print(asyncio.run(measure(machine, bot, int(per_second))).to_json())


if __name__ == "__main__":
    main(*sys.argv[1:])
