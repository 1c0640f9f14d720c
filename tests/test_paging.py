"""Pages that go to the phones of whoever is on call: when, how often, in which words, and what holds none of them back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from handoff.conversation import Event
from handoff.desk import paging
from handoff.desk.orders import Cause, act
from handoff.desk.thread import open_thread
from handoff.desk.work import Desk, Work
from handoff.gsm7 import is_gsm7, segments
from handoff.routing_file import OnCall
from handoff.store import tables as t
from tests.fakes import MONDAY, FakeClock
from tests.paging import ALONE, DANGER, Night
from tests.twilio import ANA, NORA, TOM


class TestWhen:
    async def test_each_phone_is_texted_once_a_step_at_its_time_at_night_with_nobody_signed_in(self, desk: Desk, clock: FakeClock) -> None:
        async with Night(desk, clock) as night:
            ana = await night.danger()
            await night.run_until(timedelta(minutes=7))
            assert night.minutes(NORA) == [0, 5]
            assert night.minutes(TOM) == [2, 5]
            assert await night.shown(ana) == [{"state": "queued", "reason": None}] * 2

    async def test_a_step_without_phones_texts_nobody(self, desk: Desk, clock: FakeClock) -> None:
        async with Night(desk, clock, (OnCall(after=0, who="everybody"), OnCall(after=2, who="admin"))) as night:
            ana = await night.danger()
            await night.run_until(timedelta(minutes=7))
            assert await night.texts() == []
            assert await night.shown(ana) == []

    @pytest.mark.parametrize(("minute", "nora", "tom"), [(0, [], []), (1, [0], []), (3, [0], [2])])
    async def test_nobody_is_texted_once_somebody_has_come(
        self, desk: Desk, clock: FakeClock, minute: int, nora: list[float], tom: list[float]
    ) -> None:
        async with Night(desk, clock) as night:
            ana = await night.danger()
            if minute:
                await night.run_until(timedelta(minutes=minute))
            await night.taken(ana)
            await night.run_until(timedelta(minutes=30))
            assert (night.minutes(NORA), night.minutes(TOM)) == (nora, tom)
            assert await night.shown(ana) == []

    async def test_a_text_that_still_waits_is_called_off_by_whoever_comes(self, desk: Desk, clock: FakeClock) -> None:
        async with Night(desk, clock, ALONE) as night:
            night.twilio.faults.refusals[NORA] = 20003
            ana = await night.danger()
            await night.run()
            assert await night.shown(ana) == [{"state": "queued", "reason": "account"}]
            night.twilio.faults.refusals.clear()
            await night.taken(ana)
            await night.run_until(timedelta(hours=5))
            (text,) = await night.texts()
            assert (text["state"], text["reason"], night.minutes(NORA)) == ("blocked", "taken", [])

    async def test_it_calls_again_while_nobody_comes_and_when_whoever_came_is_lost(self, desk: Desk, clock: FakeClock) -> None:
        async with Night(desk, clock, timers=True) as night:
            ana = await night.danger()
            await night.run_until(timedelta(minutes=9))
            assert night.minutes(NORA) == [0, 5, 8]  # the longest wait is over
            await night.taken(ana)  # and away again: no console of hers is open
            await night.run_until(timedelta(minutes=2))
            assert night.minutes(NORA) == [0, 5, 8, 10]
            assert night.minutes(TOM) == [2, 5]
            assert [text["state"] for text in await night.shown(ana)] == ["queued"]  # of this wait alone

    async def test_many_words_of_danger_are_one_call(self, desk: Desk, clock: FakeClock) -> None:
        async with Night(desk, clock, ALONE) as night:
            ana = await night.danger()
            for _ in range(3):
                await night.writes(ana, "please, I can't breathe")
                await night.run_until(timedelta(seconds=30))
            assert night.minutes(NORA) == [0]
            await night.run_until(timedelta(seconds=40))
            await night.writes(ana, "please, I can't breathe")
            await night.run()
            assert len(night.minutes(NORA)) == 2

    async def test_who_stops_texts_while_a_person_is_there_calls_nobody(self, desk: Desk, clock: FakeClock) -> None:
        async with Night(desk, clock, ALONE) as night:
            ana = await night.danger()
            await night.taken(ana)
            await night.desk.do(_opts_out, ana)
            await night.run()
            assert len(await night.texts()) == 1


def _opts_out(work: Work, conversation: str) -> None:
    thread = open_thread(work, conversation)
    act(thread, Event.OPTED_OUT, Cause("patient", outcome="keyword"))
    thread.save()


class TestWords:
    @pytest.mark.parametrize(
        ("locale", "clinic", "url", "said"),
        [
            (
                "en",
                "Elm Street Clinic",
                "https://heard.elm.example",
                "Elm Street Clinic: a safety matter has been waiting since 04:00. Please take it at https://heard.elm.example/desk",
            ),
            (
                "es",
                "Centro Olmo",
                "https://olmo.example",
                "Centro Olmo: un asunto de seguridad espera desde las 04:00. Por favor, atiéndalo en https://olmo.example/desk",
            ),
            (
                "en",
                "",
                "https://heard.elm.example",
                "The clinic: a safety matter has been waiting since 04:00. Please take it at https://heard.elm.example/desk",
            ),
            (  # "la clínica" would take two segments for its í
                "es",
                "",
                "https://olmo.example",
                "Un asunto de seguridad espera en su centro desde las 04:00. Por favor, atiéndalo en https://olmo.example/desk",
            ),
            (
                "en",
                "Łódź",
                "https://heard.elm.example",
                "A safety matter has been waiting at your clinic since 04:00. Please take it at https://heard.elm.example/desk",
            ),
            (
                "en",
                "N" * 60,
                "https://feedback.elm-street.example",
                "A safety matter has been waiting at your clinic since 04:00. Please take it at https://feedback.elm-street.example/desk",
            ),
            (
                "es",
                "N" * 60,
                f"https://{'u' * 100}.example",
                "Un asunto de seguridad espera en su centro desde las 04:00. Por favor, abra Heard y atiéndalo.",
            ),
        ],
    )
    async def test_one_segment_says_that_and_since_when_and_where(
        self, desk: Desk, clock: FakeClock, locale: str, clinic: str, url: str, said: str
    ) -> None:
        async with Night(desk, clock, locale=locale, clinic_name=clinic, public_url=url) as night:
            body = paging.words_of(night.desk.house, MONDAY)
            assert body == said
            assert (segments(body), is_gsm7(body)) == (1, True)

    async def test_nothing_of_the_patient_is_in_it_nor_a_number_in_a_job(self, desk: Desk, clock: FakeClock) -> None:
        async with Night(desk, clock) as night:
            ana = await night.patient(ANA)
            await night.writes(ana, f"I am Ana Lopez, {DANGER}")
            await night.run_until(timedelta(minutes=6))
            bodies = {text.body for number in (NORA, TOM) for text in night.twilio.sent_to(number)}
            assert bodies == {"Elm Street Clinic: a safety matter has been waiting since 04:00. Please take it at http://127.0.0.1:1/desk"}
            payloads = str([job["payload"] for job in await night.desk.look(_jobs)])
            assert NORA not in payloads
            assert "breathe" not in payloads


def _jobs(db: Any) -> list[dict[str, Any]]:
    return [dict(row) for row in db.execute(t.job.select()).mappings()]


class TestLimits:
    @pytest.mark.parametrize("page_first", [True, False])
    async def test_no_cap_of_the_patients_holds_a_page_and_no_page_is_counted_among_theirs(
        self, desk: Desk, clock: FakeClock, page_first: bool
    ) -> None:
        """Whoever is on call may be a patient, too."""
        async with Night(desk, clock, ALONE, texts_per_day=2, texts_per_number_hour=1) as night:
            nora = await night.patient(NORA)
            for is_page in (page_first, not page_first):
                if is_page:
                    await night.danger()
                else:
                    await night.say(nora, "How was it?")
                await night.run_until(timedelta(seconds=1))
            bodies = [text.body[:11] for text in night.twilio.sent_to(NORA)]
            assert bodies == (["Elm Street ", "How was it?"] if page_first else ["How was it?", "Elm Street "])

    async def test_the_clinics_cap_of_the_day_holds_no_page(self, desk: Desk, clock: FakeClock) -> None:
        async with Night(desk, clock, ALONE, texts_per_day=1) as night:
            ana = await night.patient(ANA)
            await night.say(ana, "How was it?", "Anything to add?")
            await night.danger()
            await night.run_until(timedelta(minutes=1))
            assert {text["purpose"]: text["reason"] for text in await night.texts() if text["state"] == "queued"} == {"reply": "daily_cap"}
            assert night.minutes(NORA) == [0]

    async def test_the_night_holds_no_page_however_long_the_patient_has_been_silent(self, desk: Desk, clock: FakeClock) -> None:
        async with Night(desk, clock, ALONE, timers=True) as night:
            await night.danger()
            await night.run_until(timedelta(minutes=90))
            assert night.minutes(NORA) == [8 * number for number in range(12)]

    async def test_a_flood_of_danger_does_not_flood_a_phone(self, desk: Desk, clock: FakeClock) -> None:
        async with Night(desk, clock, ALONE, texts_per_number_hour=3) as night:
            for _ in range(5):
                last = await night.danger()
                await night.run()
            assert len(night.minutes(NORA)) == 3
            assert await night.shown(last) == [{"state": "queued", "reason": "number_rate"}]
            await night.run_until(timedelta(minutes=60))
            assert len(night.minutes(NORA)) > 3

    async def test_a_page_is_of_no_use_after_four_hours(self, desk: Desk, clock: FakeClock) -> None:
        async with Night(desk, clock, ALONE) as night:
            await night.danger()
            await night.run()
            assert night.twilio.requests[0].fields["ValidityPeriod"] == str(4 * 60 * 60)
