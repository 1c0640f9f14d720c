"""`python -m bot.server`: Rasa on loopback, with our one channel, the pinned model, a quiet log, and no HTTP API of its own."""

from __future__ import annotations

import asyncio
import os
import sys
from functools import partial
from pathlib import Path
from typing import Any

from bot.quiet import be_quiet
from bot.train import QUIET, is_trained, model_path
from handoff.secret import shared_secret
from handoff.settings import ROOT, Settings, load
from handoff.surveys import load_surveys


def main() -> None:
    settings = load()
    if not is_trained(settings):
        sys.exit("The bot has no model for its present training data, or the file was changed. Run: heard train")
    os.environ |= QUIET | {
        "HEARD_SECRET": shared_secret(settings),
        "HEARD_ACTIONS_URL": f"http://127.0.0.1:{settings.actions_port}/webhook",
        "HEARD_TRACKER_URL": settings.tracker,
    }
    be_quiet()
    _serve(settings, model_path(settings))


def _serve(settings: Settings, model: Path) -> None:
    import rasa
    from rasa.core import channels
    from rasa.core.utils import AvailableEndpoints
    from sanic import Sanic, response
    from sanic.exceptions import SanicException

    from bot.connector import MAX_BODY, HeardInput

    def refuse(request: Any, error: Exception) -> Any:
        """A word, never the request or a traceback."""
        status = error.status_code if isinstance(error, SanicException) else 500
        return response.json({"error": "bot_broken" if status >= 500 else "bad_turn"}, status)

    endpoints = AvailableEndpoints.read_endpoints(str(ROOT / "config" / "rasa" / "endpoints.yml"))
    engine = f"rasa {rasa.__version__} / {model.name.removesuffix('.tar.gz')}"
    surveys = frozenset(load_surveys(settings.config_dir / "surveys"))
    app = Sanic("heard_bot", configure_logging=False)  # Rasa's own would add a page at / and headers for foreign sites
    app.config.REQUEST_MAX_SIZE = MAX_BODY
    app.config.GRACEFUL_SHUTDOWN_TIMEOUT = 1.0
    app.config.KEEP_ALIVE_TIMEOUT = 75
    app.error_handler.add(Exception, refuse)
    channels.channel.register([HeardInput(shared_secret(settings), engine, surveys)], app, route="/webhooks/")
    app.register_listener(partial(_load, str(model), endpoints), "before_server_start")
    be_quiet()  # again: Rasa and Sanic have set up logging of their own meanwhile
    app.run(host="127.0.0.1", port=settings.bot_port, workers=1, access_log=False, motd=False, debug=False)
    os._exit(0)  # every turn that was answered is saved; taking TensorFlow down in good order takes seconds


async def _load(model: str, endpoints: Any, app: Any, loop: asyncio.AbstractEventLoop) -> None:
    """Load the model. Raises when it cannot be loaded: a bot without a model must not look alive."""
    from rasa.core.tracker_store import TrackerStore

    from bot.endpoint import KeptEndpoint
    from bot.processor import StrictAgent

    store = TrackerStore.create(endpoints.tracker_store)
    agent = StrictAgent(tracker_store=store, action_endpoint=KeptEndpoint(endpoints.action))
    agent.load_model(model)
    app.ctx.agent = agent
    be_quiet()


if __name__ == "__main__":
    main()
