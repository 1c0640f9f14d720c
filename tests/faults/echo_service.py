"""The real service in a process of its own, with a bot that echoes: `python -m tests.faults.echo_service` (settings by environment)."""

from __future__ import annotations

from handoff.app import build
from handoff.settings import load
from tests.fakes import FakeBot

if __name__ == "__main__":
    from aiohttp import web

    settings = load()
    app = build(settings, bot=FakeBot())
    web.run_app(app, host="127.0.0.1", port=settings.port, access_log=None, print=lambda *_: None)
