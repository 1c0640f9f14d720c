"""A service that only notes what it is told, and answers with the documents it was given."""

from __future__ import annotations

from aiohttp import web

from handoff.errors import BadSignature
from handoff.http.signed import Signed, read_signed
from tests.twilio import Line

EMPTY = "<Response/>"


class OurSide:
    """`heard`: path and fields of each genuine webhook, in order. `says`: TwiML by path. Forged requests get 403."""

    def __init__(self, line: Line) -> None:
        self.heard: list[tuple[str, Signed]] = []
        self.says: dict[str, str] = {}
        self._line = line
        app = web.Application()
        app.router.add_post("/twilio/{path:.+}", self._hear)
        self._runner = web.AppRunner(app)

    async def __aenter__(self) -> OurSide:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._line.port).start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    def told(self, path: str, field: str) -> list[str]:
        return [signed.fields.get(field, "") for where, signed in self.heard if where == path]

    async def _hear(self, request: web.Request) -> web.Response:
        try:
            self.heard.append((request.path, await read_signed(request, self._line.twilio.account)))
        except BadSignature:
            return web.Response(status=403)
        return web.Response(text=self.says.get(request.path, EMPTY), content_type="text/xml")
