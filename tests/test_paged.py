"""Through the deeds, on both databases: whoever is on call texts back, and is no patient; a patient who is listed on call stays one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from handoff import records
from handoff.channels.sms import TextIn
from handoff.desk import paged, patient_view, staff, texts_in, views
from handoff.desk.work import Desk
from handoff.gsm7 import segments
from handoff.invariants import find_breaches
from handoff.routing_file import OnCall
from handoff.simulator.faults import Failure
from handoff.staff.access import Person, Role
from handoff.store import purge
from handoff.store import tables as t
from tests.fakes import FakeClock
from tests.paging import ALONE, DANGER, STEPS, Night
from tests.twilio import ANA, NORA, OURS, TOM

ASKS = "Is she still saying she can't breathe? on my way"
ANSWER = "This number takes no replies. To take a safety matter, please open Heard."
PRIYA = Person("x", "Priya", Role.SUPERVISOR)


async def texts_back(night: Night, said: str, *, sid: str = "SM1", number: str = NORA, media: tuple[dict[str, str], ...] = ()) -> bool:
    new = await night.desk.do(texts_in.take_in, TextIn(sid, number, OURS, said, media=media))
    await night.run()
    return new


async def rows(night: Night, table: Any) -> list[dict[str, Any]]:
    return await night.desk.look(lambda db: [dict(row) for row in db.execute(select(table)).mappings()])


async def heard(night: Night, conversation: str) -> list[tuple[str, str]]:
    """What staff read among the moves of what was texted from phones on call."""
    moves = await night.desk.look(views.moves, conversation)
    return [(move["who"], move["why"]) for move in moves if move["event"] == "on_call_wrote"]


def to(night: Night, number: str) -> list[str]:
    return [text.body for text in night.twilio.sent_to(number)]


@pytest.mark.parametrize("said", ["On my way", ASKS, "DANGER", DANGER, "yes", "1", "123456", "HELP", "who is this?"])
async def test_whoever_is_on_call_and_texts_back_is_no_patient(desk: Desk, clock: FakeClock, said: str) -> None:
    async with Night(desk, clock, ALONE) as night:
        ana = await night.danger()
        await night.run()
        before = await rows(night, t.message), await rows(night, t.assessment), await rows(night, t.page)
        night.bells.clear()
        assert await texts_back(night, said)
        assert [row["id"] for row in await rows(night, t.conversation)] == [ana]
        assert (await rows(night, t.message), await rows(night, t.assessment), await rows(night, t.page)) == before
        assert await heard(night, ana) == [("on_call", said)]
        assert to(night, NORA)[1:] == [ANSWER]
        assert any(bell.conversation == ana and bell.listed for bell in night.bells)
        (kept,) = await rows(night, t.inbound_text)
        assert (kept["sid"], kept["conversation"], kept["message"]) == ("SM1", ana, None)


async def test_the_patient_is_shown_nothing_of_it(desk: Desk, clock: FakeClock) -> None:
    async with Night(desk, clock, ALONE) as night:
        ana = await night.danger()
        await texts_back(night, ASKS)
        synced = await night.desk.look(patient_view.sync, night.desk.house, ana, 0, clock.now())
        assert ASKS not in str(synced)
        assert NORA not in str(await night.desk.do(records.export, ana, who="test"))


async def test_the_same_text_twice_is_kept_once_also_when_it_was_erased(desk: Desk, clock: FakeClock) -> None:
    async with Night(desk, clock, ALONE) as night:
        ana = await night.danger()
        await night.run()
        assert [await texts_back(night, ASKS), await texts_back(night, ASKS)] == [True, False]
        assert await heard(night, ana) == [("on_call", ASKS)]
        await night.desk.do(lambda work: purge.erase_conversation(work.db, ana))
        assert not await texts_back(night, ASKS)


async def test_a_picture_is_said_to_have_come(desk: Desk, clock: FakeClock) -> None:
    async with Night(desk, clock, ALONE) as night:
        ana = await night.danger()
        await texts_back(night, "", media=({"type": "image/png", "url": "https://api.twilio.com/a"},))
        assert await heard(night, ana) == [("on_call", night.desk.house.words.say("en", "texts.picture_came"))]


async def test_the_answer_waits_for_no_text_to_the_patient(desk: Desk, clock: FakeClock) -> None:
    async with Night(desk, clock, ALONE) as night:
        ana = await night.patient(ANA)
        night.twilio.faults.failures.append(Failure.RESET)
        await night.writes(ana, DANGER, channel="sms")
        await night.run()
        await texts_back(night, "On my way")
        assert to(night, NORA)[1:] == [ANSWER]
        assert [text["purpose"] for text in await night.texts() if text["state"] == "maybe_sent"] == ["safety"]


async def test_each_round_of_pages_is_answered_once_on_each_phone(desk: Desk, clock: FakeClock) -> None:
    async with Night(desk, clock, STEPS) as night:
        ana = await night.danger()
        await night.run_until(timedelta(minutes=1))
        await texts_back(night, "On my way", sid="SM")
        await night.run_until(timedelta(minutes=5))  # the third step has paged both by now
        for number, phone in enumerate((NORA, NORA, TOM)):
            await texts_back(night, "On my way", sid=f"SM{number}", number=phone)
        assert (to(night, NORA).count(ANSWER), to(night, TOM).count(ANSWER)) == (1, 1)
        await night.run_until(timedelta(minutes=3))
        await night.writes(ana, DANGER)
        await texts_back(night, "Still on my way", sid="SM9")
        assert to(night, NORA).count(ANSWER) == 2
        assert len(await heard(night, ana)) == 5


async def test_what_is_texted_belongs_to_the_matter_that_the_phone_was_paged_for_last(desk: Desk, clock: FakeClock) -> None:
    async with Night(desk, clock, ALONE) as night:
        ana = await night.danger()
        await night.run()
        await texts_back(night, "On my way", sid="SM1")
        await night.run(minutes=5)
        ben = await night.danger()
        await night.run()
        await texts_back(night, "Again?", sid="SM2")
        assert (await heard(night, ana), await heard(night, ben)) == ([("on_call", "On my way")], [("on_call", "Again?")])
        assert to(night, NORA).count(ANSWER) == 2


async def test_who_was_never_paged_is_answered_and_what_they_say_is_put_before_staff(desk: Desk, clock: FakeClock) -> None:
    async with Night(desk, clock, ALONE) as night:
        await texts_back(night, DANGER, sid="SM1")
        night.bells.clear()
        await texts_back(night, "Just testing", sid="SM2")
        assert night.bells[0].listed
        (record,) = await rows(night, t.conversation)
        assert (record["state"], record["unsafe"], await rows(night, t.page), await rows(night, t.message)) == ("closed", False, [], [])
        (item,) = await night.desk.look(views.queue, night.desk.house, PRIYA)
        assert item["conversation"] == record["id"]
        assert await heard(night, record["id"]) == [("on_call", DANGER), ("on_call", "Just testing")]
        assert to(night, NORA) == [ANSWER]
        assert await night.desk.look(find_breaches) == []
        maria = await night.maria()
        await night.desk.do(staff.take, maria, record["id"])
        await night.desk.do(staff.close, maria, record["id"], "no_answer_needed")
        assert await night.desk.look(views.queue, night.desk.house, PRIYA) == []
        ana = await night.danger()
        await night.run()
        await texts_back(night, "On my way", sid="SM3")
        assert await heard(night, ana) == [("on_call", "On my way")]


@pytest.mark.parametrize(("stop", "how"), [("STOP", "keyword"), ("please stop texting me", "sentence")])
async def test_stop_ends_pages_to_that_phone_which_is_told_by_its_end_and_start_brings_them_back(
    desk: Desk, clock: FakeClock, stop: str, how: str
) -> None:
    async with Night(desk, clock, ALONE) as night:
        ana = await night.danger()
        await night.run()
        await texts_back(night, stop, sid="SM1")
        (row,) = await rows(night, t.opt_out)
        assert (row["number"], row["how"]) == (NORA, how)
        assert await heard(night, ana) == [("on_call", stop)]
        other = await night.danger()
        await night.run()
        item = await night.desk.look(views.item, night.desk.house, PRIYA, other)
        assert item["page"]["texts"] == [{"phone": NORA[-2:], "state": "failed", "reason": "opted_out"}]
        assert await night.desk.look(paged.stopped_among, (NORA, TOM)) == [NORA[-2:]]
        assert len(to(night, NORA)) == 1
        await texts_back(night, "START", sid="SM2")
        assert await night.desk.look(paged.stopped_among, (NORA, TOM)) == []
        await night.danger()
        await night.run()
        assert [body == ANSWER for body in to(night, NORA)] == [False, True, False]


async def test_a_patient_who_is_listed_on_call_stays_one_and_is_not_paged_for_their_own_words(desk: Desk, clock: FakeClock) -> None:
    async with Night(desk, clock, (OnCall(after=0, who="everybody", phones=(NORA, TOM)),)) as night:
        nora = await night.patient(NORA)
        await texts_back(night, DANGER)
        assert [(row["id"], row["unsafe"]) for row in await rows(night, t.conversation)] == [(nora, True)]
        assert (len(to(night, TOM)), [body for body in to(night, NORA) if "has been waiting" in body]) == (1, [])
        await night.danger()
        await night.run()
        assert len([body for body in to(night, NORA) if "has been waiting" in body]) == 1


@pytest.mark.parametrize("locale", ["en", "es"])
def test_the_answer_is_one_text(desk: Desk, locale: str) -> None:
    house = replace(desk.house, settings=desk.house.settings.model_copy(update={"locale": locale}))
    assert segments(paged.answer_of(house)) == 1
    assert len(paged.answer_of(house)) > 70  # in the alphabet of which 160 fit
