"""The consent ledger: what it allows, and that staff, patients and providers all write into the same one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from handoff.channels.sms import TextIn
from handoff.consent import NEEDED, Consent, How, Purpose, may, may_text
from handoff.desk import consents, staff, texts_in
from handoff.desk.leaving import USEFUL
from handoff.desk.thread import new_thread
from handoff.desk.work import Desk, Work
from handoff.errors import BadInput
from handoff.staff import accounts
from handoff.staff.access import Person, Role
from handoff.store import tables as t
from tests.fakes import MONDAY, FakeClock

ANA, OURS = "+12025550101", "+15550100100"
P = Purpose


def entry(channel: str, purpose: Purpose, given: bool, hours: int = 0) -> Consent:
    return Consent(channel, purpose, given, "v1", How.STAFF, "patient", MONDAY + timedelta(hours=hours))


@pytest.mark.parametrize(
    ("ledger", "channel", "purpose", "allowed"),
    [
        ([], "sms", P.REPLY, False),
        ([], "sms", P.AUTOMATED, False),
        ([], "sms", P.SAFETY, False),
        ([], "voice", P.CALLBACK, False),
        ([], "voice", P.SAFETY, True),
        ([], "web", P.REPLY, True),
        ([entry("sms", P.REPLY, True)], "sms", P.REPLY, True),
        ([entry("sms", P.REPLY, True)], "sms", P.AUTOMATED, False),
        ([entry("sms", P.REPLY, True), entry("sms", P.REPLY, False, 1)], "sms", P.REPLY, False),
        ([entry("sms", P.REPLY, False), entry("sms", P.REPLY, True, 1)], "sms", P.REPLY, True),
        ([entry("voice", P.CALLBACK, True), *(entry("sms", purpose, False, 1) for purpose in P)], "voice", P.CALLBACK, True),
        ([entry("voice", P.SAFETY, False)], "voice", P.SAFETY, False),
    ],
)
def test_what_a_ledger_allows(ledger: list[Consent], channel: str, purpose: Purpose, allowed: bool) -> None:
    assert may(ledger, channel, purpose) is allowed


def test_every_kind_of_text_needs_a_consent_or_says_that_it_needs_none() -> None:
    assert set(NEEDED) == set(USEFUL)
    assert {purpose for purpose in NEEDED if may_text([], purpose)} == {"code", "notice", "page", "on_call"}


@pytest.mark.parametrize(
    ("ledger", "may_go"),
    [
        ([entry("sms", P.REPLY, True)], {"reply", "staff"}),
        ([entry("sms", P.SAFETY, True)], {"safety"}),
        ([entry("sms", P.AUTOMATED, True)], set()),
        ([entry("voice", P.CALLBACK, True)], {"callback"}),
        ([entry("voice", P.CALLBACK, True), entry("voice", P.CALLBACK, False, 1)], set()),
        ([entry("web", P.REPLY, True)], set()),
    ],
)
def test_which_texts_a_consent_lets_go(ledger: list[Consent], may_go: set[str]) -> None:
    assert {purpose for purpose in NEEDED if may_text(ledger, purpose)} == may_go | {"code", "notice", "page", "on_call"}


def text(number: int, body: str) -> TextIn:
    return TextIn(f"SM{number:032x}", ANA, OURS, body)


async def conversation_of_ana(desk: Desk) -> str:
    return await desk.look(lambda db: db.execute(select(t.phone_number.c.conversation)).scalar_one())


async def test_whoever_texts_first_has_consented_to_replies_and_nothing_else(desk: Desk) -> None:
    await desk.do(texts_in.take_in, text(1, "hello"))
    ledger = await desk.look(consents.ledger, await conversation_of_ana(desk))
    assert [may(ledger, "sms", purpose) for purpose in (P.REPLY, P.SAFETY, P.AUTOMATED, P.CALLBACK)] == [True, True, False, False]
    assert {one.how for one in ledger} == {How.WROTE_FIRST}


async def test_stop_and_start_are_entries_and_nothing_is_overwritten(desk: Desk) -> None:
    for number, body in enumerate(("hello", "STOP", "START"), 1):
        await desk.do(texts_in.take_in, text(number, body))
    ledger = await desk.look(consents.ledger, await conversation_of_ana(desk))
    assert [(one.given, one.how) for one in ledger if one.purpose is P.REPLY] == [
        (True, How.WROTE_FIRST),
        (False, How.KEYWORD),
        (True, How.KEYWORD),
    ]


async def test_staff_note_that_a_patient_wants_no_more_texts(desk: Desk) -> None:
    nora = Person(await desk.do(accounts.add, email="nora@clinic.example", name="Nora", role=Role.SUPERVISOR), "Nora", Role.SUPERVISOR)
    await desk.do(texts_in.take_in, text(1, "hello"))
    conversation = await conversation_of_ana(desk)
    for _ in range(2):  # twice is once
        item = await desk.do(staff.stop_texts, nora, conversation)
        assert (item["texts"], item["state"]) == ("stopped", "closed")
    ledger = await desk.look(consents.ledger, conversation)
    assert not any(may(ledger, "sms", purpose) for purpose in P)
    assert {one.who for one in ledger if one.how is How.STAFF} == {f"staff:{nora.id}"}
    acts = await desk.look(lambda db: [row.act for row in db.execute(select(t.audit.c.act)).all()])
    assert acts.count("stopped_texts") == 1


async def test_there_is_nothing_to_stop_for_whoever_never_texted(desk: Desk) -> None:
    nora = Person(await desk.do(accounts.add, email="nora@clinic.example", name="Nora", role=Role.SUPERVISOR), "Nora", Role.SUPERVISOR)

    def web_chat(work: Work) -> str:
        return new_thread(work, channel="web", locale="en", survey="fft").id

    with pytest.raises(BadInput):
        await desk.do(staff.stop_texts, nora, await desk.do(web_chat))


def test_the_wording_has_a_version() -> None:
    assert consents.wording("May we text you?") == consents.wording("May we text you?")
    assert consents.wording("May we text you?") != consents.wording("May we text you? ")


async def test_the_newest_word_counts_even_where_the_clock_was_put_back(desk: Desk, clock: FakeClock) -> None:
    conversation = await desk.do(lambda work: new_thread(work, channel="web", locale="en", survey="fft").id)
    await desk.do(lambda work: consents.record(work, conversation, "sms", [P.REPLY], given=True, how=How.STAFF, who="patient"))
    clock.forward(minutes=-40)
    await desk.do(lambda work: consents.record(work, conversation, "sms", [P.REPLY], given=False, how=How.STAFF, who="patient"))
    assert not may(await desk.look(consents.ledger, conversation), "sms", P.REPLY)
