"""The look-alike as Twilio's own client sees it, and as a webhook of ours sees it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from handoff.phone import Refused, TwilioPhone, Uncertain
from handoff.simulator.faults import EVERYONE, Callbacks, Failure
from tests.fakes import MONDAY
from tests.simulator.our_side import OurSide
from tests.twilio import ANA, BEN, OURS, Line


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    async with Line() as running:
        yield running


@pytest.fixture
async def ours(line: Line) -> AsyncIterator[OurSide]:
    async with OurSide(line) as side:
        yield side


@pytest.fixture
async def phone(line: Line) -> AsyncIterator[TwilioPhone]:
    client = TwilioPhone(line.twilio.account, total=5)
    yield client
    await client.close()


def sending(line: Line, to: str = ANA, body: str = "Hello", sender: str = OURS) -> dict[str, Any]:
    return {"to": to, "sender": sender, "body": body, "status_url": f"{line.twilio.account.public_url}/twilio/status?m=1"}


async def test_a_text_is_created_carried_and_told_of(line: Line, ours: OurSide, phone: TwilioPhone) -> None:
    created = await phone.send_text(**sending(line))
    assert created.sid.startswith("SM")
    assert len(created.sid) == 34
    await line.twilio.settled()
    assert line.twilio.received_by(ANA) == ["Hello"]
    told = [(path, signed.fields["MessageStatus"], signed.query) for path, signed in ours.heard]
    assert told == [("/twilio/status", "sent", {"m": "1"}), ("/twilio/status", "delivered", {"m": "1"})]
    found = await phone.text(created.sid)
    assert (found.state, found.body, found.direction, found.at) == ("delivered", "Hello", "outbound-api", MONDAY)


async def test_a_text_that_comes_in_is_signed_and_listed(line: Line, ours: OurSide, phone: TwilioPhone) -> None:
    assert (await line.twilio.text_in(ANA, "", media=1)).status == 200
    _, signed = ours.heard[0]
    assert signed.fields["Body"] == ""
    assert signed.fields["NumMedia"] == "1"
    assert signed.fields["MediaUrl0"].startswith(f"{line.url}/2010-04-01/")
    listed = await phone.texts(to=OURS, since=MONDAY)
    assert [(text.sender, text.direction, text.media) for text in listed] == [(ANA, "inbound", 1)]


async def test_the_signature_covers_the_public_address_and_not_the_host() -> None:
    async with Line(public_url="https://feedback.clinic.example") as line, OurSide(line):
        assert (await line.twilio.text_in(ANA, "hello")).status == 200
        forged = await line.twilio.hooks.send("https://feedback.clinic.example/twilio/sms", "Body=x", {"X-Twilio-Signature": "x"})
        assert forged.status == 403


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"to": ""}, 21604),
        ({"sender": ""}, 21603),
        ({"body": ""}, 21602),
        ({"body": "x" * 1601}, 21617),
        ({"to": "+1"}, 21211),
        ({"to": "nonsense"}, 21211),
        ({"sender": "+15550100999"}, 21606),
    ],
)
async def test_what_twilio_refuses_is_refused(line: Line, phone: TwilioPhone, changed: dict[str, str], code: int) -> None:
    with pytest.raises(Refused) as refused:
        await phone.send_text(**{**sending(line), **changed})
    assert (refused.value.code, refused.value.status) == (code, 400)
    assert line.twilio.texts == []


async def test_credentials_are_checked(line: Line) -> None:
    stranger = TwilioPhone(replace(line.twilio.account, token="0" * 32))
    with pytest.raises(Refused) as refused:
        await stranger.send_text(**sending(line))
    await stranger.close()
    assert (refused.value.code, refused.value.status) == (20003, 401)


@pytest.mark.parametrize("word", ["STOP", " stop ", "Quit", "OPTOUT", "revoke"])
async def test_stop_blocks_and_start_lifts_it(line: Line, ours: OurSide, phone: TwilioPhone, word: str) -> None:
    assert (await line.twilio.text_in(ANA, word)).status == 200
    assert ours.heard[0][1].fields["OptOutType"] == "STOP"
    with pytest.raises(Refused) as refused:
        await phone.send_text(**sending(line))
    assert refused.value.code == 21610
    await phone.send_text(**sending(line, to=BEN))
    await line.twilio.text_in(ANA, "start")
    await phone.send_text(**sending(line))


async def test_stop_in_a_sentence_blocks_nothing(line: Line, ours: OurSide, phone: TwilioPhone) -> None:
    await line.twilio.text_in(ANA, "stop please")
    assert "OptOutType" not in ours.heard[0][1].fields
    await phone.send_text(**sending(line))


@pytest.mark.parametrize(
    ("failure", "created"),
    [(Failure.RESET, 0), (Failure.DROPPED, 1), (Failure.ERROR, 0), (Failure.LATE_ERROR, 1)],
)
async def test_an_answer_that_is_none_leaves_it_uncertain(line: Line, phone: TwilioPhone, failure: Failure, created: int) -> None:
    line.twilio.faults.failures.append(failure)
    with pytest.raises(Uncertain):
        await phone.send_text(**sending(line))
    assert len(await phone.texts(to=ANA, since=MONDAY)) == created


async def test_too_many_is_refused_with_a_time(line: Line, phone: TwilioPhone) -> None:
    line.twilio.faults.failures.append(Failure.BUSY)
    line.twilio.faults.retry_after = 7
    with pytest.raises(Refused) as refused:
        await phone.send_text(**sending(line))
    assert (refused.value.code, refused.value.status, refused.value.retry_after) == (20429, 429, 7)
    await phone.send_text(**sending(line))


@pytest.mark.parametrize(
    ("callbacks", "told"),
    [
        (Callbacks.TWICE, ["sent", "sent", "undelivered", "undelivered"]),
        (Callbacks.BACKWARDS, ["undelivered", "sent"]),
        (Callbacks.LOST, []),
    ],
)
async def test_callbacks_may_double_turn_or_be_lost(
    line: Line, ours: OurSide, phone: TwilioPhone, callbacks: Callbacks, told: list[str]
) -> None:
    line.twilio.faults.callbacks = callbacks
    line.twilio.faults.errors[EVERYONE] = 30003
    created = await phone.send_text(**sending(line))
    await line.twilio.settled()
    assert [signed.fields["MessageStatus"] for _, signed in ours.heard] == told
    found = await phone.text(created.sid)
    assert (found.state, found.error) == ("undelivered", 30003)
    assert line.twilio.received_by(ANA) == []


async def test_lists_come_in_pages(line: Line, phone: TwilioPhone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handoff.phone.PAGE", 3)
    for number in range(8):
        await phone.send_text(**sending(line, body=str(number)))
    assert [text.body for text in await phone.texts(to=ANA, since=MONDAY)] == [str(number) for number in reversed(range(8))]


async def test_down_and_deaf(line: Line, ours: OurSide, phone: TwilioPhone) -> None:
    line.twilio.faults.down = True
    with pytest.raises(Uncertain):
        await phone.texts(since=MONDAY)
    line.twilio.faults.down, line.twilio.faults.deaf = False, True
    assert (await line.twilio.text_in(ANA, "anybody?")).status == 0
    assert ours.heard == []
    assert [text.body for text in await phone.texts(since=MONDAY)] == ["anybody?"]
