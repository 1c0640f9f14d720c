"""The bot answers when something else has happened: its words are dropped, danger is not. On both databases."""

from __future__ import annotations

import pytest

from handoff import signals as sig
from handoff.desk import patients, staff, turns
from handoff.desk.turns import BotAnswer, Reply
from handoff.store import tables as t
from handoff.understanding import Understanding
from tests.cast import Cast, is_here
from tests.triage.test_deciding import reasons, texts

MODEL_SAYS = Understanding("opinion", 0.9, safety={"self_harm": 0.99})
BOT_SAYS = (sig.Unsafe("self_harm", "the last one"),)


class TestDangerOfALateTurn:
    """Ana writes words that no rule knows; before the bot has answered them, something else happens."""

    @pytest.mark.parametrize(("signals", "understood"), [((), MODEL_SAYS), (BOT_SAYS, None)])
    @pytest.mark.parametrize("meanwhile", ["asks for a person", "waits in line", "is taken", "leaves"])
    async def test_danger_is_heard_whatever_happened_meanwhile(
        self, cast: Cast, meanwhile: str, signals: tuple[sig.Signal, ...], understood: Understanding | None
    ) -> None:
        await is_here(cast, cast.maria)
        await cast.writes("I have put my things in order and this visit was the last one")
        turn = await cast.job("ask_bot")
        if meanwhile in ("asks for a person", "waits in line"):
            await cast.asks_for_a_person()
        if meanwhile == "waits in line":
            await cast.presses("Chat with a person")
        if meanwhile == "is taken":
            await cast.desk.do(staff.take, cast.priya, cast.ana)
        if meanwhile == "leaves":
            await cast.desk.do(patients.end, cast.ana, "end")
        answer = BotAnswer((Reply("And why?"),), signals, "opinion", understood)
        assert await cast.desk.do(turns.bot_answered, *turn, answer) is False
        (row,) = await cast.rows(t.conversation)
        assert (row["unsafe"], row["state"]) == (True, "human" if meanwhile == "is taken" else "waiting")
        assert "unsafe" in [one["reason"] for one in await reasons(cast)]
        said = await texts(cast)
        assert "And why?" not in said
        assert any("988" in text for text in said)
        assert any(text.startswith("I'm really glad you told me") for text in said) is (meanwhile != "is taken")  # a person goes on

    async def test_the_bot_is_asked_what_was_written_before_the_routes_were_shown(self, cast: Cast) -> None:
        await cast.writes("It was all right")
        _, payload = await cast.job("ask_bot")
        await cast.asks_for_a_person()
        turn = await cast.desk.look(turns.turn_of, cast.desk.house, payload)
        assert turn is not None
        assert turn["text"] == "It was all right"


async def test_what_begins_an_episode_belongs_to_it(cast: Cast) -> None:
    await cast.desk.do(patients.end, cast.ana, "end")
    await cast.writes("one more thing")
    assert [row["episode"] for row in await cast.rows(t.message)][-1] == 2
    assert {row["episode"] for row in await cast.rows(t.message)} == {1, 2}


@pytest.mark.parametrize(
    ("text", "understood", "said"),
    [
        ("quiero quitarme la vida", None, "Me alegro mucho de que"),
        ("I want to kill myself", None, "I'm really glad you told me"),
        ("ya he dejado mis cosas en orden y esta visita era la última", MODEL_SAYS, "Me alegro mucho de que"),
    ],
)
async def test_danger_is_answered_in_the_language_in_which_it_was_said(
    cast: Cast, text: str, understood: Understanding | None, said: str
) -> None:
    """Ana's page is English."""
    await is_here(cast, cast.maria)
    await cast.writes(text)
    if understood is not None:
        answer = BotAnswer((Reply("And why?"),), (), "opinion", understood)
        await cast.desk.do(turns.bot_answered, *await cast.job("ask_bot"), answer)
    assert any(row["text"].startswith(said) for row in await cast.messages())
    (request,) = await cast.rows(t.handoff_request)
    assert request["language"] == ("en" if said.startswith("I'm") else "es")


@pytest.mark.parametrize(("signals", "understood"), [((), MODEL_SAYS), (BOT_SAYS, Understanding("unsafe", 0.9))])
@pytest.mark.parametrize("meanwhile", ["", "asks for a person"])
async def test_nothing_of_a_message_of_danger_is_an_answer(
    cast: Cast, meanwhile: str, signals: tuple[sig.Signal, ...], understood: Understanding
) -> None:
    """Ana's grandmother "no habla bien", which the bot reads as a poor score and a reason for it."""
    await cast.writes("mi abuela no habla bien desde esta mañana y la boca se le va a un lado")
    turn = await cast.job("ask_bot")
    if meanwhile:
        await cast.asks_for_a_person()
    read = (sig.Answered("fft", "overall", "poor", "Mala"), sig.Answered("fft", "why", "la boca", "la boca"), sig.SurveyCompleted("fft"))
    await cast.desk.do(turns.bot_answered, *turn, BotAnswer((Reply("Gracias."),), (*read, *signals), "opinion", understood))
    assert (await cast.state())[0] == "waiting"
    assert await cast.rows(t.answer) == []
    assert "completed" not in [row["disposition"] for row in await cast.rows(t.response)]
