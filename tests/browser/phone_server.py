"""The phone on the screen with a clinic that only listens: it takes every text and answers calls with the documents it was given."""

from __future__ import annotations

from pathlib import Path

from aiohttp import web
from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

from handoff.account import account_of
from handoff.clock import RandomIds, SystemClock
from handoff.http import pages
from handoff.http.guard import answer_errors, set_headers
from handoff.http.signed import read_signed
from handoff.phone import TwilioPhone
from handoff.settings import load
from handoff.simulator import screen
from handoff.simulator.cast import CAST
from tests.service import free_port

WHISPER = "A call for Elm Street Clinic. Press 1 to accept."
GREETING = "This is Elm Street Clinic. You asked us to call. Press 1 to speak with us now."


class PhoneServer:
    """`texts`: what the clinic was told. `ana`, `nora`: the numbers of the patient's and of the staff phone."""

    def __init__(self, data_dir: Path) -> None:
        self.settings = load(port=free_port(), data_dir=data_dir, clinic_name="Elm Street Clinic")
        account = account_of(self.settings, "secret")
        assert account is not None
        self.account, self.url = account, self.settings.url
        self.ana, self.nora = CAST["US"].patient, CAST["US"].staff
        self.texts: list[str] = []
        self.keys: list[str] = []
        self.refuses = 0
        app = web.Application(middlewares=[answer_errors()])
        app.on_response_prepare.append(set_headers(self.settings))
        app.router.add_post("/twilio/{path}", self._hear)
        pages.add_pages(app, self.settings, framed=True)
        self.twilio = screen.mount(app, account, self.settings, clock=SystemClock(), ids=RandomIds())
        self.phone = TwilioPhone(account)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)

    async def __aenter__(self) -> PhoneServer:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.settings.port).start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.phone.close()
        await self._runner.cleanup()

    async def text(self, body: str) -> None:
        """The clinic texts Ana."""
        await self.phone.send_text(to=self.ana, sender=self.account.number, body=body, status_url=f"{self.url}/twilio/status")

    async def call(self, to: str, path: str, *, ring: int = 60) -> str:
        """The clinic rings a phone."""
        url = f"{self.url}/twilio/{path}"
        return (
            await self.phone.place_call(to=to, sender=self.account.number, url=url, status_url=f"{self.url}/twilio/call", ring=ring)
        ).sid

    async def _hear(self, request: web.Request) -> web.Response:
        signed = await read_signed(request, self.account)
        what = request.match_info["path"]
        if what == "sms":
            if self.refuses:
                return web.Response(status=self.refuses)
            self.texts.append(signed.fields["Body"] or f"[{signed.fields['NumMedia']} picture]")
        if "Digits" in signed.fields:
            self.keys.append(signed.fields["Digits"])
        return web.Response(text=str(self._document(what)), content_type="text/xml")

    def _document(self, what: str) -> VoiceResponse:
        response = VoiceResponse()
        if what in ("staff", "patient"):
            gather = Gather(num_digits=1, timeout=60, action=f"/twilio/{what}-pressed")
            gather.say(WHISPER if what == "staff" else GREETING)
            response.append(gather)
        elif what == "staff-pressed":
            dial = Dial(timeout=60)
            dial.number(self.ana, url="/twilio/patient")
            response.append(dial)
        return response
