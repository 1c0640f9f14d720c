"""What the bot does not answer it listens to all the same: danger that no rule knows is heard while the patient waits or leaves a message."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from handoff import signals as sig
from handoff.desk import passing_on, staff, turns
from handoff.desk.answer import BotAnswer, Reply
from handoff.errors import BotFailed
from handoff.store import tables as t
from handoff.understanding import Understanding
from tests.cast import Cast, in_line
from tests.fakes import FakeBot
from tests.service import Node

WORDS = "the small blue chair is taken now"  # no rule knows them
HEARD = BotAnswer((), (sig.Unsafe("self_harm", WORDS),), "unsafe")


async def hears(cast: Cast, answer: BotAnswer = HEARD) -> None:
    await cast.desk.do(turns.heard, *await cast.job("listen"), answer)


async def is_waiting(cast: Cast) -> None:
    await in_line(cast)
    await cast.writes(WORDS)


async def is_leaving_a_message(cast: Cast) -> None:
    await cast.asks_for_a_person()
    await cast.presses("Leave a message")
    await cast.writes(WORDS)


async def says_what_the_call_is_about(cast: Cast) -> None:
    await cast.asks_for_a_person()
    for answer in ("call me", "2025550199", "yes", "1", WORDS):
        await cast.writes(answer)


async def writes_to_who_has_parked_it_and_is_away(cast: Cast) -> None:
    await in_line(cast)
    await cast.desk.do(staff.take, cast.maria, cast.ana)
    await cast.desk.do(passing_on.park, cast.maria, cast.ana)
    await cast.desk.do(staff.set_available, cast.maria, False)
    await cast.writes(WORDS)


ALL = (is_waiting, is_leaving_a_message, says_what_the_call_is_about, writes_to_who_has_parked_it_and_is_away)


class TestListening:
    @pytest.mark.parametrize("says", ALL, ids=lambda one: one.__name__)
    async def test_danger_is_heard_and_comes_first(self, cast: Cast, says: Callable[[Cast], Awaitable[None]]) -> None:
        await says(cast)
        await hears(cast)
        (row,) = await cast.rows(t.conversation)
        assert (row["unsafe"], row["state"], row["owner"]) == (True, "waiting", "queue")
        assert "988" in " ".join([message["text"] for message in await cast.messages()][-2:])
        kinds = [reason["reason"] for request in await cast.rows(t.handoff_request) for reason in request["reasons"]]
        assert kinds[-1] == "unsafe"

    @pytest.mark.parametrize("says", ALL, ids=lambda one: one.__name__)
    async def test_all_else_that_the_bot_makes_of_it_changes_nothing_but_is_kept(
        self, cast: Cast, says: Callable[[Cast], Awaitable[None]]
    ) -> None:
        await says(cast)
        before, said = await cast.rows(t.conversation), await cast.messages()
        wish = (sig.WantsPerson("asked", "a person"), sig.Answered("fft", "overall", "poor", "Poor"))
        await hears(cast, BotAnswer((Reply("And why?"),), wish, "wants_person", Understanding("wants_person", 0.9, frustration=0.99)))
        assert (await cast.rows(t.conversation), await cast.messages()) == (before, said)
        assert [row["message"] for row in await cast.rows(t.assessment)][-1:] == [
            message["id"] for message in await cast.messages() if message["text"] == WORDS
        ]

    async def test_who_was_not_answered_was_not_misunderstood(self, cast: Cast) -> None:
        await in_line(cast)
        for words in ("hello", "anybody"):
            await cast.writes(words)
            await hears(cast, BotAnswer((), (), "nlu_fallback", Understanding("nlu_fallback", 0.9)))
        await cast.presses("Leave the line")
        await cast.bot_says("There is a question left.")
        await cast.writes("it was all right")
        await cast.bot_says("And why?")
        assert [row["given"]["history"].get("not_understood", 0) for row in await cast.rows(t.assessment)] == [0, 0, 0]

    async def test_a_button_is_nothing_to_listen_to(self, cast: Cast) -> None:
        await cast.asks_for_a_person()
        for answer in ("call me", "2025550199", "yes", "1"):
            await cast.writes(answer)
        await cast.presses("Leave it out")
        assert [job for job in await cast.rows(t.job) if job["kind"] == "listen"] == []

    async def test_it_is_asked_of_the_bot_whoever_has_the_conversation_and_with_the_words(self, cast: Cast) -> None:
        await is_waiting(cast)
        _, payload = await cast.job("listen")
        await cast.desk.do(staff.take, cast.maria, cast.ana)
        turn = await cast.desk.look(turns.turn_of, cast.desk.house, payload)
        assert turn is not None
        assert (turn["kind"], turn["text"], turn["message"]) == ("listen", WORDS, payload["message"])

    async def test_who_has_it_by_then_sees_it(self, cast: Cast) -> None:
        await is_waiting(cast)
        await cast.desk.do(staff.take, cast.maria, cast.ana)
        await hears(cast)
        (row,) = await cast.rows(t.conversation)
        assert (row["unsafe"], row["state"], row["owner"]) == (True, "human", f"staff:{cast.maria.id}")

    async def test_what_staff_have_closed_since_they_have_read(self, cast: Cast) -> None:
        await is_waiting(cast)
        await cast.desk.do(staff.take, cast.maria, cast.ana)
        await cast.desk.do(staff.close, cast.maria, cast.ana, "answered")
        await hears(cast)
        assert (await cast.state())[0] == "closed"

    async def test_a_safety_matter_is_not_listened_to_again(self, cast: Cast) -> None:
        await in_line(cast)
        await cast.writes("I want to kill myself")
        await cast.writes(WORDS)
        assert [job for job in await cast.rows(t.job) if job["kind"] == "listen"] == []


async def test_a_running_node_listens_and_a_dead_bot_is_no_trouble(tmp_path: Path) -> None:
    bot = FakeBot()
    bot.danger |= {"first words": BotFailed(how="down"), WORDS: HEARD}
    async with Node(tmp_path, bot=bot) as node:
        await node.staff("Maria")
        ana = await node.patient()
        await ana.person()
        await ana.sees("How would you like to go on?")
        await ana.press("Chat with a person")
        await ana.is_in("waiting")
        await ana.send("first words")
        await ana.send(WORDS)
        await ana.sees("988")
        assert bot.heard == ["first words", WORDS]
        assert [text for text in ana.texts if "trouble" in text] == []
