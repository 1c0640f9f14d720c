"""Through the deeds, on both databases: what a patient is told about the line is so. Maria and Sam pick up; Ana asks, Ben is another."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from handoff.channels import Inbound
from handoff.desk import line, patient_view, patients, sessions, staff, turns
from handoff.desk.work import Work
from handoff.errors import BadInput
from handoff.store import tables as t
from tests.cast import SITE, Cast, is_here
from tests.offering import look
from tests.test_call_offers import asks_for_today

pytestmark = pytest.mark.usefixtures("cast")
ALONE_IN_LINE = """You are in line, but nobody from the team is here right now. You can write "leave a message" or "call me" instead."""
MINUTE = timedelta(minutes=1)


async def ben_waits(cast: Cast) -> str:
    """Somebody else asks for a person and waits for one."""
    ben = (await cast.desk.do(sessions.open_session, secret=None, site=SITE, protocol="widget", locale="en")).conversation
    await cast.desk.do(patients.receive, Inbound(ben, "b1", button="person"))
    await cast.desk.do(patients.receive, Inbound(ben, "b2", "1"))
    return str(ben)


async def routes(cast: Cast) -> list[str]:
    return [button["title"] for button in (await cast.messages())[-1]["buttons"]]


async def ahead(cast: Cast) -> int:
    return ((await cast.desk.look(patient_view.state, cast.desk.house, cast.ana, cast.clock.now())) or {})["ahead"]


async def test_with_somebody_free_a_person_is_offered_now(cast: Cast) -> None:
    await is_here(cast, cast.maria)
    await cast.asks_for_a_person()
    assert (await routes(cast))[0] == "Chat with a person now"
    await cast.presses("Chat with a person")
    assert (await cast.last()).startswith("You are next in line. ")


async def test_where_everybody_has_all_they_can_carry_that_is_said(cast: Cast) -> None:
    await is_here(cast, cast.maria)
    for _ in range(3):
        await cast.desk.do(staff.take, cast.maria, await ben_waits(cast))
    await cast.asks_for_a_person()
    assert (await routes(cast))[0] == "Chat with a person (all are busy just now)"
    await cast.presses("Chat with a person")
    assert (await cast.last()).startswith("You are next in line; everybody here is busy just now.")
    await is_here(cast, cast.sam)
    await cast.asks_for_a_person()
    assert (await cast.last()).startswith("You are next in line. ")


@pytest.mark.parametrize(("priority", "before"), [(0, 1), (1, 1), (2, 0)])
async def test_the_button_counts_those_who_come_before_and_no_others(cast: Cast, priority: int, before: int) -> None:
    """Ben came first. Ana asks for a person: so did he, he is in danger, or he was only offered one."""
    await is_here(cast, cast.maria)
    await ben_waits(cast)
    await cast.desk.do(lambda work: work.db.execute(t.handoff_request.update().values(priority=priority)))
    cast.clock.forward(seconds=5)
    await cast.asks_for_a_person()
    said = "Chat with a person now (1 ahead of you)" if before else "Chat with a person now"
    assert (await routes(cast))[0] == said
    await cast.presses("Chat with a person")
    assert await ahead(cast) == before
    assert ("1 ahead of you" in await cast.last()) is bool(before)


async def test_whoever_is_to_be_phoned_now_and_asked_earlier_comes_before(cast: Cast) -> None:
    await asks_for_today(cast)  # Ana is promised a call, which is due
    ben = await ben_waits(cast)
    state = await cast.desk.look(patient_view.state, cast.desk.house, ben, cast.clock.now())
    assert (state or {})["ahead"] == 1


async def test_when_the_last_of_the_staff_goes_those_in_line_are_told_once(cast: Cast) -> None:
    await is_here(cast, cast.maria)
    await cast.desk.do(staff.take, cast.maria, await ben_waits(cast))
    await cast.asks_for_a_person()
    await cast.presses("Chat with a person")
    await cast.desk.do(lambda work: work.db.execute(t.staff.update().values(missed=0)))
    await look(cast)
    before = len(await cast.messages())
    cast.clock.forward(seconds=20)  # her laptop was shut without a word
    await look(cast)
    said = [row["text"] for row in await cast.messages()][before:]
    assert said == [ALONE_IN_LINE]
    await is_here(cast, cast.sam)
    await look(cast)
    await cast.desk.do(staff.set_available, cast.sam, False)
    await look(cast)
    assert len(await cast.messages()) == before + 1


async def test_who_comes_into_line_while_nobody_is_here_is_told_then_and_not_again(cast: Cast) -> None:
    await is_here(cast, cast.maria)
    await cast.asks_for_a_person()
    cast.clock.forward(seconds=20)
    await cast.presses("Chat with a person")
    before = len(await cast.messages())
    await look(cast)
    assert len(await cast.messages()) == before


def takes(work: Work, conversation: str, *, waited: timedelta, every: timedelta, number: int = 7) -> None:
    """People were taken, the last one now; each had waited so long."""
    for back in range(number):
        at = work.now - every * (number - 1 - back)
        moves = (("chat_now", "choosing", "waiting", at - waited), ("taken", "waiting", "human", at))
        for event, before, after, when in moves:
            told = {"conversation": conversation, "at": when, "who": "patient", "event": event, "from_state": before, "to_state": after}
            work.db.execute(t.move.insert().values(id=work.ids.new(), from_owner="bot", to_owner="queue", epoch=0, why="", **told))


@pytest.mark.parametrize(
    ("waited", "every", "still", "says"),
    [
        (MINUTE * 20, MINUTE * 3, MINUTE * 0, MINUTE * 6),  # a long line, and one is taken every three minutes
        (MINUTE * 1, MINUTE * 15, MINUTE * 0, MINUTE * 2),  # nobody waited between two: that is no pace
        (MINUTE * 20, MINUTE * 3, MINUTE * 10, MINUTE * 20),  # nobody has been taken for ten minutes
    ],
)
async def test_the_wait_is_told_from_how_the_line_moved_while_somebody_waited(
    cast: Cast, waited: timedelta, every: timedelta, still: timedelta, says: timedelta
) -> None:
    await is_here(cast, cast.maria)
    await ben_waits(cast)
    cast.clock.forward(hours=3)
    await cast.desk.do(takes, cast.ana, waited=waited, every=every)
    began: datetime = cast.clock.now()
    await cast.desk.do(
        lambda work: work.db.execute(t.conversation.update().where(t.conversation.c.state == "waiting").values(changed_at=began))
    )
    cast.clock.forward(seconds=still.total_seconds())
    assert await cast.desk.look(line.wait_estimate, 1, cast.clock.now()) == says


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("1", ALONE_IN_LINE),
        (
            "I want to kill myself",
            "Nobody is at the desk this minute. They will see this first when they are back. Please don't wait for us: call or text 988",
        ),
    ],
)
async def test_when_the_last_of_the_staff_goes_those_in_line_hear_it_and_who_is_in_danger_whom_to_call(
    cast: Cast, words: str, told: str
) -> None:
    await is_here(cast, cast.maria)
    await cast.asks_for_a_person()
    await cast.writes(words)
    assert told not in await cast.last()
    await cast.desk.do(staff.set_available, cast.maria, False)
    await look(cast)
    assert (await cast.last()).startswith(told)
    await cast.asks_for_a_person()
    assert (await cast.last()).startswith(told)


async def test_the_banner_knows_whether_anybody_is_here(cast: Cast) -> None:
    async def staffed() -> list[bool | None]:
        one = await cast.desk.look(patient_view.state, cast.desk.house, cast.ana, cast.clock.now())
        many = await cast.desk.look(patient_view.states_in_line, cast.desk.house, (cast.ana,), cast.clock.now())
        return [(one or {})["staffed"], *(state["staffed"] for state in many.values())]

    assert await staffed() == [None]
    await is_here(cast, cast.maria)
    await cast.asks_for_a_person()
    await cast.presses("Chat with a person")
    assert await staffed() == [True, True]
    await cast.desk.do(staff.set_available, cast.maria, False)
    assert await staffed() == [False, False]


class TestLanguage:
    async def test_what_is_open_is_asked_again_in_the_language_that_was_chosen(self, cast: Cast) -> None:
        await cast.desk.do(patients.switch_language, cast.ana, "es")
        _, payload = await cast.job("ask_bot")
        turn = await cast.desk.look(turns.turn_of, cast.desk.house, payload)
        assert turn is not None
        assert (turn["kind"], turn["locale"]) == ("returned", "es")

    async def test_the_routes_are_shown_in_it_and_the_line_knows_it(self, cast: Cast) -> None:
        await is_here(cast, cast.maria)
        await cast.asks_for_a_person()
        await cast.desk.do(patients.switch_language, cast.ana, "es")
        assert (await routes(cast))[0] == "Hablar con una persona ahora"
        assert [row["language"] for row in await cast.rows(t.handoff_request)] == ["es"]

    @pytest.mark.parametrize(
        ("locale", "words", "language"),
        [
            ("en", "quiero hablar con una persona", "es"),
            ("en", "The nurse was so kind and helpful. ¿Puedo hablar con alguien?", "es"),  # the language of the wish itself
            ("en", "persona", "es"),
            ("es", "I want to talk to a person please", "en"),
            ("en-GB", "quiero hablar con una persona", "es"),
            ("en", "llámenme por favor", "es"),
            ("en", "agent", "en"),  # which tells no language
            ("es", "agent", "es"),
            ("en", "la enfermera fue muy amable", "en"),  # no wish
        ],
    )
    async def test_a_wish_for_a_person_is_answered_in_the_language_in_which_it_was_said(
        self, cast: Cast, locale: str, words: str, language: str
    ) -> None:
        await cast.desk.do(lambda work: work.db.execute(t.conversation.update().values(locale=locale)))
        await cast.writes(words)
        assert [row["locale"] for row in await cast.rows(t.conversation)] == [language]

    async def test_so_is_one_while_they_choose_and_the_line_knows_it(self, cast: Cast) -> None:
        await is_here(cast, cast.maria)
        await cast.asks_for_a_person()
        await cast.writes("quiero hablar con una persona")
        assert (await cast.last()).startswith("Es la siguiente persona")
        assert [row["language"] for row in await cast.rows(t.handoff_request)] == ["es"]

    async def test_the_bot_answers_in_it(self, cast: Cast) -> None:
        await cast.writes("quiero hablar con una persona")
        turn = await cast.desk.look(turns.turn_of, cast.desk.house, (await cast.job("ask_bot"))[1])
        assert turn is not None
        assert turn["locale"] == "es"

    async def test_what_is_said_to_staff_changes_nothing(self, cast: Cast) -> None:
        await is_here(cast, cast.maria)
        await cast.asks_for_a_person()
        await cast.presses("Chat with a person")
        await cast.desk.do(staff.take, cast.maria, cast.ana)
        await cast.writes("quiero hablar con una persona")
        assert [row["locale"] for row in await cast.rows(t.conversation)] == ["en"]

    async def test_a_call_that_is_being_asked_for_goes_on(self, cast: Cast) -> None:
        await cast.asks_for_a_person()
        await cast.presses("Ask for a phone call")
        said = len(await cast.messages())
        await cast.desk.do(patients.switch_language, cast.ana, "es")
        assert len(await cast.messages()) == said
        await cast.writes("2025550199")
        assert "¿Es correcto?" in await cast.last()

    @pytest.mark.parametrize(("locale", "refused"), [("en", False), ("fr", True), ("", True)])
    async def test_the_same_changes_nothing_and_another_is_refused(self, cast: Cast, locale: str, refused: bool) -> None:
        before = await cast.rows(t.conversation)
        with pytest.raises(BadInput) if refused else nullcontext():
            await cast.desk.do(patients.switch_language, cast.ana, locale)
        assert await cast.rows(t.conversation) == before


@pytest.mark.parametrize(("here", "phones", "said"), [(True, (), True), (False, ("+12025550123",), True), (False, (), False)])
async def test_that_a_person_was_asked_is_said_where_one_was(cast: Cast, here: bool, phones: tuple[str, ...], said: bool) -> None:
    routing = cast.desk.house.routing
    steps = (routing.on_call[0].model_copy(update={"phones": phones}), *routing.on_call[1:])
    cast.desk.house = replace(cast.desk.house, routing=replace(routing, on_call=steps))
    if here:
        await is_here(cast, cast.maria)
    await cast.writes("I want to kill myself")
    texts = [message["text"] for message in await cast.messages()]
    assert ("I have asked a person to look at this chat at once." in texts) is said
    assert any(text.startswith("Nobody is at the desk this minute.") for text in texts) is not here
