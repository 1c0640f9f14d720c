"""The real service in a process of its own, on a clock that runs faster: `python -m tests.faults.text_service` (settings by environment).

`TEXT_CLOCK` is the moment (seconds since 1970) at which clock and world agreed, so that it goes on rightly after each kill.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime

from handoff.app import build
from handoff.settings import load
from tests.fakes import FakeBot

SPEED = 60.0


class FastClock:
    """An hour a minute, since `agreed`."""

    def __init__(self, agreed: float) -> None:
        self._agreed = agreed

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._agreed + (time.time() - self._agreed) * SPEED, UTC)


if __name__ == "__main__":
    from aiohttp import web

    settings = load()
    app = build(settings, bot=FakeBot(), clock=FastClock(float(os.environ["TEXT_CLOCK"])))
    web.run_app(app, host="127.0.0.1", port=settings.port, access_log=None, print=lambda *_: None)
