"""What becomes of the texts that bring pages: in doubt, refused, beside the patient's own, in the record."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from handoff import records
from handoff.desk import deliveries, staff, text_health, texts
from handoff.desk.clock_back import clock_went_back
from handoff.desk.deliveries import opt_out
from handoff.desk.leaving import wake
from handoff.desk.work import Desk, Work
from handoff.simulator.faults import Failure
from handoff.store import purge
from handoff.store import tables as t
from tests.fakes import FakeClock
from tests.paging import ALONE, DANGER, STEPS, Night
from tests.twilio import ANA, NORA, TOM


class TestDoubt:
    async def test_a_page_that_may_not_have_gone_is_sent_again_after_half_a_minute(self, desk: Desk, clock: FakeClock) -> None:
        async with Night(desk, clock, ALONE) as night:
            night.twilio.faults.failures.append(Failure.RESET)
            ana = await night.danger()
            await night.run()
            assert await night.shown(ana) == [{"state": "uncertain", "reason": None}]
            await night.run_until(timedelta(minutes=5))
            assert night.minutes(NORA) == [0.5]
            assert await night.states() == ["accepted"]

    async def test_one_that_has_gone_is_found_and_not_sent_again(self, desk: Desk, clock: FakeClock) -> None:
        async with Night(desk, clock, ALONE) as night:
            night.twilio.faults.failures.append(Failure.DROPPED)
            await night.danger()
            await night.run_until(timedelta(minutes=5))
            assert night.minutes(NORA) == [0]
            assert await night.states() == ["accepted"]

    async def test_a_provider_that_tells_nothing_is_asked_four_times_and_then_the_console_says_so(
        self, desk: Desk, clock: FakeClock
    ) -> None:
        async with Night(desk, clock, ALONE) as night:
            night.twilio.faults.down = True
            ana = await night.danger()
            await night.run_until(timedelta(minutes=7))
            (text,) = await night.texts()
            assert (text["state"], text["reason"], text["attempts"]) == ("maybe_sent", "uncertain", 4)
            assert await night.shown(ana) == [{"state": "uncertain", "reason": "uncertain"}]

    async def test_a_doubtful_one_is_not_sent_again_once_somebody_has_come(self, desk: Desk, clock: FakeClock) -> None:
        async with Night(desk, clock, ALONE) as night:
            night.twilio.faults.failures.append(Failure.RESET)
            ana = await night.danger()
            await night.run()
            await night.taken(ana)
            await night.run_until(timedelta(minutes=5))
            (text,) = await night.texts()
            assert (text["state"], text["reason"], night.minutes(NORA)) == ("blocked", "taken", [])

    async def test_a_sender_that_died_is_found_out_as_any_other(self, desk: Desk, clock: FakeClock) -> None:
        async with Night(desk, clock, ALONE) as night:
            await night.danger()
            job = await night.next_job()
            assert job is not None
            assert job.lease is not None
            await night.desk.do(_begins_and_dies, job)
            assert await night.states() == ["attempting"]
            assert night.twilio.requests == []
            await night.lose_jobs()
            await night.desk.do(_wakes, job.payload["conversation"])
            await night.run_until(timedelta(minutes=1))
            assert len(night.minutes(NORA)) == 1

    @pytest.mark.parametrize("failures", [[], [Failure.RESET]])
    async def test_a_clock_that_is_put_back_keeps_no_page_for_an_hour(self, desk: Desk, clock: FakeClock, failures: list[Failure]) -> None:
        async with Night(desk, clock, ALONE) as night:
            night.twilio.faults.failures.extend(failures)
            ana = await night.danger()
            await night.run()
            before = len(night.minutes(NORA))
            clock.forward(hours=-1)
            rules = night.desk.house.routing.teams.rules
            await night.desk.do(lambda work: clock_went_back(work.db, work.now, rules))
            await night.run_until(timedelta(minutes=3))
            assert len(night.minutes(NORA)) == 1
            assert await night.shown(ana) == [{"state": "queued", "reason": None}]
            await night.writes(ana, DANGER)
            await night.run()
            assert (before, len(night.minutes(NORA))) == (0 if failures else 1, 2)


def _begins_and_dies(work: Work, job: Any) -> None:
    texts.take_next(work, job.lease, job.payload["conversation"])


def _wakes(work: Work, conversation: str) -> None:
    wake(work, conversation)


class TestFailure:
    @pytest.mark.parametrize(
        ("code", "shown", "notices"),
        [
            (21610, ("failed", "opted_out"), []),
            (21614, ("failed", "landline"), []),
            (21211, ("failed", "bad_number"), []),
            (21408, ("failed", "region"), ["operator"]),
            (20003, ("queued", "account"), ["account"]),
        ],
    )
    async def test_a_page_that_is_refused_is_told_to_every_console(
        self, desk: Desk, clock: FakeClock, code: int, shown: tuple[str, str], notices: list[str]
    ) -> None:
        async with Night(desk, clock, ALONE) as night:
            night.twilio.faults.refusals[NORA] = code
            ana = await night.danger()
            night.bells.clear()
            await night.run()
            assert await night.shown(ana) == [{"state": shown[0], "reason": shown[1]}]
            assert any(bell.conversation == ana and bell.listed for bell in night.bells)
            assert await desk.look(text_health.notices, clock.now()) == notices

    async def test_without_a_provider_the_console_says_that_no_page_leaves(self, desk: Desk, clock: FakeClock) -> None:
        async with Night(desk, clock, ALONE) as night:
            night.desk.house = replace(night.desk.house, account=None)
            ana = await night.danger()
            await night.run()
            assert await night.shown(ana) == [{"state": "failed", "reason": "no_provider"}]

    async def test_one_that_the_network_lost_is_tried_twice_more(self, desk: Desk, clock: FakeClock) -> None:
        async with Night(desk, clock, ALONE, max_wait_minutes=120) as night:
            ana = await night.danger()
            for attempt in (1, 2, 3):
                await night.run()
                (text,) = await night.texts()
                assert text["attempts"] == attempt
                await night.desk.do(deliveries.reported, text["id"], attempt, text["sid"], "undelivered", 30003, None)
                await night.run_until(timedelta(minutes=15))
            assert await night.shown(ana) == [{"state": "failed", "reason": "unreachable"}]

    async def test_whoever_has_stopped_our_texts_gets_no_page_and_the_others_do(self, desk: Desk, clock: FakeClock) -> None:
        async with Night(desk, clock) as night:
            await night.desk.do(opt_out, NORA, how="keyword")
            ana = await night.danger()
            await night.run()
            assert await night.shown(ana) == [{"state": "failed", "reason": "opted_out"}]
            await night.run_until(timedelta(minutes=6))
            assert (night.minutes(NORA), night.minutes(TOM)) == ([], [2, 5])
            assert await night.shown(ana) == [{"state": "failed", "reason": "opted_out"}, {"state": "queued", "reason": None}]

    async def test_a_stop_blocks_what_waits_for_that_phone(self, desk: Desk, clock: FakeClock) -> None:
        async with Night(desk, clock, ALONE) as night:
            ana = await night.danger()
            await night.desk.do(opt_out, NORA, how="keyword")
            await night.run()
            assert await night.shown(ana) == [{"state": "failed", "reason": "opted_out"}]
            assert night.twilio.requests == []


class TestBesideThePatient:
    """Ana texts that she is in danger: what she is told, and the page, leave side by side."""

    async def test_she_is_told_first_and_a_page_does_not_wait_for_her_texts(self, desk: Desk, clock: FakeClock) -> None:
        async with Night(desk, clock, ALONE) as night:
            ana = await night.patient(ANA)
            night.twilio.faults.failures.append(Failure.RESET)
            await night.writes(ana, DANGER, channel="sms")
            await night.run()
            assert [text["purpose"] for text in await night.texts() if text["state"] == "maybe_sent"] == ["safety"]
            assert night.minutes(NORA) == [0]

    async def test_her_texts_do_not_wait_for_a_page(self, desk: Desk, clock: FakeClock) -> None:
        async with Night(desk, clock, ALONE) as night:
            ana = await night.patient(ANA)
            night.twilio.faults.refusals[NORA] = 30003
            await night.writes(ana, DANGER, channel="sms")
            await night.run_until(timedelta(minutes=1))
            states = {(text["purpose"], text["state"]) for text in await night.texts()}
            assert states == {("page", "queued"), ("safety", "accepted")}
            await night.say(ana, "I am Maria. Where are you?", author="staff")
            await night.run()
            assert night.twilio.sent_to(ANA)[-1].body == "I am Maria. Where are you?"


class TestTheRecord:
    async def test_an_export_tells_of_the_page_and_not_whose_phone_it_was(self, desk: Desk, clock: FakeClock) -> None:
        async with Night(desk, clock, ALONE) as night:
            ana = await night.danger()
            await night.run()
            exported = await night.desk.do(records.export, ana, who="test")
            (text,) = [one for one in exported["outbound_text"] if one["purpose"] == "page"]
            assert (text["state"], text["number"], text["page"]) == ("accepted", "", exported["page"][0]["id"])
            assert NORA not in str(exported)

    async def test_erasing_leaves_nothing_of_a_page_and_a_late_report_does_no_harm(self, desk: Desk, clock: FakeClock) -> None:
        async with Night(desk, clock) as night:
            ana = await night.danger()
            await night.run_until(timedelta(minutes=3))
            maria = await night.taken(ana)
            await night.desk.do(staff.close, maria, ana, "safety_handled")
            (first, *_) = await night.texts()
            await night.desk.do(_closes_cases, ana)
            await night.desk.do(records.erase, ana, who="test")
            assert await night.texts() == []
            for table in (t.page, t.text_event):
                assert await night.desk.look(lambda db, table=table: db.execute(table.select()).all()) == []
            await night.desk.do(deliveries.reported, first["id"], 1, first["sid"], "delivered", None, None)
            await night.run_until(timedelta(minutes=10))
            assert await night.texts() == []

    async def test_erased_in_the_middle_of_it_nobody_is_texted_any_more(self, desk: Desk, clock: FakeClock) -> None:
        async with Night(desk, clock, STEPS) as night:
            ana = await night.danger()
            await night.desk.do(lambda work: purge.erase_conversation(work.db, ana))
            night._born.clear()
            await night.run_until(timedelta(minutes=10))
            assert night.twilio.requests == []


def _closes_cases(work: Work, conversation: str) -> None:
    work.db.execute(update(t.case).where(t.case.c.conversation == conversation).values(state="closed", closed_at=work.now))
