"""The service of the text bench, in a process of its own: `python -m tests.bench.texted slow|down` (settings by environment).

Its bot takes ten seconds for an answer, or is not there at all.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from aiohttp import web

from handoff.app import build
from handoff.desk.turns import BotAnswer, Reply
from handoff.settings import load
from handoff.store import migrate
from tests.fakes import FakeBot


class SlowBot(FakeBot):
    async def ask(self, turn: dict[str, Any], *, soon: bool = False) -> BotAnswer:
        await asyncio.sleep(10)
        return BotAnswer((Reply("Thank you."),), ())


def main(bot: str) -> None:
    settings = load()
    migrate.upgrade(settings)
    app = build(settings, bot=SlowBot() if bot == "slow" else None)
    web.run_app(app, host="127.0.0.1", port=settings.port, access_log=None, print=lambda *_: None)


if __name__ == "__main__":
    main(sys.argv[1])
