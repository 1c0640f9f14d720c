"""What Twilio sends us: signature first, then the account, then the form with its blanks kept.

The signature covers the URL as Twilio knows it, which is HEARD_PUBLIC_URL and never what `Host` says; a JSON body is covered by
`bodySHA256` in the query. Whatever is missing or broken is no request of Twilio's: 403, before anything else is looked at.
Source: Twilio, "Webhooks security", and the validator of its Python library, which stumbles over a missing signature and a JSON
body without `bodySHA256`, and lets a JSON body pass unread when it is given no parameters.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web
from multidict import MultiDict
from twilio.request_validator import RequestValidator

from handoff.account import Account
from handoff.errors import BadSignature

MAX_FIELDS = 400
FORM, JSON = "application/x-www-form-urlencoded", "application/json"


@dataclass(frozen=True)
class Signed:
    """A request that is Twilio's and ours: the fields of its body, and those of our own URL (`query`).

    A name with several values is in neither: which of them counts would be anybody's choice, since the signature sorts them.
    """

    fields: dict[str, str]
    query: dict[str, str]


async def read_signed(request: web.Request, account: Account) -> Signed:
    """The fields of a webhook. Raises `BadSignature` for whatever is missing, wrong, or meant for another account."""
    signatures = request.headers.getall("X-Twilio-Signature", [])
    if len(signatures) != 1 or not signatures[0] or request.content_type not in (FORM, JSON):
        raise BadSignature
    body = await _body(request)
    url = account.public_url + request.raw_path
    if request.content_type == JSON:
        signed = "bodySHA256" in request.query and _holds(account, url, body, signatures[0])
        fields = _json_fields(body) if signed else {}
    else:
        form = _form(body)
        signed = _holds(account, url, form, signatures[0])
        fields = _single(form)
    if not signed or fields.get("AccountSid") != account.sid:
        raise BadSignature
    return Signed(fields, _single(request.query))


async def _body(request: web.Request) -> str:
    """The body as text. One that is too large, badly packed, or no UTF-8 is not Twilio's."""
    try:
        return (await request.read()).decode("utf-8")
    except (web.HTTPException, web.RequestPayloadError, ValueError):
        raise BadSignature from None


def _holds(account: Account, url: str, params: Any, signature: str) -> bool:
    """The library's own check; what makes it stumble is no signature of Twilio's."""
    try:
        return bool(RequestValidator(account.token).validate(url, params, signature))
    except (TypeError, ValueError, AttributeError):
        return False


def _form(body: str) -> MultiDict[str]:
    try:
        return MultiDict(parse_qsl(body, keep_blank_values=True, strict_parsing=bool(body), errors="strict", max_num_fields=MAX_FIELDS))
    except ValueError:
        raise BadSignature from None


def _single(fields: Any) -> dict[str, str]:
    return {name: fields[name] for name in fields if len(fields.getall(name)) == 1}


def _json_fields(body: str) -> dict[str, str]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise BadSignature from None
    if not isinstance(found, dict):
        raise BadSignature
    return {str(name): value for name, value in found.items() if isinstance(value, str)}
