"""One child process of `heard run`: its own process group, its log file, restarted with back-off, ended for certain."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

FIRST_WAIT, LONGEST_WAIT, STEADY = 0.5, 30.0, 60.0  # seconds
MAX_LOG = 5_000_000  # bytes; one older file is kept
_PR_SET_PDEATHSIG = 1


class Child:
    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        env: Mapping[str, str],
        log: Path,
        say: Callable[[str], None],
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = asyncio.sleep,
    ) -> None:
        """`say` tells the person at the terminal that it was restarted."""
        self.name = name
        self._command = list(command)
        self._env = dict(env)
        self._log = log
        self._say = say
        self._monotonic = monotonic
        self._sleep = sleep
        self._process: asyncio.subprocess.Process | None = None
        self.starts = 0

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None and self._process.returncode is None else None

    async def keep_alive(self) -> None:
        """Start it, and start it again whenever it ends: after 0.5 s, doubling to 30 s, from anew once it lived for a minute."""
        wait = FIRST_WAIT
        while True:
            began = self._monotonic()
            await self._run_once()
            if self._monotonic() - began > STEADY:
                wait = FIRST_WAIT
            self._say(f"The {self.name} ended and is started again in {wait:g} s. Its log: {self._log}")
            await self._sleep(wait)  # type: ignore[misc]
            wait = min(wait * 2, LONGEST_WAIT)

    async def _run_once(self) -> None:
        self._turn_log()
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_die_with_parent,
            )
        self.starts += 1
        await self._process.wait()

    def _turn_log(self) -> None:
        self._log.parent.mkdir(parents=True, exist_ok=True)
        if self._log.exists() and self._log.stat().st_size > MAX_LOG:
            self._log.replace(self._log.with_suffix(".log.1"))

    async def end(self, *, patience: float) -> None:
        """SIGTERM to its group, SIGKILL after `patience` seconds; nothing of it is left when this returns."""
        process = self._process
        if process is None:
            return
        self._signal(process.pid, signal.SIGTERM)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await process.wait()
        self._signal(process.pid, signal.SIGKILL)
        await process.wait()

    @staticmethod
    def _signal(pid: int, number: int) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, number)


def _die_with_parent() -> None:
    """On Linux, a parent that is killed outright takes its children along."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
