"""What Twilio sends us: signature first, then the account and the number, then the form with its blanks kept.

The signature covers the URL as Twilio knows it, which is HEARD_PUBLIC_URL and never what `Host` says; a JSON body is covered by
`bodySHA256` in the query. Source: Twilio, "Webhooks security", and the validator of its Python library.
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


@dataclass(frozen=True)
class Signed:
    """A request that is Twilio's and ours: the fields of its body, and those of our own URL (`query`)."""

    fields: dict[str, str]
    query: dict[str, str]


async def read_signed(request: web.Request, account: Account) -> Signed:
    """The fields of a webhook. Raises `BadSignature` for whatever is missing, wrong, or meant for another account."""
    signature = request.headers.get("X-Twilio-Signature", "")
    body = await request.read()
    url = account.public_url + request.raw_path
    validator = RequestValidator(account.token)
    if request.content_type == "application/json":
        if "bodySHA256" not in request.query or not _holds(validator, url, body.decode("utf-8", "replace"), signature):
            raise BadSignature
        fields = _json_fields(body)
    else:
        form = _form(body)
        if not _holds(validator, url, form, signature):
            raise BadSignature
        fields = {name: form[name] for name in form}
    if fields.get("AccountSid") != account.sid:
        raise BadSignature
    return Signed(fields, dict(request.query))


def _holds(validator: RequestValidator, url: str, params: Any, signature: str) -> bool:
    """The library's own check; what makes it stumble is no signature of Twilio's."""
    try:
        return bool(signature) and validator.validate(url, params, signature)
    except (TypeError, ValueError, AttributeError):
        return False


def _form(body: bytes) -> MultiDict[str]:
    try:
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, strict_parsing=bool(body), max_num_fields=MAX_FIELDS)
    except ValueError:
        raise BadSignature from None
    return MultiDict(pairs)


def _json_fields(body: bytes) -> dict[str, str]:
    try:
        found = json.loads(body)
    except ValueError:
        raise BadSignature from None
    if not isinstance(found, dict):
        raise BadSignature
    return {str(name): value for name, value in found.items() if isinstance(value, str)}
