"""The pages of the simulator and the small interface below `/simulator/` that the phone on the screen speaks. Own origin only."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import Literal

from aiohttp import web
from pydantic import Field

from handoff.account import Account
from handoff.clock import Clock, Ids
from handoff.errors import BadInput, EmptyMessage, ForeignOrigin, NotFound
from handoff.http.api import Model, read_body
from handoff.http.guard import check_own_origin
from handoff.http.pages import STRICT, file, page
from handoff.settings import ROOT, Settings
from handoff.simulator.calls import Call
from handoff.simulator.cast import CAST
from handoff.simulator.parties import Handset, Pickup
from handoff.simulator.shown import faults_json, phone_json, set_faults
from handoff.simulator.texts import LONGEST
from handoff.simulator.twilio import Twilio

FOLDER, CONSOLE = ROOT / "handoff" / "simulator" / "page", ROOT / "handoff" / "console"
BEAT = 15.0  # seconds after which a quiet stream says that it lives
NUMBER = Field(pattern=r"^\+[1-9]\d{6,14}$")
KEYS = "0123456789*#"


class SendText(Model):
    number: str = NUMBER
    body: str = Field("", max_length=LONGEST)
    media: int = Field(0, ge=0, le=10)


class Act(Model):
    call: str = Field(max_length=34)
    act: Literal["accept", "decline", "mailbox", "hang_up", "press"]
    key: str = Field("", max_length=1)


class SetFaults(Model):
    number: str = NUMBER
    error: Literal[0, 30003, 30007] = 0
    opted_out: bool = False
    slow: bool = False
    lost: bool = False
    deaf: bool = False


def mount(app: web.Application, account: Account, settings: Settings, *, clock: Clock, ids: Ids) -> Twilio:
    """A look-alike of Twilio inside this service, and the pages `/phone` and `/all`."""
    twilio = Twilio(account, clock=clock, ids=ids, deliver_to=f"http://127.0.0.1:{settings.port}")
    twilio.hub.anybody = Handset
    app.add_subapp("/simulator/twilio", twilio.app)
    screen = Screen(twilio, settings)
    app.on_shutdown.append(screen.close)
    app.router.add_get("/phone", screen.phone)
    app.router.add_get("/all", screen.all)
    app.router.add_get("/phone/{path:.+}", screen.file)
    app.router.add_get("/simulator/about", screen.about)
    app.router.add_get("/simulator/events", screen.events)
    app.router.add_post("/simulator/text", screen.text)
    app.router.add_post("/simulator/call", screen.call)
    app.router.add_post("/simulator/faults", screen.faults)
    return twilio


class Screen:
    def __init__(self, twilio: Twilio, settings: Settings) -> None:
        self._twilio, self._settings = twilio, settings
        self._closing = False

    async def phone(self, request: web.Request) -> web.Response:
        return page(FOLDER / "phone.html", f"{STRICT}; frame-ancestors 'self'")

    async def all(self, request: web.Request) -> web.Response:
        return page(FOLDER / "all.html", f"{STRICT}; frame-src 'self'; frame-ancestors 'none'")

    async def file(self, request: web.Request) -> web.Response:
        """A file of the page; the library and the colours are the console's."""
        name = request.match_info["path"]
        return file(CONSOLE, name) if name == "vendor.js" else file(FOLDER, name)

    async def about(self, request: web.Request) -> web.Response:
        cast = CAST[self._settings.country]
        found = {"clinic": self._settings.clinic_name, "ours": self._twilio.account.number, "patient": cast.patient, "staff": cast.staff}
        return web.json_response(found, headers={"Cache-Control": "no-store"})

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events: what the phones in `?number=` show, at first and with every change."""
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
            raise ForeignOrigin
        numbers = request.query.getall("number", [])[:4]
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        await response.prepare(request)
        changed = self._twilio.hub.watch()
        try:
            while not self._closing:
                changed.clear()
                shown = {"phones": [phone_json(self._twilio, number) for number in numbers], "faults": faults_json(self._twilio.faults)}
                await response.write(f"data: {json.dumps(shown)}\n\n".encode())
                while not self._closing and not changed.is_set():
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(changed.wait(), BEAT)
                        break
                    await response.write(b": here\n\n")
        except ConnectionError:
            pass
        finally:
            self._twilio.hub.unwatch(changed)
        return response

    async def text(self, request: web.Request) -> web.Response:
        check_own_origin(request, self._settings)
        given: SendText = await read_body(request, SendText)
        if not given.body.strip() and not given.media:
            raise EmptyMessage
        answer = await self._twilio.text_in(given.number, given.body, media=given.media)
        return web.json_response({"status": answer.status})

    async def call(self, request: web.Request) -> web.Response:
        check_own_origin(request, self._settings)
        given: Act = await read_body(request, Act)
        call = next((call for call in self._twilio.calls if call.sid == given.call), None)
        if call is None or not isinstance(call.party, Handset):
            raise NotFound
        self._act(call, call.party, given)
        self._twilio.hub.change()
        return web.json_response({"state": call.state})

    async def faults(self, request: web.Request) -> web.Response:
        check_own_origin(request, self._settings)
        given: SetFaults = await read_body(request, SetFaults)
        set_faults(self._twilio, **given.model_dump())
        return web.json_response(faults_json(self._twilio.faults))

    async def close(self, _: web.Application) -> None:
        """The streams end, so that the service can."""
        self._closing = True
        self._twilio.hub.change()

    def _act(self, call: Call, party: Handset, given: Act) -> None:
        if given.act == "press":
            if given.key not in KEYS or not given.key:
                raise BadInput("A key is one of 0-9, * and #.")
            call.digits.put_nowait(given.key)
        elif given.act == "hang_up":
            self._twilio.exchange.end(call, "completed")
        else:
            party.choose(Pickup.BUSY if given.act == "decline" else Pickup.ANSWERED, mailbox=given.act == "mailbox")
