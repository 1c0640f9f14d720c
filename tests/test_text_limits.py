"""What holds a text back or blocks it: opt-out, the night, caps, the country list, its use; and what nothing may hold back."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import Connection, select

from handoff.consent import How, Purpose
from handoff.desk import consents, texts
from handoff.desk.deliveries import opt_out
from handoff.desk.thread import new_thread, open_thread
from handoff.desk.work import Desk, Work
from handoff.store import tables as t
from tests.fakes import FakeClock
from tests.texting import Sender
from tests.twilio import ANA, BEN

# Monday 9:00 UTC is 4:00 in Ana's Washington.


@pytest.mark.parametrize(
    ("author", "purpose", "wrote_ago", "goes"),
    [
        ("bot", None, timedelta(0), True),  # an answer
        ("bot", None, timedelta(minutes=60), True),
        ("bot", None, timedelta(minutes=61), False),
        ("service", "callback", timedelta(minutes=61), False),
        ("service", "notice", timedelta(hours=3), False),
        ("service", "safety", timedelta(hours=3), True),
        ("staff", None, timedelta(hours=3), True),  # a person typing now
    ],
)
async def test_at_night_only_answers_staff_and_safety_go(
    desk: Desk, clock: FakeClock, author: str, purpose: str | None, wrote_ago: timedelta, goes: bool
) -> None:
    async with Sender(desk, clock) as sender:
        ana = await sender.patient()
        clock.at += wrote_ago
        await sender.say(ana, "Hello.", author=author, purpose=purpose)
        await sender.run()
        (row,) = await sender.texts()
        assert (row["state"], row["reason"]) == (("accepted", None) if goes else ("queued", "quiet_hours"))
        if not goes:
            assert row["due_at"].isoformat() == "2026-11-23T13:00:00+00:00"  # 8:00 there
            await sender.run_until(row["due_at"] - clock.now())
            assert await sender.states() == (["blocked"] if row["expires_at"] <= row["due_at"] else ["accepted"])


async def test_who_writes_at_night_is_answered_and_gets_what_the_night_held_back_first(desk: Desk, clock: FakeClock) -> None:
    async with Sender(desk, clock) as sender:
        ana = await sender.patient(wrote=False)
        await sender.say(ana, "We could not reach you.", author="service", purpose="callback")
        await sender.run()
        assert await sender.states() == ["queued"]
        await desk.do(_wrote, ana)
        await sender.say(ana, "You said: hello")
        await sender.run_until(timedelta(seconds=20))
        assert [text.body for text in sender.twilio.sent_to(ANA)] == ["We could not reach you.", "You said: hello"]


async def test_after_the_opt_out_nothing_goes_not_even_safety(desk: Desk, clock: FakeClock) -> None:
    async with Sender(desk, clock) as sender:
        ana = await sender.patient()
        await sender.say(ana, "How was it?", "Anything to add?")
        await sender.desk.do(opt_out, ANA, how="keyword")
        assert await sender.states() == ["blocked", "blocked"]
        for author, purpose in (("bot", None), ("staff", None), ("service", "safety"), ("service", "code")):
            await sender.say(ana, "Hello.", author=author, purpose=purpose)
        await sender.run_until(timedelta(days=2))
        assert {(row["state"], row["reason"]) for row in await sender.texts()} == {("blocked", "opted_out")}
        assert sender.twilio.requests == []


async def test_a_clock_that_was_put_back_makes_no_text_look_sent_after_the_opt_out(desk: Desk, clock: FakeClock) -> None:
    async with Sender(desk, clock) as sender:
        ana = await sender.patient()
        await sender.say(ana, "How was it?")
        await sender.run()
        clock.forward(minutes=-40)
        await sender.desk.do(opt_out, ANA, how="keyword")
        (text,), (opted_out,) = await sender.texts(), await desk.look(_opt_outs)
        assert text["attempting_at"] <= opted_out["at"]


def _opt_outs(db: Connection) -> list[dict[str, Any]]:
    return [dict(row) for row in db.execute(select(t.opt_out)).mappings()]


async def test_the_clinics_cap_counts_segments_and_lets_safety_and_codes_pass(desk: Desk, clock: FakeClock) -> None:
    async with Sender(desk, clock, texts_per_day=3) as sender:
        ana, ben = await sender.patient(), await sender.patient(BEN)
        await sender.say(ana, "a" * 300)  # two segments
        await sender.say(ben, "b" * 300)
        await sender.run()
        await sender.say(ben, "In danger, call 911.", author="service", purpose="safety")
        await sender.desk.do(texts.leave_notice, ben, BEN, "scored", "code")
        await sender.run_until(timedelta(minutes=1))
        rows = await sender.texts()
        assert [(row["state"], row["reason"]) for row in rows] == [
            ("accepted", None),
            ("queued", "daily_cap"),
            ("accepted", None),
            ("accepted", None),
        ]
        assert rows[1]["due_at"].isoformat() == "2026-11-24T05:00:00+00:00"  # midnight at the clinic
        await sender.desk.do(_wrote, ben)
        await sender.run_until(timedelta(hours=30))
        assert (await sender.texts())[1]["state"] in ("accepted", "blocked")  # the next day, in its hours and while of use


async def test_one_number_is_sent_so_many_an_hour(desk: Desk, clock: FakeClock) -> None:
    async with Sender(desk, clock, texts_per_number_hour=2) as sender:
        ana = await sender.patient()
        await sender.say(ana, "One.", "Two.", "Three.")
        await sender.say(ana, "In danger, call 911.", author="service", purpose="safety")
        began = clock.now()
        await sender.run_until(timedelta(minutes=5))
        assert [text.body for text in sender.twilio.sent_to(ANA)] == ["In danger, call 911.", "One."]
        assert (await sender.texts())[1]["reason"] == "number_rate"
        await sender.desk.do(_wrote, ana)
        await sender.run_until(began + timedelta(minutes=59, seconds=59) - clock.now())
        assert len(sender.twilio.sent_to(ANA)) == 2
        await sender.desk.do(_wrote, ana)
        await sender.run_until(timedelta(minutes=2))
        assert [text.body for text in sender.twilio.sent_to(ANA)][2:] == ["Two.", "Three."]


async def test_our_number_sends_so_many_segments_a_second_in_turn(desk: Desk, clock: FakeClock) -> None:
    async with Sender(desk, clock, texts_per_second=1.0) as sender:
        people = [f"+1202555{number:04d}" for number in range(100, 110)]
        for number in people:
            await sender.say(await sender.patient(number), "a" * 200)  # two segments
        await sender.run_until(timedelta(minutes=1))
        creations = [asked for asked in sender.twilio.requests if asked.method == "POST"]
        assert [asked.fields["To"] for asked in creations] == people
        gaps = [later.at - earlier.at for earlier, later in pairwise(creations)]
        assert all(timedelta(seconds=2) <= gap <= timedelta(seconds=4) for gap in gaps)


@pytest.mark.parametrize(
    ("number", "purpose", "state"),
    [
        ("+447400123456", None, "blocked"),
        ("+447400123456", "code", "blocked"),
        ("+447400123456", "safety", "accepted"),
        ("+15550100123", None, "accepted"),
        ("+18765550123", None, "blocked"),  # Jamaica shares our +1
    ],
)
async def test_only_countries_of_the_list_are_texted(desk: Desk, clock: FakeClock, number: str, purpose: str | None, state: str) -> None:
    async with Sender(desk, clock) as sender:
        await sender.say(await sender.patient(number), "Hello.", author="service", purpose=purpose)
        await sender.run()
        (row,) = await sender.texts()
        assert (row["state"], row["reason"]) == (state, "country" if state == "blocked" else None)


async def test_a_text_that_has_outlived_its_use_is_not_sent_late(desk: Desk, clock: FakeClock) -> None:
    async with Sender(desk, clock) as sender:
        ana = await sender.patient()
        await sender.desk.do(texts.leave_notice, ana, ANA, "scored", "code")
        clock.forward(minutes=10)
        await sender.run()
        (row,) = await sender.texts()
        assert (row["state"], row["reason"], row["message"]) == ("blocked", "expired", None)
        assert sender.twilio.requests == []


async def test_how_long_the_provider_may_try_depends_on_what_it_is_for(desk: Desk, clock: FakeClock) -> None:
    async with Sender(desk, clock) as sender:
        ana = await sender.patient()
        await sender.desk.do(texts.leave_notice, ana, ANA, "scored", "code")
        await sender.run(seconds=60)
        assert sender.twilio.requests[0].fields["ValidityPeriod"] == "540"


async def test_a_patient_without_a_number_is_shown_as_such(desk: Desk, clock: FakeClock) -> None:
    async with Sender(desk, clock) as sender:
        await sender.say(await sender.desk.do(_no_number), "Hello.")
        await sender.run()
        assert [(row["state"], row["reason"]) for row in await sender.texts()] == [("blocked", "no_number")]


def _no_number(work: Work) -> str:
    thread = new_thread(work, channel="sms", locale="en", survey="fft")
    thread.save()
    return thread.id


def _wrote(work: Work, conversation: str) -> None:
    thread = open_thread(work, conversation)
    thread.row["last_patient_at"] = work.now
    thread.save()


async def test_what_nobody_agreed_to_is_blocked_when_it_would_go(desk: Desk, clock: FakeClock) -> None:
    async with Sender(desk, clock) as sender:
        ana = await sender.patient()
        await desk.do(consents.record, ana, "voice", (Purpose.CALLBACK,), given=False, how=How.STAFF, who="staff:maria")
        await sender.say(ana, "We tried to phone you.", author="service", purpose="callback")
        await sender.say(ana, "You said: hello")
        await sender.run_until(timedelta(seconds=20))
        assert [(text["state"], text["reason"]) for text in await sender.texts()] == [("blocked", "no_consent"), ("accepted", None)]
