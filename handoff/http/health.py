"""Whether it lives, whether it is ready, and what it counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web
from pydantic import BaseModel
from sqlalchemy import Connection, text

from handoff.errors import HeardError
from handoff.http.api import Route
from handoff.metrics import Metrics

if TYPE_CHECKING:
    from handoff.app import Service


class Live(BaseModel):
    status: str


class Ready(BaseModel):
    """`status`: ready | degraded (chat works, the bot does not) | down. `parts`, with `?verbose`: each part and how it is."""

    status: str
    parts: dict[str, str] | None = None


def routes(service: Service, metrics: Metrics) -> list[Route]:
    async def livez(request: web.Request, body: Any) -> web.Response:
        return web.json_response({"status": "alive"})

    async def readyz(request: web.Request, body: Any) -> web.Response:
        parts = await _parts(service)
        down = parts["database"] != "ready"
        ready = Ready(status="down" if down else "degraded" if parts["bot"] != "ready" else "ready")
        if "verbose" in request.query:
            ready.parts = parts
        return web.json_response(ready.model_dump(exclude_none=True), status=503 if down else 200)

    async def count(request: web.Request, body: Any) -> web.Response:
        return web.Response(body=await metrics.page(service.desk), headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})

    return [
        Route("GET", "/livez", livez, "public", "The process answers.", None, Live),
        Route(
            "GET", "/readyz", readyz, "public", "It can take and keep messages; ?verbose tells of each part.", None, Ready, (HeardError,)
        ),
        Route("GET", "/metrics", count, "public", "Counts for Prometheus."),
    ]


async def _parts(service: Service) -> dict[str, str]:
    health = service.store.health()
    try:
        await service.store.read(_ping)
        database = "ready" if health.writable else "not writable"
    except HeardError:
        database = "not reachable"
    bot = "ready" if await service.bot.ready() else "not reachable"
    return {"database": database, "bot": bot, "writer": f"{health.waiting} waiting, {health.lag_ms} ms"}


def _ping(db: Connection) -> None:
    db.execute(text("SELECT 1"))
