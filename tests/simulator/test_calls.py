"""Calls of the look-alike, driven by scripts on its own time: what our side is told, what the phones hear, how each call ends."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

from handoff.phone import Refused, TwilioPhone, Uncertain
from handoff.simulator.faults import Callbacks, Failure
from handoff.simulator.parties import Party, answers, declines, is_busy, is_dead, lets_ring, seems, voicemail
from tests.fakes import MONDAY
from tests.simulator.our_side import OurSide
from tests.twilio import ANA, NORA, OURS, Line

SCREEN = "This is a call for the clinic. Press 1 to accept."


def staff_document() -> str:
    """Rings Nora, who must press 1; then goes to where the outcome is told."""
    response = VoiceResponse()
    dial = Dial(action="/twilio/dialled?c=7", timeout=20, caller_id=OURS)
    dial.number(ANA, url="/twilio/screen", status_callback="/twilio/leg", status_callback_event="initiated ringing answered completed")
    response.append(dial)
    return str(response)


def screen_document() -> str:
    response = VoiceResponse()
    gather = Gather(num_digits=1, timeout=5, action="/twilio/pressed")
    gather.say(SCREEN)
    response.append(gather)
    response.hangup()
    return str(response)


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    async with Line() as running:
        yield running


@pytest.fixture
async def ours(line: Line) -> AsyncIterator[OurSide]:
    async with OurSide(line) as side:
        side.says = {
            "/twilio/voice": screen_document(),
            "/twilio/pressed": str(VoiceResponse()),
            "/twilio/dial": staff_document(),
            "/twilio/screen": screen_document(),
            "/twilio/dialled": str(VoiceResponse()),
        }
        yield side


@pytest.fixture
async def phone(line: Line) -> AsyncIterator[TwilioPhone]:
    client = TwilioPhone(line.twilio.account, total=5)
    yield client
    await client.close()


async def call(line: Line, phone: TwilioPhone, path: str = "/twilio/voice", *, to: str = NORA, detect: bool = False) -> str:
    root = line.twilio.account.public_url
    created = await phone.place_call(
        to=to, sender=OURS, url=root + path, status_url=f"{root}/twilio/call?c=7", ring=25, detect_machine=detect
    )
    return created.sid


@pytest.mark.parametrize(
    ("party", "state", "events"),
    [
        (answers("1"), "completed", ["initiated", "ringing", "in-progress", "completed"]),
        (answers(), "completed", ["initiated", "ringing", "in-progress", "completed"]),
        (answers(stays=1), "completed", ["initiated", "ringing", "in-progress", "completed"]),
        (declines(), "busy", ["initiated", "ringing", "busy"]),
        (lets_ring(), "no-answer", ["initiated", "ringing", "no-answer"]),
        (is_busy(), "busy", ["initiated", "busy"]),
        (is_dead(), "failed", ["initiated", "failed"]),
        (voicemail(), "completed", ["initiated", "ringing", "in-progress", "completed"]),
        (voicemail(after=26), "no-answer", ["initiated", "ringing", "no-answer"]),
    ],
)
async def test_each_party_ends_a_call_its_own_way(
    line: Line, ours: OurSide, phone: TwilioPhone, party: Party, state: str, events: list[str]
) -> None:
    line.twilio.parties[NORA] = party
    sid = await call(line, phone)
    await line.twilio.settled()
    assert ours.told("/twilio/call", "CallStatus") == events
    assert ours.told("/twilio/call", "SequenceNumber") == [str(number) for number in range(len(events))]
    assert (await phone.call(sid)).state == state


@pytest.mark.parametrize(("keys", "digits"), [("1", ["1"]), ("9", ["9"]), (" ", []), ("", [])])
async def test_a_key_goes_to_the_action_and_none_goes_on(
    line: Line, ours: OurSide, phone: TwilioPhone, keys: str, digits: list[str]
) -> None:
    line.twilio.parties[NORA] = answers(keys)
    await call(line, phone)
    await line.twilio.settled()
    assert line.twilio.calls_to(NORA)[0].said == [SCREEN]
    assert ours.told("/twilio/pressed", "Digits") == digits
    assert ours.told("/twilio/pressed", "Direction") == ["outbound-api"] * len(digits)


async def test_several_digits_end_with_their_number_or_with_the_hash(line: Line, ours: OurSide, phone: TwilioPhone) -> None:
    response = VoiceResponse()
    response.append(Gather(num_digits=4, action="/twilio/open"))
    opened = VoiceResponse()
    opened.append(Gather(action="/twilio/pressed"))
    ours.says |= {"/twilio/voice": str(response), "/twilio/open": str(opened)}
    line.twilio.parties[NORA] = answers("123456#")
    await call(line, phone)
    await line.twilio.settled()
    assert (ours.told("/twilio/open", "Digits"), ours.told("/twilio/pressed", "Digits")) == (["1234"], ["56"])
    assert ours.told("/twilio/pressed", "FinishedOnKey") == ["#"]


@pytest.mark.parametrize(
    ("party", "answered_by"),
    [
        (answers(), "human"),
        (voicemail(), "machine_start"),
        (seems(answers(), "unknown"), "unknown"),
        (seems(answers(), "fax"), "fax"),
    ],
)
async def test_a_machine_is_told_from_a_person(line: Line, ours: OurSide, phone: TwilioPhone, party: Party, answered_by: str) -> None:
    line.twilio.parties[NORA] = party
    sid = await call(line, phone, detect=True)
    await line.twilio.settled()
    assert ours.told("/twilio/voice", "AnsweredBy") == [answered_by]
    assert (await phone.call(sid)).answered_by == answered_by


@pytest.mark.parametrize(
    ("patient", "legs", "outcome", "bridged"),
    [
        (answers("1"), ["initiated", "ringing", "in-progress", "completed"], "completed", "true"),
        (answers(), ["initiated", "ringing", "in-progress", "completed"], "no-answer", "false"),  # hung up on by the screen
        (answers("1", stays=0.5), ["initiated", "ringing", "in-progress", "completed"], "no-answer", "false"),  # hangs up while it speaks
        (lets_ring(), ["initiated", "ringing", "no-answer"], "no-answer", "false"),
        (is_busy(), ["initiated", "busy"], "busy", "false"),
        (is_dead(), ["initiated", "failed"], "failed", "false"),
        (declines(), ["initiated", "ringing", "busy"], "busy", "false"),
    ],
)
async def test_a_dialled_number_is_screened_connected_and_told_of(
    line: Line, ours: OurSide, phone: TwilioPhone, patient: Party, legs: list[str], outcome: str, bridged: str
) -> None:
    line.twilio.parties |= {NORA: answers(stays=90), ANA: patient}
    await call(line, phone, "/twilio/dial")
    await line.twilio.settled()
    assert ours.told("/twilio/leg", "CallStatus") == legs
    assert (ours.told("/twilio/dialled", "DialCallStatus"), ours.told("/twilio/dialled", "DialBridged")) == ([outcome], [bridged])
    parent, child = line.twilio.calls
    assert (child.parent, child.direction, child.sender) == (parent.sid, "outbound-dial", OURS)
    assert set(ours.told("/twilio/leg", "ParentCallSid")) == {parent.sid}


async def test_the_first_of_several_to_pick_up_is_connected(line: Line, ours: OurSide, phone: TwilioPhone) -> None:
    response = VoiceResponse()
    dial = Dial(action="/twilio/dialled")
    dial.number(ANA)
    dial.number("+12025550199")
    response.append(dial)
    ours.says["/twilio/voice"] = str(response)
    line.twilio.parties |= {NORA: answers(), ANA: answers(after=9), "+12025550199": answers(after=3)}
    await call(line, phone)
    await line.twilio.settled()
    assert [one.state for one in line.twilio.calls] == ["completed", "canceled", "completed"]


async def test_who_hangs_up_while_the_other_phone_rings_ends_both(line: Line, ours: OurSide, phone: TwilioPhone) -> None:
    line.twilio.parties |= {NORA: answers(stays=5), ANA: answers("1", after=12)}
    await call(line, phone, "/twilio/dial")
    await line.twilio.settled()
    assert ours.told("/twilio/leg", "CallStatus")[-1] == "canceled"
    assert ours.told("/twilio/dialled", "CallStatus") == ["completed"]
    assert ours.told("/twilio/call", "CallStatus")[-1] == "completed"


async def test_our_side_hangs_up_a_call_that_rings_and_one_that_talks() -> None:
    async with Line(by_hand=True) as line, OurSide(line) as ours:
        phone = TwilioPhone(line.twilio.account, total=5)
        ours.says["/twilio/voice"] = "<Response><Pause length='60'/></Response>"
        for seconds, state in ((2, "canceled"), (10, "completed")):
            line.twilio.parties[NORA] = answers()
            sid = await call(line, phone)
            await line.time.forward(seconds)
            await phone.hang_up(sid)
            await line.twilio.settled()
            assert (await phone.call(sid)).state == state
        with pytest.raises(Refused) as refused:
            await phone.hang_up(sid)
        assert refused.value.code == 21220
        found = await phone.call(sid)
        assert found.duration == 6
        await phone.close()


async def test_documents_that_cannot_be_had_end_in_an_apology(line: Line, ours: OurSide, phone: TwilioPhone) -> None:
    line.twilio.parties[NORA] = answers()
    for document in ("<Response><Play>x.mp3</Play></Response>", "no document", "<html/>"):
        ours.says["/twilio/voice"] = document
        await call(line, phone)
        await line.twilio.settled()
        assert "application error" in line.twilio.calls[-1].said[-1]
    assert len(line.twilio.exchange.failed) == 3


async def test_redirects_are_followed(line: Line, ours: OurSide, phone: TwilioPhone) -> None:
    ours.says |= {
        "/twilio/voice": "<Response><Say>One.</Say><Redirect>further</Redirect></Response>",
        "/twilio/further": "<Response><Say>Two.</Say></Response>",
    }
    line.twilio.parties[NORA] = answers()
    await call(line, phone)
    await line.twilio.settled()
    assert line.twilio.calls[0].said == ["One.", "Two."]


@pytest.mark.parametrize(
    ("callbacks", "told"),
    [
        (Callbacks.LOST, []),
        (Callbacks.BACKWARDS, ["no-answer", "ringing", "initiated"]),
        (Callbacks.TWICE, ["initiated", "initiated", "ringing", "ringing", "no-answer", "no-answer"]),
    ],
)
async def test_events_may_be_lost_double_or_turned(
    line: Line, ours: OurSide, phone: TwilioPhone, callbacks: Callbacks, told: list[str]
) -> None:
    line.twilio.faults.callbacks = callbacks
    sid = await call(line, phone)
    await line.twilio.settled()
    assert ours.told("/twilio/call", "CallStatus") == told
    assert (await phone.call(sid)).state == "no-answer"


async def test_one_event_alone_may_be_lost(line: Line, ours: OurSide, phone: TwilioPhone) -> None:
    line.twilio.faults.lost.add("completed")
    await call(line, phone)
    await line.twilio.settled()
    assert ours.told("/twilio/call", "CallStatus") == ["initiated", "ringing"]


@pytest.mark.parametrize(("failure", "created"), [(Failure.DROPPED, 1), (Failure.RESET, 0), (Failure.LATE_ERROR, 1), (Failure.ERROR, 0)])
async def test_a_call_may_exist_although_nobody_said_so(
    line: Line, ours: OurSide, phone: TwilioPhone, failure: Failure, created: int
) -> None:
    line.twilio.faults.failures.append(failure)
    with pytest.raises(Uncertain):
        await call(line, phone)
    await line.twilio.settled()
    assert len(await phone.calls(to=NORA, since=MONDAY)) == created


@pytest.mark.parametrize(
    ("to", "sender", "url", "code"),
    [("", OURS, "x", 21201), (NORA, "", "x", 21213), (NORA, OURS, "", 21205), (NORA, "+12025550999", "x", 21210), ("+1", OURS, "x", 21211)],
)
async def test_bad_calls_are_refused(line: Line, phone: TwilioPhone, to: str, sender: str, url: str, code: int) -> None:
    with pytest.raises(Refused) as refused:
        await phone.place_call(to=to, sender=sender, url=url and "https://clinic.example/twilio/voice", status_url="", ring=25)
    assert refused.value.code == code


async def test_a_number_may_behave_otherwise_with_each_call(line: Line, ours: OurSide, phone: TwilioPhone) -> None:
    line.twilio.parties[NORA] = [lets_ring(), answers("1")]
    for _ in range(3):
        await call(line, phone)
        await line.twilio.settled()
    assert [one.state for one in line.twilio.calls] == ["no-answer", "completed", "completed"]
