"""Texts that we send: what leaves, in which order, when, and what comes of each answer of the provider."""

from __future__ import annotations

from datetime import timedelta

import pytest

from handoff.desk.work import Desk
from handoff.simulator.faults import Failure
from tests.fakes import FakeClock
from tests.texting import Sender
from tests.twilio import ANA


async def test_what_is_said_to_a_patient_who_texts_leaves_as_a_text_in_order(desk: Desk, clock: FakeClock) -> None:
    async with Sender(desk, clock) as sender:
        ana = await sender.patient()
        await sender.say(ana, "How was it?", "Anything to add?")
        assert await sender.states() == ["queued", "queued"]
        await sender.run()
        assert await sender.states() == ["accepted", "queued"]  # accepted is not sent
        await sender.run(seconds=9)
        assert await sender.states() == ["accepted", "queued"]
        await sender.run(seconds=1)
        assert [text.body for text in sender.twilio.sent_to(ANA)] == ["How was it?", "Anything to add?"]
        first = sender.twilio.requests[0]
        (row, _) = await sender.texts()
        assert first.fields["StatusCallback"] == f"{sender.twilio.account.public_url}/twilio/status?m={row['id']}&n=1"
        assert first.fields["ValidityPeriod"] == "36000"


@pytest.mark.parametrize("failure", [Failure.RESET, Failure.ERROR])
async def test_what_was_not_created_is_sent_once_more_after_ten_minutes(desk: Desk, clock: FakeClock, failure: Failure) -> None:
    async with Sender(desk, clock) as sender:
        ana = await sender.patient()
        await sender.say(ana, "How was it?", "Anything to add?")
        sender.twilio.faults.failures.append(failure)
        await sender.run_until(timedelta(minutes=9, seconds=59))
        assert await sender.states() == ["maybe_sent", "queued"]
        assert sender.twilio.sent_to(ANA) == []
        await sender.run_until(timedelta(seconds=30))
        assert [text.body for text in sender.twilio.sent_to(ANA)] == ["How was it?", "Anything to add?"]


@pytest.mark.parametrize("failure", [Failure.DROPPED, Failure.LATE_ERROR])
async def test_what_was_created_without_an_answer_is_found_and_never_sent_again(desk: Desk, clock: FakeClock, failure: Failure) -> None:
    async with Sender(desk, clock) as sender:
        ana = await sender.patient()
        await sender.say(ana, "How was it?", "How was it?")
        sender.twilio.faults.failures.append(failure)
        await sender.run()
        assert await sender.states() == ["maybe_sent", "queued"]
        await sender.run_until(timedelta(hours=1))
        rows = await sender.texts()
        assert [row["state"] for row in rows] == ["accepted", "accepted"]
        assert [row["sid"] for row in rows] == [text.sid for text in sender.twilio.sent_to(ANA)]
        assert [row["attempts"] for row in rows] == [1, 1]


async def test_what_is_uncertain_twice_stays_so_and_holds_nobody_back(desk: Desk, clock: FakeClock) -> None:
    async with Sender(desk, clock) as sender:
        ana = await sender.patient()
        await sender.say(ana, "How was it?", "Anything to add?")
        sender.twilio.faults.failures.extend([Failure.RESET, Failure.RESET])
        await sender.run_until(timedelta(minutes=30))
        rows = await sender.texts()
        assert [(row["state"], row["reason"], row["attempts"]) for row in rows] == [("maybe_sent", "uncertain", 2), ("accepted", None, 1)]
        assert len(sender.twilio.sent_to(ANA)) == 1
