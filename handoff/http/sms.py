"""`POST /twilio/sms`: a patient's text. Stored before it is answered; what follows from it is done after."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from handoff.account import Account
from handoff.channels.sms import read_text
from handoff.desk import texts_in
from handoff.desk.work import Desk
from handoff.errors import BadSignature, StoreUnavailable
from handoff.http.api import Route
from handoff.http.signed import read_signed

NOTHING = "<Response/>"  # TwiML that says nothing: what we say leaves through the ledger


def routes(desk: Desk, account: Account | None) -> list[Route]:
    """None where there is no provider."""
    if account is None:
        return []

    async def take_in(request: web.Request, body: Any) -> web.Response:
        signed = await read_signed(request, account)
        await desk.do(texts_in.take_in, read_text(signed.fields, account))
        return web.Response(text=NOTHING, content_type="text/xml")

    return [
        Route("POST", "/twilio/sms", take_in, "signed", "A text came in; signed by Twilio.", errors=(BadSignature, StoreUnavailable)),
    ]
