"""`POST /twilio/voice/…`: what phones are told next, and what becomes of calls. Signature first; our ids are in the URL it covers.

Whoever asks about a call that is over, of an older attempt, or that we do not know is told to hang up. Twilio says things twice, late
and in any order: each has its effect once, in the transaction that notes it, and the answer is made from what is stored.
Sources: Twilio, "TwiML for Programmable Voice" (request parameters) and "Call status events".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aiohttp import web

from handoff.channels import voice
from handoff.desk import call_hooks
from handoff.desk.call_hooks import Told
from handoff.desk.work import Desk, Work
from handoff.errors import BadSignature, StoreUnavailable
from handoff.http.api import Handler, Route
from handoff.http.signed import Signed, read_signed


def routes(desk: Desk) -> list[Route]:
    def asks(hook: Callable[[Work, Told], str]) -> Handler:
        """A request for TwiML."""

        async def answer(request: web.Request, body: Any) -> web.Response:
            told = _told(await _signed(request))
            return _twiml(voice.hang_up() if told is None else await desk.do(hook, told))

        return answer

    async def _signed(request: web.Request) -> Signed:
        account = desk.house.account
        if account is None:
            raise BadSignature
        return await read_signed(request, account)

    async def status(request: web.Request, body: Any) -> web.Response:
        told = _told(await _signed(request))
        if told is not None:
            await desk.do(call_hooks.reported, told)
        return web.Response(status=204)

    table = {
        voice.STAFF_PATH: (asks(call_hooks.staff_picked_up), "A member of staff picked up: what they hear."),
        voice.DIGIT_PATH: (asks(call_hooks.staff_pressed), "A member of staff pressed a key."),
        voice.PATIENT_PATH: (asks(call_hooks.patient_picked_up), "A patient, or a machine, picked up: what they hear."),
        voice.STATUS_PATH: (status, "The phone provider tells what becomes of a call."),
    }
    errors = (BadSignature, StoreUnavailable)
    return [Route("POST", path, handler, "signed", summary, errors=errors) for path, (handler, summary) in table.items()]


def _told(signed: Signed) -> Told | None:
    """None where it can be about none of our calls."""
    fields, query = signed.fields, signed.query
    call, callback, attempt, sid = query.get("call", ""), query.get("callback", ""), query.get("attempt", ""), fields.get("CallSid", "")
    if not (call and callback and sid and attempt.isascii() and attempt.isdigit() and len(attempt) < 4):
        return None
    return Told(
        call=call[:64],
        callback=callback[:64],
        attempt=int(attempt),
        sid=sid[:64],
        status=fields.get("CallStatus", "")[:32],
        sequence=fields.get("SequenceNumber", "")[:16],
        answered_by=fields.get("AnsweredBy", "")[:32],
        digits=fields.get("Digits", "")[:8],
        again=query.get("again") == "1",
    )


def _twiml(document: str) -> web.Response:
    return web.Response(text=document, content_type="text/xml", charset="utf-8")
