"""The real service on a clock that runs faster, to be killed and started again: `python -m tests.faults.fast_service` (settings by environment).

For each line on its standard input it starts the service in a process of its own, which has all modules loaded already, and writes that
process's id, and an empty line when it has ended. `FAST_CLOCK` is the moment (seconds since 1970) at which clock and world agreed, so
that the clock goes on rightly after each kill.
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

SPEED = 60.0


class FastClock:
    """An hour a minute, since `agreed`."""

    def __init__(self, agreed: float) -> None:
        self._agreed = agreed

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._agreed + (time.time() - self._agreed) * SPEED, UTC)


def serve() -> None:
    die_with_parent()
    settings = load()
    app = build(settings, bot=FakeBot(), clock=FastClock(float(os.environ["FAST_CLOCK"])))
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
