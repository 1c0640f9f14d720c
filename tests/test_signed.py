"""The guard of every webhook: real shapes pass, and whatever is forged, broken or another's is 403, with no row and no 500."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import hashlib
import json
import random
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from sqlalchemy import func, select
from twilio.request_validator import RequestValidator

from handoff.settings import Settings
from handoff.store import tables as t
from tests.fakes import FakeClock
from tests.mutations import MUTATIONS, signs_the_same
from tests.service import Node
from tests.twilio import ANA, OURS, SID, TOKEN
from tests.webhooks import FORM, PUBLIC, Request, guarded, post, signed

TEXT_SID = "SM" + "a1" * 16
ROWS = (t.conversation, t.message, t.inbound_text, t.phone_number, t.opt_out, t.outbound_text, t.audit)

SMS: dict[str, str] = {
    "ToCountry": "US", "ToState": "", "SmsMessageSid": TEXT_SID, "NumMedia": "0", "ToCity": "", "FromZip": "", "SmsSid": TEXT_SID,
    "FromState": "", "SmsStatus": "received", "FromCity": "", "Body": "The nurse was kind, 10/10 & more + 100%", "FromCountry": "US",
    "To": OURS, "ToZip": "", "NumSegments": "1", "MessageSid": TEXT_SID, "AccountSid": SID, "From": ANA, "ApiVersion": "2010-04-01",
}  # fmt: skip
MEDIA = f"https://api.twilio.com/2010-04-01/Accounts/{SID}/Messages/MM{'b2' * 16}/Media/ME{'c3' * 16}"


def signed_json(fields: Any, *, token: str = TOKEN) -> Request:
    body = json.dumps(fields).encode()
    path = f"/twilio/sms?bodySHA256={hashlib.sha256(body).hexdigest()}"
    signature = RequestValidator(token).compute_signature(PUBLIC + path, {})
    return Request(path, body, {"X-Twilio-Signature": signature, "Content-Type": "application/json"})


def without(name: str) -> dict[str, str]:
    return {key: value for key, value in SMS.items() if key != name}


REAL: dict[str, Request] = {
    "a text": signed(SMS),
    "blanks at its ends": signed({**SMS, "Body": "  so so  "}),
    "a text with signs of other scripts": signed({**SMS, "Body": "¿Qué tal? 很好 👍🏽 \u200f"}),
    "a blank text": signed({**SMS, "Body": ""}),
    "a picture": signed({**SMS, "Body": "", "NumMedia": "1", "MediaContentType0": "image/jpeg", "MediaUrl0": MEDIA}),
    "a picture with words": signed({**SMS, "NumMedia": "1", "MediaContentType0": "image/jpeg", "MediaUrl0": MEDIA}),
    "an MMS sid": signed({**SMS, "MessageSid": "MM" + "d4" * 16}),
    "of a messaging service": signed({**SMS, "MessagingServiceSid": "MG" + "e5" * 16, "OptOutType": "STOP", "Body": "STOP"}),
    "with parameters that nobody knows yet": signed({**SMS, "ChannelMetadata": '{"type":"sms"}', "Zeta": "", "A.b[0]": "1"}),
    "as JSON": signed_json(SMS),
    "with our own query": signed(SMS, path="/twilio/sms?a=1&b=%2F"),
    "WhatsApp's sender": signed({**SMS, "From": f"whatsapp:{ANA}", "ProfileName": "Ana", "WaId": ANA[1:]}),
    "a short code's sender": signed({**SMS, "From": "22000"}),
    "signed with the default port": signed(SMS, url=PUBLIC + ":443"),
    "with an idempotency token": replace(signed(SMS), headers={**signed(SMS).headers, "I-Twilio-Idempotency-Token": "f6" * 16}),
}

GOOD = signed(SMS)


def changed(**fields: str) -> Request:
    """The body is another than was signed."""
    return replace(GOOD, body=urlencode({**SMS, **fields}).encode())


def headed(**headers: str | None) -> Request:
    kept = {**GOOD.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return replace(GOOD, headers={name: value for name, value in kept.items() if value is not None})


JSON_GOOD = signed_json(SMS)
FORGERIES: dict[str, Request] = {
    "no signature": headed(X_Twilio_Signature=None),
    "an empty signature": headed(X_Twilio_Signature=""),
    "another's signature": headed(X_Twilio_Signature="0/KCTR6DLpKmkAf8muzZqo1nDgQ="),
    "a signature cut short": headed(X_Twilio_Signature=GOOD.headers["X-Twilio-Signature"][:-2]),
    "a signature of no base64": headed(X_Twilio_Signature="!!!"),
    "a signature of other letters": headed(X_Twilio_Signature="ñ" * 28),
    "a very long signature": headed(X_Twilio_Signature="A" * 5000),
    "signed with an empty token": signed(SMS, token=""),
    "signed with another token": signed(SMS, token="0" * 32),
    "signed with the account's sid": signed(SMS, token=SID),
    "signed for http": signed(SMS, url=PUBLIC.replace("https", "http")),
    "signed for another host": signed(SMS, url="https://evil.example"),
    "signed for this machine": signed(SMS, url="http://127.0.0.1"),
    "a host that is ours to say": replace(
        signed(SMS, url="https://evil.example"),
        headers={**signed(SMS, url="https://evil.example").headers, "Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"},
    ),
    "signed for another path": replace(signed(SMS, path="/twilio/status"), path="/twilio/sms"),
    "its escapes written otherwise": replace(signed(SMS, path="/twilio/sms?b=%2F"), path="/twilio/sms?b=/"),
    "a query that was not signed": replace(GOOD, path="/twilio/sms?x=1"),
    "its query in another order": replace(signed(SMS, path="/twilio/sms?a=1&b=2"), path="/twilio/sms?b=2&a=1"),
    "other words": changed(Body="I want to be called back"),
    "another sender": changed(From="+12025550199"),
    "a field more": changed(Extra="1"),
    "a field less": replace(GOOD, body=urlencode(without("Body")).encode()),
    "blanks left out": replace(GOOD, body=urlencode({k: v for k, v in SMS.items() if v}).encode() + b"&ToState=x"),
    "no body": replace(GOOD, body=b""),
    "a body of no form": replace(GOOD, body=b"\xff\xfe\x00"),
    "another account's": signed({**SMS, "AccountSid": "AC" + "6" * 32}),
    "no account": signed(without("AccountSid")),
    "to a number of somebody else's": signed({**SMS, "To": "+15550100999"}),
    "to a WhatsApp address": signed({**SMS, "To": f"whatsapp:{OURS}", "From": f"whatsapp:{ANA}"}),
    "no sid": signed(without("MessageSid")),
    "a sid of no sid's form": signed({**SMS, "MessageSid": "SM1' OR 1=1"}),
    "no sender": signed(without("From")),
    "JSON without its hash": replace(JSON_GOOD, path="/twilio/sms", headers={**JSON_GOOD.headers, "X-Twilio-Signature": RequestValidator(TOKEN).compute_signature(PUBLIC + "/twilio/sms", {})}),
    "JSON whose body is another": replace(JSON_GOOD, body=JSON_GOOD.body.replace(b"kind", b"rude")),
    "JSON that is a list": signed_json([SMS]),
    "JSON of wrong types": signed_json({**SMS, "From": {"a": 1}, "AccountSid": [SID]}),
    "JSON nested without end": replace(JSON_GOOD, body=b"[" * 60_000),
    "JSON that calls itself a form": replace(JSON_GOOD, headers={**JSON_GOOD.headers, "Content-Type": FORM}),
    "a form that calls itself JSON": headed(Content_Type="application/json"),
    "a form of parts": headed(Content_Type="multipart/form-data; boundary=x"),
    "no content type": headed(Content_Type="application/octet-stream"),
    "a body that is too large": replace(GOOD, body=GOOD.body + b"&x=" + b"y" * 100_000),
    "fields without number": replace(GOOD, body=b"&".join(b"a=1" for _ in range(5000))),
    "names cut elsewhere, which signs the same": replace(GOOD, body=urlencode({**without("MessageSid"), "MessageSi": "d" + TEXT_SID}).encode()),
}  # fmt: skip


@pytest.fixture
async def node(settings: Settings, clock: FakeClock) -> AsyncIterator[Node]:
    """On both databases."""
    async with guarded(settings, clock) as running:
        yield running


async def rows(node: Node) -> dict[str, int]:
    def count_all(db: Any) -> dict[str, int]:
        return {table.name: db.execute(select(func.count()).select_from(table)).scalar_one() for table in ROWS}

    return await node.service.store.read(count_all)


async def test_real_webhooks_of_every_shape_are_taken_in(node: Node) -> None:
    packed = replace(GOOD, body=gzip.compress(GOOD.body), headers={**GOOD.headers, "Content-Encoding": "gzip"})
    for number, (shape, request) in enumerate([*REAL.items(), ("a body that was packed", packed)]):
        assert await post(node, request) == 200, (number, shape)


async def test_forgeries_are_refused_and_leave_nothing(node: Node) -> None:
    assert len(FORGERIES) >= 30
    for name, request in FORGERIES.items():
        assert await post(node, request) == 403, name
    two_signatures = [*GOOD.headers.items(), ("X-Twilio-Signature", "x")]
    async with aiohttp.ClientSession(node.url) as http, http.post("/twilio/sms", data=GOOD.body, headers=two_signatures) as answer:
        assert answer.status == 403
    with contextlib.suppress(aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):  # the connection ends with a body packed badly
        assert await post(node, headed(Content_Encoding="gzip")) == 403
    assert set((await rows(node)).values()) == {0}


async def test_a_thousand_mutations_are_refused(node: Node) -> None:
    rng = random.Random(20261126)
    seen = 0
    while seen < 1000:
        mutated = rng.choice(MUTATIONS)(rng, GOOD)
        if signs_the_same(mutated, GOOD):
            continue
        seen += 1
        assert await post(node, mutated) == 403, (seen, mutated)
    assert set((await rows(node)).values()) == {0}
    assert await post(node, GOOD) == 200  # and the good one is good


def test_the_golden_vector() -> None:
    """Twilio's own example ("Webhooks security"): token, URL, parameters, signature."""
    fields = {"CallSid": "CA1234567890ABCDE", "Caller": "+12349013030", "Digits": "1234", "From": "+12349013030", "To": "+18005551212"}
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert RequestValidator("12345").compute_signature(url, fields) == "0/KCTR6DLpKmkAf8muzZqo1nDgQ="


