"""Webhooks for tests: signed as Twilio signs them, and a node behind a public address that takes them in while no job runs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator
from yarl import URL

from handoff.settings import Settings
from tests.fakes import FakeClock
from tests.service import Node
from tests.twilio import TOKEN, Line

PUBLIC = "https://feedback.clinic.example"
FORM = "application/x-www-form-urlencoded; charset=UTF-8"


@dataclass(frozen=True)
class Request:
    """A webhook as it is sent: signed over `the public address` and `fields`, unless a forger has changed it since."""

    path: str = "/twilio/sms"
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


def signed(fields: Mapping[str, str], *, path: str = "/twilio/sms", token: str = TOKEN, url: str = PUBLIC) -> Request:
    signature = RequestValidator(token).compute_signature(url + path, dict(fields))
    return Request(path, urlencode(fields).encode(), {"X-Twilio-Signature": signature, "Content-Type": FORM})


@asynccontextmanager
async def guarded(settings: Settings, clock: FakeClock) -> AsyncIterator[Node]:
    """Nothing but what is posted happens, and costs time: the provider is down, and no job runs."""
    url = "" if settings.database.startswith("sqlite") else settings.database
    async with Line(public_url=PUBLIC) as line, Node(settings.data_dir, twilio=line, clock=clock, database_url=url) as node:
        line.twilio.faults.down = True
        await node.service.runner.stop(drain=0)
        yield node


async def post(node: Node, request: Request) -> int:
    """The status of the answer."""
    url = URL(node.url + request.path, encoded=True)
    async with node.http.post(url, data=request.body, headers=dict(request.headers), skip_auto_headers=("Content-Type",)) as answer:
        await answer.read()
        return answer.status
