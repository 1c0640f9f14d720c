"""A bare python-socketio server that passes what one says to the other: what the relay is measured against. `python -m tests.bench.echo PORT`."""

from __future__ import annotations

import sys
from typing import Any

import socketio
from aiohttp import web

NAMESPACE = "/pair"


def build() -> web.Application:
    server = socketio.AsyncServer(async_mode="aiohttp", http_compression=False, websocket_compression=False)

    async def connect(sid: str, environ: dict[str, Any], auth: dict[str, Any]) -> None:
        await server.enter_room(sid, auth["pair"], namespace=NAMESPACE)
        await server.save_session(sid, auth, namespace=NAMESPACE)

    async def send(sid: str, data: dict[str, Any]) -> dict[str, Any]:
        pair = (await server.get_session(sid, namespace=NAMESPACE))["pair"]
        await server.emit("message", {"text": data["text"]}, room=pair, skip_sid=sid, namespace=NAMESPACE)
        return {"ok": True, "seq": 0}

    async def ready(_: web.Request) -> web.Response:
        return web.Response()

    server.on("connect", connect, namespace=NAMESPACE)
    server.on("send", send, namespace=NAMESPACE)
    app = web.Application()
    app.router.add_get("/ready", ready)
    server.attach(app)
    return app


if __name__ == "__main__":
    web.run_app(build(), host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=lambda *_: None)
