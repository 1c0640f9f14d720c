"""The table of errors, row by row: what each code does to the text, the number, the channel, and whether it is tried again."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import select

from handoff.desk import deliveries
from handoff.desk.work import Desk
from handoff.simulator.faults import Failure
from handoff.store import tables as t
from handoff.text_errors import CODES, TROUBLES, Class, trouble_of
from tests.fakes import FakeClock
from tests.texting import Sender
from tests.twilio import ANA, BEN

# code, class, reason, may it be tried again
ROWS = [
    (429, Class.SOON, "too_fast", True),
    (20429, Class.SOON, "too_fast", True),
    (20003, Class.STOP, "account", True),
    (401, Class.STOP, "account", True),
    (21211, Class.NUMBER, "bad_number", False),
    (21614, Class.NUMBER, "landline", False),
    (21612, Class.NUMBER, "bad_number", False),
    (21610, Class.OPTED_OUT, "opted_out", False),
    (21408, Class.OPERATOR, "region", False),
    (21611, Class.PAUSE, "sender_paused", True),
    (30001, Class.PAUSE, "sender_paused", True),
    (30022, Class.PAUSE, "sender_paused", True),
    (30003, Class.LATER, "unreachable", True),
    (30005, Class.LATER, "unreachable", True),
    (30008, Class.LATER, "network", True),
    (30006, Class.NUMBER, "landline", False),
    (30007, Class.OPERATOR, "filtered", False),
    (30034, Class.OPERATOR, "unregistered", False),
    (30036, Class.NEVER, "expired", False),
    (99999, Class.NEVER, "refused", False),
]


@pytest.mark.parametrize(("code", "kind", "reason", "again"), ROWS)
def test_row(code: int, kind: Class, reason: str, again: bool) -> None:
    trouble = trouble_of(code)
    assert (trouble.kind, trouble.reason, trouble.again) == (kind, reason, again)


def test_the_list_is_closed_and_every_reason_has_one_sentence() -> None:
    assert all(TROUBLES[trouble.reason] is trouble for trouble in CODES.values())
    assert all(trouble.staff.endswith(".") for trouble in TROUBLES.values())
    assert (trouble_of(0, 401).kind, trouble_of(0, 429).kind) == (Class.STOP, Class.SOON)


@pytest.mark.parametrize(
    ("code", "number", "after"),
    [(21211, "bad", "bad_number"), (21612, "bad", "bad_number"), (21614, "landline", "landline"), (21408, "good", None)],
)
async def test_a_refusal_for_good_ends_the_text_and_marks_the_number(
    desk: Desk, clock: FakeClock, code: int, number: str, after: str | None
) -> None:
    async with Sender(desk, clock) as sender:
        ana = await sender.patient()
        sender.twilio.faults.refusals[ANA] = code
        await sender.say(ana, "How was it?")
        await sender.run()
        (row,) = await sender.texts()
        assert (row["state"], row["error"], row["reason"]) == ("failed", code, trouble_of(code).reason)
        assert await desk.look(_number) == number
        sender.twilio.faults.refusals.clear()
        await sender.say(ana, "Anything else?")
        await sender.run_until(timedelta(hours=3))
        rows = await sender.texts()
        assert rows[0]["attempts"] == 1
        assert (rows[1]["state"], rows[1]["reason"]) == (("blocked", after) if after else ("accepted", None))


async def test_21610_writes_the_opt_out_and_blocks_what_waits(desk: Desk, clock: FakeClock) -> None:
    async with Sender(desk, clock) as sender:
        ana = await sender.patient()
        sender.twilio.opted_out.add((ANA, sender.twilio.account.number))
        await sender.say(ana, "How was it?", "Anything to add?", "Thank you.")
        await sender.run_until(timedelta(hours=1))
        rows = await sender.texts()
        assert [(row["state"], row["reason"]) for row in rows] == [
            ("failed", "opted_out"),
            ("blocked", "opted_out"),
            ("blocked", "opted_out"),
        ]
        assert await desk.look(_opt_outs) == [(ANA, "provider")]
        assert len([asked for asked in sender.twilio.requests if asked.method == "POST"]) == 1


async def test_429_waits_as_long_as_it_was_told_and_keeps_its_place(desk: Desk, clock: FakeClock) -> None:
    async with Sender(desk, clock) as sender:
        ana = await sender.patient()
        sender.twilio.faults.failures.extend([Failure.BUSY, Failure.BUSY])
        sender.twilio.faults.retry_after = 7
        await sender.say(ana, "How was it?", "Anything to add?")
        await sender.run(seconds=0)
        await sender.run(seconds=6.9)
        assert len(sender.twilio.requests) == 1
        await sender.run_until(timedelta(minutes=1))
        assert [text.body for text in sender.twilio.sent_to(ANA)] == ["How was it?", "Anything to add?"]
        gaps = [later.at - earlier.at for earlier, later in pairwise(sender.twilio.requests[:3])]
        assert all(timedelta(seconds=7) <= gap <= timedelta(seconds=11) for gap in gaps)
        assert (await sender.texts())[0]["attempts"] == 1  # what was refused so was no attempt


async def test_a_refused_account_stops_the_channel_and_keeps_the_queue_in_order(desk: Desk, clock: FakeClock) -> None:
    async with Sender(desk, clock) as sender:
        ana, ben = await sender.patient(), await sender.patient(BEN)
        sender.twilio.faults.refusals[ANA] = 20003
        await sender.say(ana, "How was it?", "Anything to add?")
        await sender.run()
        await sender.say(ben, "How was it?")
        await sender.run_until(timedelta(minutes=4))
        assert len(sender.twilio.requests) == 1  # one refusal is enough, and nobody else tries
        assert {row["reason"] for row in await sender.texts(ben)} == {"account"}
        await sender.run_until(timedelta(minutes=7))
        assert 2 <= len(sender.twilio.requests) <= 4
        sender.twilio.faults.refusals.clear()
        await sender.run_until(timedelta(minutes=10))
        assert [text.body for text in sender.twilio.sent_to(ANA)] == ["How was it?", "Anything to add?"]
        assert [text.body for text in sender.twilio.sent_to(BEN)] == ["How was it?"]


@pytest.mark.parametrize("code", [21611])
async def test_a_full_sender_pauses_and_goes_on(desk: Desk, clock: FakeClock, code: int) -> None:
    async with Sender(desk, clock) as sender:
        ana, ben = await sender.patient(), await sender.patient(BEN)
        sender.twilio.faults.refusals[ANA] = code
        await sender.say(ana, "How was it?")
        await sender.run()
        sender.twilio.faults.refusals.clear()
        await sender.say(ben, "How was it?")
        await sender.run_until(timedelta(minutes=4))
        assert len(sender.twilio.requests) == 1
        await sender.run_until(timedelta(minutes=2))
        assert await sender.states() == ["accepted", "accepted"]


@pytest.mark.parametrize("code", [30003, 30005, 30008])
async def test_a_phone_that_is_off_is_tried_twice_more_a_quarter_of_an_hour_apart(desk: Desk, clock: FakeClock, code: int) -> None:
    async with Sender(desk, clock) as sender:
        ana = await sender.patient(wrote=False)
        clock.forward(hours=6)  # 15:00 UTC, 10:00 there
        await sender.say(ana, "How was it?")
        for attempt in (1, 2, 3):
            await sender.run()
            (row,) = await sender.texts()
            assert (row["state"], row["attempts"]) == ("accepted", attempt)
            await _report(sender, row, "undelivered", code)
            await _report(sender, row, "undelivered", code)  # once more: it changes nothing
            await sender.run_until(timedelta(minutes=14, seconds=59))
            assert len(sender.twilio.sent_to(ANA)) == attempt
            await sender.run_until(timedelta(seconds=1))
        await sender.run_until(timedelta(hours=3))
        (row,) = await sender.texts()
        assert (row["state"], row["attempts"], row["error"]) == ("undelivered", 3, code)
        assert len(sender.twilio.sent_to(ANA)) == 3


async def test_a_second_try_respects_the_night(desk: Desk, clock: FakeClock) -> None:
    async with Sender(desk, clock) as sender:
        ana = await sender.patient(wrote=False)
        clock.forward(hours=16, minutes=50)  # 1:50 UTC, 20:50 there
        await sender.say(ana, "How was it?")
        await sender.run()
        (row,) = await sender.texts()
        await _report(sender, row, "undelivered", 30003)
        await sender.run_until(timedelta(hours=11))
        assert len(sender.twilio.sent_to(ANA)) == 1
        await sender.run_until(timedelta(minutes=20))
        assert len(sender.twilio.sent_to(ANA)) == 2


@pytest.mark.parametrize(("code", "number"), [(30006, "landline"), (30007, "good"), (30034, "good"), (30036, "good")])
async def test_what_failed_for_good_on_its_way_is_never_sent_again(desk: Desk, clock: FakeClock, code: int, number: str) -> None:
    async with Sender(desk, clock) as sender:
        ana = await sender.patient()
        await sender.say(ana, "How was it?")
        await sender.run()
        (row,) = await sender.texts()
        await _report(sender, row, "failed", code)
        await sender.run_until(timedelta(hours=24))
        assert len(sender.twilio.sent_to(ANA)) == 1
        assert await desk.look(_number) == number
        assert (await sender.texts())[0]["reason"] == trouble_of(code).reason


async def _report(sender: Sender, row: dict[str, Any], status: str, code: int) -> None:
    await sender.desk.do(deliveries.reported, row["id"], row["attempts"], row["sid"], status, code, None)


def _number(db: Any) -> str:
    return str(db.execute(select(t.phone_number.c.state).where(t.phone_number.c.number == ANA)).scalar_one())


def _opt_outs(db: Any) -> list[tuple[str, str]]:
    return [(row.number, row.how) for row in db.execute(select(t.opt_out.c.number, t.opt_out.c.how))]
