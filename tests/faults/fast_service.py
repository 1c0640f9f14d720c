"""The real service on a clock that runs faster, to be killed and started again: `python -m tests.faults.fast_service`.

For each line on its standard input it starts the service in a process of its own, which has all modules loaded already, and writes that
process's id, and an empty line when it has ended. `FAST_CLOCK` is the clock (`FastClock.to_environment`), which goes on rightly after each
kill.
"""

from __future__ import annotations

import os
import sys
import time
from datetime import UTC, datetime

from aiohttp import web

from handoff.app import build
from handoff.settings import load
from tests.bench.machine import die_with_parent
from tests.fakes import FakeBot


class FastClock:
    """Runs `speed` times as fast since it `began` in the world (seconds since 1970); it showed `at` then, or the world's time."""

    def __init__(self, began: float, at: float | None = None, speed: float = 60.0) -> None:
        self._began, self._at, self._speed = began, began if at is None else at, speed

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._at + (time.time() - self._began) * self._speed, UTC)

    def to_environment(self) -> str:
        return f"{self._began} {self._at} {self._speed}"


def serve() -> None:
    die_with_parent()
    settings = load()
    app = build(settings, bot=FakeBot(), clock=FastClock(*map(float, os.environ["FAST_CLOCK"].split())))
    web.run_app(app, host="127.0.0.1", port=settings.port, access_log=None, print=lambda *_: None)


def main() -> None:
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            serve()
            os._exit(0)
        print(child, flush=True)
        os.waitpid(child, 0)
        print(flush=True)


if __name__ == "__main__":
    main()