async def test_2000_webhooks_doubled_reordered_delayed_and_replayed_have_one_effect_each(node: Node, clock: FakeClock) -> None:
    rng = random.Random(7)
    numbers = [f"+1202555{number:04d}" for number in range(40)]
    texts = [(f"SM{number:032x}", rng.choice(numbers), f"text number {number}") for number in range(500)]
    texts += [(f"SM{number:032x}", numbers[number % 40], "STOP") for number in range(500, 520)]
    said = 2000 if node.service.store.dialect == "sqlite" else 1000
    deliveries = [texts[index % len(texts)] for index in range(said)]
    rng.shuffle(deliveries)

    async def deliver(sid: str, sender: str, body: str) -> int:
        request = signed({**SMS, "MessageSid": sid, "SmsSid": sid, "From": sender, "Body": body})
        return await post(node, request)

    for start in range(0, said, 100):  # a hundred at once, an hour between some of them
        assert set(await asyncio.gather(*(deliver(*one) for one in deliveries[start : start + 100]))) == {200}
        clock.forward(minutes=rng.choice([0, 0, 1, 60]))
    clock.forward(days=30)
    await asyncio.gather(*(deliver(*one) for one in texts[:50]))  # a captured request again, a month later
    found = await rows(node)
    assert (found["inbound_text"], found["phone_number"], found["conversation"]) == (520, 40, 40)
    written = await node.service.store.read(
        lambda db: db.execute(select(t.message.c.client_id, t.message.c.text).where(t.message.c.author == "patient")).all()
    )
    assert sorted((row.client_id, row.text) for row in written) == sorted((sid, body) for sid, _, body in texts)
    assert found["opt_out"] == 20
    gaps = await node.service.store.read(_gaps)
    assert gaps == []


def _gaps(db: Any) -> list[str]:
    m = t.message.c
    spans = db.execute(select(m.conversation, func.count().label("n"), func.max(m.seq).label("last")).group_by(m.conversation))
    return [row.conversation for row in spans if row.n != row.last]
