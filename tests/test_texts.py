"""Texts that we send: what leaves, in which order, when, and what comes of each answer of the provider."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from handoff.desk.texts import Attempt, plan_watch, take_next
from handoff.desk.thread import open_thread
from handoff.desk.work import Desk, Work
from handoff.jobs import Fenced
from handoff.simulator.faults import Failure
from handoff.store import tables as t
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


async def test_a_text_whose_callbacks_were_lost_is_asked_after(desk: Desk, clock: FakeClock) -> None:
    async with Sender(desk, clock) as sender:
        ana = await sender.patient()
        await sender.say(ana, "How was it?")
        await sender.run()
        await sender.twilio.settled()
        assert await sender.states() == ["accepted"]
        await sender.desk.do(plan_watch)
        for _ in range(7):
            await sender.run(minutes=1)
        assert await sender.states() == ["delivered"]
        assert len([asked for asked in sender.twilio.requests if asked.method == "GET"]) == 1


async def test_a_line_that_no_job_looks_after_is_woken(desk: Desk, clock: FakeClock) -> None:
    async with Sender(desk, clock) as sender:
        ana = await sender.patient()
        await sender.say(ana, "How was it?")
        await sender.lose_jobs()
        await sender.desk.do(plan_watch)
        await sender.run(minutes=1)
        assert await sender.states() == ["accepted"]


async def test_a_sender_that_died_while_asking_leaves_a_doubt_and_no_second_text(desk: Desk, clock: FakeClock) -> None:
    """The commit of `attempting` and the creation happened; what the provider answered was never saved."""
    async with Sender(desk, clock) as sender:
        ana = await sender.patient()
        await sender.say(ana, "How was it?")
        job = await sender.next_job()
        assert job is not None
        assert job.lease is not None
        attempt = await sender.desk.do(take_next, job.lease, ana)
        assert isinstance(attempt, Attempt)
        assert await sender.states() == ["attempting"]
        created = await sender.phone.send_text(to=ANA, sender=attempt.ours, body=attempt.body, status_url="http://127.0.0.1:1/")
        await sender.texting.send(job)  # taken up again after the restart
        (row,) = await sender.texts()
        assert (row["state"], row["sid"], row["attempts"]) == ("accepted", created.sid, 1)
        assert await sender.desk.look(_events) == ["attempt", "uncertain", "created"]
        assert len(sender.twilio.sent_to(ANA)) == 1


async def test_who_lost_the_lease_begins_nothing(desk: Desk, clock: FakeClock) -> None:
    async with Sender(desk, clock) as sender:
        ana = await sender.patient()
        await sender.say(ana, "How was it?")
        job = await sender.next_job()
        assert job is not None
        assert job.lease is not None
        with pytest.raises(Fenced):
            await sender.desk.do(take_next, replace(job.lease, epoch=job.lease.epoch - 1), ana)
        assert await sender.states() == ["queued"]


async def test_buttons_are_numbered_and_a_long_reply_is_several_texts_in_order(desk: Desk, clock: FakeClock) -> None:
    async with Sender(desk, clock) as sender:
        ana = await sender.patient()
        await sender.desk.do(_ask, ana)
        await sender.say(ana, "It was good. " * 200)
        await sender.run_until(timedelta(minutes=1))
        bodies = [text.body for text in sender.twilio.sent_to(ANA)]
        assert bodies[0] == "How was it?\n1 Very good\n2 Good"
        assert [body[:6] for body in bodies[1:]] == ["(1/2) ", "(2/2) "]
        rows = await sender.texts()
        assert [(row["part"], row["segments"]) for row in rows] == [(0, 1), (0, 10), (1, 8)]


def _events(db: Any) -> list[str]:
    return list(db.execute(select(t.text_event.c.state).order_by(t.text_event.c.id)).scalars())


def _ask(work: Work, conversation: str) -> None:
    thread = open_thread(work, conversation)
    thread.add("bot", "How was it?", buttons=[{"title": title, "payload": title, "to": "bot"} for title in ("Very good", "Good")])
    thread.save()
