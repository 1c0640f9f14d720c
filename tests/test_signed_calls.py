"""The guard of the webhooks about calls and about what became of texts: what is forged or bent is 403, with no row, no move and no 500."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import func, select, update

from handoff.channels import voice
from handoff.desk import calls, legs
from handoff.desk.work import Work
from handoff.settings import Settings
from handoff.staff import accounts
from handoff.staff.access import Person, Role
from handoff.store import tables as t
from handoff.texting import STATUS_PATH
from tests.fakes import FakeClock
from tests.mutations import MUTATIONS, signs_the_same
from tests.phoning import TEN_IN_NEW_YORK, ask_for_a_call
from tests.service import Node
from tests.texting import say
from tests.twilio import ANA, NORA, OURS, SID
from tests.webhooks import PUBLIC, Request, guarded, post, signed

STAFF_SID, PATIENT_SID, TEXT_SID = "CA" + "a1" * 16, "CA" + "b2" * 16, "SM" + "c3" * 16
EACH = 250  # mutations of each good request


def call_fields(sid: str, to: str, state: str, **more: str) -> dict[str, str]:
    """As Twilio sends them; blanks are kept."""
    places = {f"{who}{place}": "" for who in ("Called", "Caller", "To", "From") for place in ("City", "State", "Zip")}
    named = {"AccountSid": SID, "ApiVersion": "2010-04-01", "CallSid": sid, "CallStatus": state, "Direction": "outbound-api"}
    return {**places, **named, "Called": to, "To": to, "Caller": OURS, "From": OURS, "ToCountry": "US", "FromCountry": "US", **more}


class Phones:
    """Nora has pressed "Call now": Ana is to be rung after her. And one text to Ana waits."""

    def __init__(self, node: Node) -> None:
        self.node, self.desk = node, node.service.desk

    async def arrive(self) -> None:
        nora = await self.desk.do(_hire)
        conversation, self.callback = await self.desk.do(ask_for_a_call, ANA)
        await self.desk.do(say, conversation, "We call you now.", "staff")
        assert await self.desk.do(calls.start, nora, self.callback)
        (self.text,) = await self.desk.look(lambda db: list(db.execute(select(t.outbound_text.c.id)).scalars()))

    async def address(self, path: str, side: str) -> str:
        leg = await self.desk.look(legs.newest, self.callback, side)
        assert leg is not None
        return voice.address(self.desk.house, path, callback=self.callback, attempt=1, call=leg.id).removeprefix(PUBLIC)

    async def goods(self) -> AsyncIterator[tuple[str, Request]]:
        """What Twilio really says, in its order; each is made when the ones before it were taken in."""
        ringing = {"CallbackSource": "call-progress-events", "SequenceNumber": "1", "Timestamp": "Mon, 23 Nov 2026 15:00:00 +0000"}
        answered, pressed = call_fields(STAFF_SID, NORA, "in-progress"), {"Digits": "1", "FinishedOnKey": "", "msg": "Gather End"}
        yield "status", signed(call_fields(STAFF_SID, NORA, "ringing", **ringing), path=await self.address(voice.STATUS_PATH, "staff"))
        yield "staff", signed(answered, path=await self.address(voice.STAFF_PATH, "staff"))
        yield "gather", signed({**answered, **pressed}, path=await self.address(voice.DIGIT_PATH, "staff"))
        human = call_fields(PATIENT_SID, ANA, "in-progress", AnsweredBy="human", MachineDetectionDuration="2000")
        yield "patient", signed(human, path=await self.address(voice.PATIENT_PATH, "patient"))
        sent = {"SmsSid": TEXT_SID, "MessageSid": TEXT_SID, "SmsStatus": "sent", "MessageStatus": "sent", "To": ANA, "From": OURS}
        sent |= {"AccountSid": SID, "ApiVersion": "2010-04-01", "ErrorCode": "", "RawDlrDoneDate": "2611231500"}
        yield "text", signed(sent, path=f"{STATUS_PATH}?m={self.text}&n=0")

    async def all(self) -> dict[str, Any]:
        """Every row that a webhook could touch."""
        return await self.desk.look(_all)


def _hire(work: Work) -> Person:
    new = accounts.add(work, email="nora@clinic.example", name="Nora", role=Role.MEMBER)
    work.db.execute(update(t.staff).where(t.staff.c.id == new).values(phone=NORA))
    return Person(new, "Nora", Role.MEMBER)


def _all(db: Any) -> dict[str, Any]:
    whole = (t.call, t.call_event, t.callback, t.promise, t.outbound_text, t.text_event)
    found: dict[str, Any] = {table.name: [tuple(row) for row in db.execute(select(table))] for table in whole}
    counted = (t.conversation, t.message, t.move, t.job, t.audit)
    return found | {table.name: db.execute(select(func.count()).select_from(table)).scalar_one() for table in counted}


@pytest.fixture
async def phones(settings: Settings, clock: FakeClock) -> AsyncIterator[Phones]:
    """On both databases."""
    clock.at = TEN_IN_NEW_YORK
    async with guarded(settings, clock) as node:
        made = Phones(node)
        await made.arrive()
        yield made


async def test_mutations_of_every_webhook_are_refused_and_the_good_one_has_its_effect(phones: Phones) -> None:
    rng = random.Random(20261126)
    seen: list[str] = []
    async for name, good in phones.goods():
        before, refused = await phones.all(), 0
        while refused < EACH:
            mutated = rng.choice(MUTATIONS)(rng, good)
            if signs_the_same(mutated, good):
                continue
            refused += 1
            assert await post(phones.node, mutated) == 403, (name, refused, mutated)
        assert await phones.all() == before, name
        assert await post(phones.node, good) in (200, 204), name
        assert await phones.all() != before, name
        seen.append(name)
    assert seen == ["status", "staff", "gather", "patient", "text"]


FOREIGN: dict[str, tuple[dict[str, str | None], int]] = {
    "another account's": ({"AccountSid": "AC" + "6" * 32}, 403),
    "no account": ({"AccountSid": None}, 403),
    "no call": ({"CallSid": None}, 200),
    "a call that is another's": ({"CallSid": "CA" + "f" * 32}, 200),
}
NOT_OURS = ("", "?call=", "?call=x&callback=y&attempt=1", "?call=%00&callback=%ff&attempt=-1", "?attempt=99999999999999999999")


async def test_what_is_signed_and_about_no_call_of_ours_changes_nothing(phones: Phones) -> None:
    goods = phones.goods()
    _, ringing = await anext(goods)
    assert await post(phones.node, ringing) == 204  # now it is known which call is Nora's
    _, good = await anext(goods)
    before = await phones.all()
    for name, (other, status) in FOREIGN.items():
        fields = {key: value for key, value in {**call_fields(STAFF_SID, NORA, "in-progress"), **other}.items() if value is not None}
        assert await post(phones.node, signed(fields, path=good.path)) == status, name
    for query in NOT_OURS:
        for path in (voice.STAFF_PATH, voice.DIGIT_PATH, voice.PATIENT_PATH, voice.STATUS_PATH):
            request = signed(call_fields(STAFF_SID, NORA, "in-progress", Digits="1"), path=path + query)
            assert await post(phones.node, request) in (200, 204), (path, query)
    assert await phones.all() == before
    assert await post(phones.node, good) == 200
    assert await phones.all() != before
