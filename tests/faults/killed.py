"""A service that is killed and started again, connected to a look-alike, where there is one, whose time runs as fast as its own."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from typing import Any, Self

import aiohttp

from handoff.settings import Settings
from tests.bench.machine import die_with_parent
from tests.faults.fast_service import FastClock


class Killed:
    """`async with Killed(settings, clock) as service`: it runs, until `kill`, and again after `start`. Settings are given in upper case."""

    def __init__(self, settings: Settings, clock: FastClock, **overrides: Any) -> None:
        s = settings
        given: dict[str, Any] = {"DATA_DIR": s.data_dir, "PORT": s.port, "NODE": "killed"}
        if s.has_twilio:
            given |= {"TWILIO_ACCOUNT_SID": s.twilio_account_sid, "TWILIO_AUTH_TOKEN": s.twilio_auth_token.get_secret_value()}
            given |= {"TWILIO_NUMBERS": s.twilio_numbers[0], "TWILIO_API_URL": s.twilio_api_url, "PUBLIC_URL": s.public_url}
        given |= overrides
        self._env = {**os.environ, "FAST_CLOCK": clock.to_environment(), **{f"HEARD_{name}": str(value) for name, value in given.items()}}
        self._ready = f"http://127.0.0.1:{s.port}/readyz"
        self._pid = 0
        self.slowest = 0.0  # start, in seconds

    async def __aenter__(self) -> Self:
        pipe, command = asyncio.subprocess.PIPE, (sys.executable, "-m", "tests.faults.fast_service")
        self._process = await asyncio.create_subprocess_exec(*command, env=self._env, stdin=pipe, stdout=pipe, preexec_fn=die_with_parent)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._asked, self._told = self._process.stdin, self._process.stdout
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._process.kill()
        await self._process.wait()

    async def start(self) -> None:
        began = time.monotonic()
        self._asked.write(b"\n")
        self._pid = int(await self._told.readline())
        async with asyncio.timeout(60), aiohttp.ClientSession() as http:
            while not await self._is_ready(http):
                await asyncio.sleep(0.02)
        self.slowest = max(self.slowest, time.monotonic() - began)

    async def _is_ready(self, http: aiohttp.ClientSession) -> bool:
        try:
            async with http.get(self._ready) as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False

    async def kill(self) -> None:
        os.kill(self._pid, signal.SIGKILL)
        await self._told.readline()
