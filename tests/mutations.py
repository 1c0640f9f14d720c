"""Small changes of a good webhook. But for those that sign the same, each must be refused."""

from __future__ import annotations

import base64
import hashlib
import hmac
import random
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode

from tests.twilio import TOKEN
from tests.webhooks import PUBLIC, Request


def _fields(request: Request) -> dict[str, str]:
    return dict(parse_qsl(request.body.decode(), keep_blank_values=True))


def _flip(rng: random.Random, request: Request) -> Request:
    """One sign of the body becomes another."""
    at = rng.randrange(len(request.body))
    other = rng.choice([sign for sign in b"abcXYZ019+%=&.-_~" if sign != request.body[at]])
    return replace(request, body=request.body[:at] + bytes([other]) + request.body[at + 1 :])


def _cut(rng: random.Random, request: Request) -> Request:
    return replace(request, body=request.body[: rng.randrange(len(request.body))])


def _insert(rng: random.Random, request: Request) -> Request:
    at = rng.randrange(len(request.body))
    return replace(request, body=request.body[:at] + rng.choice([b"\x00", b"%00", b"x", b"%ff", b"&&", b"=", b"\xf0"]) + request.body[at:])


def _swap_values(rng: random.Random, request: Request) -> Request:
    fields = _fields(request)
    one, other = rng.sample([name for name, value in fields.items() if value], 2)
    return replace(request, body=urlencode({**fields, one: fields[other], other: fields[one]}).encode())


def _drop_field(rng: random.Random, request: Request) -> Request:
    fields = _fields(request)
    del fields[rng.choice(list(fields))]
    return replace(request, body=urlencode(fields).encode())


def _add_field(rng: random.Random, request: Request) -> Request:
    name = rng.choice(["MediaUrl0", "Body", "OptOutType", "zz", "AccountSid", ""])
    return replace(request, body=request.body + f"&{name}={rng.randrange(10**6)}".encode())


def _bend_signature(rng: random.Random, request: Request) -> Request:
    signature = bytearray(base64.b64decode(request.headers["X-Twilio-Signature"]))
    signature[rng.randrange(len(signature))] ^= 1 << rng.randrange(8)
    return replace(request, headers={**request.headers, "X-Twilio-Signature": base64.b64encode(bytes(signature)).decode()})


def _bend_path(rng: random.Random, request: Request) -> Request:
    more = rng.choice(["a", "bodySHA256=" + "0" * 64, "a=%00", "=&", "m=1", "again=1", "call=1"]) + str(rng.randrange(99))
    return replace(request, path=request.path + ("&" if "?" in request.path else "?") + more)


def _bend_query(rng: random.Random, request: Request) -> Request:
    """One sign of our own query becomes another; of a path without one, there is one more."""
    path, _, query = request.path.partition("?")
    at = rng.randrange(len(query) + 1)
    return replace(request, path=f"{path}?{query[:at]}{rng.choice('abc019-_=&')}{query[at + 1 :]}")


def _bend_type(rng: random.Random, request: Request) -> Request:
    kind = rng.choice(
        ["application/json", "text/plain", "multipart/form-data", "application/x-www-form-urlencode", "*/*", "application/xml"]
    )
    return replace(request, headers={**request.headers, "Content-Type": f"{kind}; v={rng.randrange(99)}"})


MUTATIONS: tuple[Callable[[random.Random, Request], Request], ...] = (
    *(_flip, _cut, _insert, _swap_values, _drop_field, _add_field, _bend_signature, _bend_path, _bend_query, _bend_type),
)  # fmt: skip


def signs_the_same(request: Request, good: Request) -> bool:
    """By a way of our own: what Twilio's scheme signs, names and values sorted and joined."""
    if request.path != good.path or not request.headers["Content-Type"].startswith("application/x-www-form-urlencoded"):
        return False
    pairs = sorted(set(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True)))
    whole = (PUBLIC + request.path + "".join(name + value for name, value in pairs)).encode()
    made = base64.b64encode(hmac.new(TOKEN.encode(), whole, hashlib.sha1).digest()).decode()
    return made == request.headers["X-Twilio-Signature"]
