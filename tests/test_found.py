"""What the simulation found (tests/simulation), each once more and small: what a patient was told or promised, and was not so."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from handoff import jobs
from handoff.channels.sms import TextIn
from handoff.conversation import Event
from handoff.desk import callback_acts, deliveries, line, promise_watch, staff, texts_in, turns
from handoff.desk.orders import Cause, act
from handoff.desk.thread import open_thread
from handoff.desk.work import Work
from handoff.errors import OldButton
from handoff.invariants import find_breaches
from handoff.store import tables as t
from tests.cast import Cast, in_line, is_here
from tests.fakes import FakeClock
from tests.test_asking import asks, open_one
from tests.texting import Sender
from tests.twilio import ANA, OURS

__all__ = ["cast"]
from tests.cast import cast


async def only_request(cast: Cast) -> dict[str, Any]:
    (row,) = [row for row in await cast.rows(t.handoff_request) if row["closed_at"] is None]
    return row


async def test_who_chooses_anew_is_ahead_of_nobody_and_keeps_their_age(cast: Cast) -> None:
    await in_line(cast)
    age = (await only_request(cast))["queue_age_from"]
    cast.clock.forward(minutes=8)
    await is_here(cast, cast.sam)
    await cast.time_passes()
    assert await cast.state() == ("choosing", "bot")
    assert await cast.desk.look(line.places, cast.desk.house, cast.clock.now()) == {}
    await cast.presses("Chat with a person")
    assert await cast.state() == ("waiting", "queue")
    assert (await only_request(cast))["queue_age_from"] == age


async def test_a_danger_told_to_staff_comes_first_when_they_are_lost(cast: Cast) -> None:
    await in_line(cast)
    await cast.desk.do(staff.take, cast.maria, cast.ana)
    await cast.writes("I want to kill myself")
    cast.clock.forward(minutes=3)
    await cast.time_passes()
    assert await cast.state() == ("waiting", "queue")
    assert (await only_request(cast))["priority"] == 0


@pytest.mark.parametrize("words", ["leave a message", "please call me back", "2", "go on"])
async def test_who_waits_in_danger_is_heard_whatever_they_write(cast: Cast, words: str) -> None:
    await cast.asks_for_a_person()
    await cast.writes("I want to kill myself")
    receipt = await cast.writes(words)
    assert (await cast.messages())[receipt.seq - 1]["text"] == words
    assert await cast.state() == ("waiting", "queue")
    assert [row["asking"] for row in await cast.rows(t.conversation)] == [None]


@pytest.mark.parametrize("title", ["Leave a message", "Ask for a phone call"])
async def test_what_was_offered_before_means_nothing_while_they_wait(cast: Cast, title: str) -> None:
    await cast.asks_for_a_person()
    await cast.writes("I want to kill myself")
    with pytest.raises(OldButton):
        await cast.presses(title)
    assert await cast.state() == ("waiting", "queue")


async def test_a_score_means_nothing_once_the_next_talk_has_begun(cast: Cast) -> None:
    await in_line(cast)
    await cast.desk.do(staff.take, cast.maria, cast.ana)
    await cast.desk.do(staff.close, cast.maria, cast.ana, "answered")
    await cast.writes("one more thing")
    with pytest.raises(OldButton):
        await cast.presses("Very satisfied")
    assert await cast.state() == ("bot", "bot")


async def watches(cast: Cast) -> str:
    lease, payload = await cast.job("watch_promise")
    await cast.desk.do(promise_watch.watch, lease, payload)
    return str((await open_one(cast))["state"])


async def first_watch(cast: Cast) -> tuple[jobs.Lease, dict[str, Any]]:
    """The look that was planned before, leased."""
    row = next(row for row in await cast.rows(t.job) if row["kind"] == "watch_promise" and row["state"] == "ready")
    held = {"state": "running", "lease_owner": "test", "lease_epoch": 9}
    await cast.desk.do(lambda work: work.db.execute(update(t.job).where(t.job.c.id == row["id"]).values(**held)) and None)
    return jobs.Lease(row["id"], "test", 9), row["payload"]


@pytest.mark.parametrize("given_back", [True, False])
async def test_a_late_call_that_somebody_took_and_forgot_is_a_supervisors(cast: Cast, given_back: bool) -> None:
    await asks(cast, "2025550199", "ok", "1", "x")
    callback = (await open_one(cast))["id"]
    cast.clock.at = (await open_one(cast))["window_to"]
    assert await watches(cast) == "overdue"
    cast.clock.forward(minutes=20)
    await cast.desk.do(callback_acts.claim, cast.maria, callback)
    cast.clock.forward(minutes=10)
    await cast.desk.do(promise_watch.watch, *await first_watch(cast))
    assert (await open_one(cast))["state"] == "claimed"  # they have half an hour of their own
    if given_back:
        await cast.desk.do(callback_acts.release, cast.maria, callback)
    cast.clock.forward(minutes=20)
    assert await watches(cast) == "escalated"


async def test_an_answer_is_promised_although_a_call_is(cast: Cast) -> None:
    await asks(cast, "2025550199", "ok", "1", "x")
    await cast.leaves_a_message()
    assert {(row["kind"], row["state"]) for row in await cast.rows(t.promise)} == {("callback", "open"), ("answer_here", "open")}


async def test_a_second_wish_is_told_the_day_of_the_first(cast: Cast) -> None:
    await cast.leaves_a_message()
    told = next(row["text"] for row in await cast.messages() if "Thursday" in row["text"])
    cast.clock.forward(days=1)
    await cast.leaves_a_message()
    assert (await cast.messages())[-1]["text"] == told
    assert len(await cast.rows(t.promise)) == 1


@pytest.mark.parametrize("body", ["please don't call me", ""])
async def test_a_late_text_that_begins_no_talk_begins_no_survey(cast: Cast, body: str) -> None:
    def texts(work: Work, sid: str, body: str) -> None:
        texts_in.take_in(work, TextIn(sid * 34, ANA, OURS, body, media=() if body else ({"url": "", "type": "image/png"},)))

    await cast.desk.do(texts, "1", "hello")
    (number,) = await cast.rows(t.phone_number)
    window = cast.desk.house.hours.windows(cast.clock.now(), 1)[0]
    await cast.desk.do(callback_acts.plan_one, cast.priya, number["conversation"], "2025550199", window, "x")

    def falls_silent(work: Work) -> None:
        thread = open_thread(work, number["conversation"])
        act(thread, Event.IDLE, Cause("timer"))
        thread.save()

    await cast.desk.do(falls_silent)
    cast.clock.forward(days=4)
    await cast.desk.do(texts, "2", body)
    assert [row["state"] for row in await cast.rows(t.conversation) if row["id"] == number["conversation"]] == ["closed"]
    assert await cast.desk.look(find_breaches) == []


async def test_a_turn_that_cannot_be_done_is_told(cast: Cast, clock: FakeClock) -> None:
    """A job that dies with its node again and again is done no more; the patient hears so, and is shown the way to a person."""
    await cast.writes("it was good")
    clock.forward(minutes=1)
    lost = {"attempts": jobs.MAX_LOST, "state": "running", "lease_owner": "gone", "lease_until": clock.now() - timedelta(days=1)}
    await cast.desk.store.write(
        lambda db: db.execute(update(t.job).where(t.job.c.kind == "ask_bot", t.job.c.state != "done").values(**lost)) and None
    )
    assert await cast.desk.look(find_breaches) == []
    found = await cast.desk.store.write(lambda db: jobs.claim(db, now=clock.now(), owner="next", limit=9))
    assert [(job.kind, job.attempts) for job in found] == [("turn_lost", 1)]
    assert found[0].lease is not None
    await cast.desk.do(turns.bot_failed, found[0].lease, found[0].payload, "bot:lost")
    assert await cast.state() == ("choosing", "bot")
    assert await cast.desk.look(find_breaches) == []


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
async def test_a_text_that_failed_late_has_a_job_that_sends_it_again(desk: Any, clock: FakeClock) -> None:
    async with Sender(desk, clock) as sender:
        conversation = await sender.patient(ANA)
        await sender.say(conversation, "Hello")
        await sender.run()
        (text,) = await sender.texts()
        await sender.run(minutes=1)
        for status, error in (("sent", None), ("undelivered", 30003)):
            await sender.desk.do(deliveries.reported, text["id"], 1, text["sid"], status, error, clock.now())
        await sender.run()
        assert await sender.states() == ["queued"]
        waiting = [row for row in await desk.look(_jobs) if row["state"] == "ready"]
        assert [row["kind"] for row in waiting] == ["send_text"]


def _jobs(db: Any) -> list[dict[str, Any]]:
    return [dict(row) for row in db.execute(t.job.select()).mappings()]
