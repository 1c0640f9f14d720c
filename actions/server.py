"""The action server: rasa-sdk's executor behind a shared secret, on loopback, silent about requests when it fails."""

from __future__ import annotations

import hmac
import json
import logging

from aiohttp import web
from rasa_sdk.executor import ActionExecutor

from actions.reply import make_action
from handoff.secret import shared_secret
from handoff.settings import Settings, load

log = logging.getLogger("actions")
MAX_BODY = 1024 * 1024


def build(settings: Settings) -> web.Application:
    """`POST /webhook` as Rasa calls it, `GET /health`. Raises `BadSurvey`, `BadSetting`."""
    expected = f"Bearer {shared_secret(settings)}".encode()
    executor = ActionExecutor()
    executor.register_action(make_action(settings))

    async def webhook(request: web.Request) -> web.Response:
        if not hmac.compare_digest(request.headers.get("Authorization", "").encode("utf-8", "surrogateescape"), expected):
            return web.json_response({"error": "unauthorized"}, status=401)
        if request.headers.get("Content-Encoding"):
            return web.json_response({"error": "bad_call"}, status=400)  # nothing of ours is compressed, and bombs are
        try:
            call = json.loads(await request.read())
        except ValueError:
            return web.json_response({"error": "bad_call"}, status=422)
        try:
            return web.json_response(await executor.run(call))
        except Exception as error:
            log.error("an action failed: %s", type(error).__name__)
            return web.json_response({"error": "action_failed"}, status=500)

    async def health(request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    app = web.Application(client_max_size=MAX_BODY)
    app.router.add_post("/webhook", webhook)
    app.router.add_get("/health", health)
    return app


def main() -> None:
    settings = load()
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    web.run_app(build(settings), host="127.0.0.1", port=settings.actions_port, access_log=None, print=lambda *_: None, shutdown_timeout=1.0)


if __name__ == "__main__":
    main()
