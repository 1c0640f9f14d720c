"""`POST /twilio/status`: what became of a text, as the provider tells it. Once, twice, late or in any order: it does no harm.

The URL carries our id of the text (`m`) and the attempt (`n`), so a callback that is faster than the answer to the creation proves
that and brings the sid. Source: Twilio, "Track the message status of outbound messages".
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from handoff.desk import deliveries
from handoff.desk.work import Desk
from handoff.errors import BadSignature
from handoff.http.api import Route
from handoff.http.signed import read_signed
from handoff.texting import STATUS_PATH


def routes(desk: Desk) -> list[Route]:
    async def take_status(request: web.Request, body: Any) -> web.Response:
        account = desk.house.account
        if account is None:
            raise BadSignature
        signed = await read_signed(request, account)
        fields, query = signed.fields, signed.query
        sid, status = fields.get("MessageSid", ""), fields.get("MessageStatus") or fields.get("SmsStatus", "")
        if sid and status:
            await desk.do(
                deliveries.reported,
                query.get("m"),
                _number(query.get("n")) or 0,
                sid,
                status,
                _number(fields.get("ErrorCode")),
                _moment(fields.get("RawDlrDoneDate")),
            )
        return web.Response(status=204)

    return [Route("POST", STATUS_PATH, take_status, "signed", "The phone provider tells what became of a text.", errors=(BadSignature,))]


def _number(given: str | None) -> int | None:
    return int(given) if given is not None and given.isascii() and given.isdigit() and len(given) < 10 else None


def _moment(given: str | None) -> datetime | None:
    """When the carrier was done with it: `2611231415`, year to minute, in UTC."""
    try:
        return datetime.strptime(given or "", "%y%m%d%H%M").replace(tzinfo=UTC)
    except ValueError:
        return None
