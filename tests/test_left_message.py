"""Leaving a message: the words are asked for, taken whatever they speak of, promised an answer; and who asked in vain is owed one too."""

from __future__ import annotations

from typing import Any

import pytest

from handoff import signals as sig
from handoff.conversation import Event
from handoff.desk import staff
from handoff.store import tables as t
from tests.cast import Cast, in_line

ASKED = "Please write your message for the team."
PROMISED = "A member of staff will read it and answer you here by Thursday 26 November."
ENOUGH = "Send what I wrote"


async def begins(cast: Cast, *, first: str = "") -> None:
    """Asks for a person, with words or by the button alone, and wants to leave a message."""
    if first:
        await cast.writes(first)
        await cast.bot_says("Of course.", signals=(sig.WantsPerson("asked"),))
    else:
        await cast.asks_for_a_person()
    await cast.presses("Leave a message")


async def offered(cast: Cast) -> list[str]:
    return [button["title"] for button in (await cast.messages())[-1]["buttons"]]


async def promises(cast: Cast) -> list[dict[str, Any]]:
    return await cast.rows(t.promise)


async def test_nothing_is_thanked_for_before_it_is_written(cast: Cast) -> None:
    await begins(cast)
    assert (await cast.last()).startswith(ASKED)
    assert await offered(cast) == ["Back to the choices"]
    assert await promises(cast) == await cast.rows(t.case) == []
    await cast.writes("The parking machine takes no cards")
    assert PROMISED in await cast.last()
    assert await cast.state() == ("bot", "bot")
    assert [case["state"] for case in await cast.rows(t.case)] == ["open"]


async def test_who_has_written_it_already_sends_that(cast: Cast) -> None:
    await begins(cast, first="The parking machine takes no cards, can somebody help")
    assert await offered(cast) == [ENOUGH, "Back to the choices"]
    await cast.presses(ENOUGH)
    assert PROMISED in await cast.last()


@pytest.mark.parametrize(
    "words",
    [
        "please call me about my results tomorrow",  # a call is not what they chose
        "I want to complain about a nurse, and to speak to somebody about my bill",
        "my back pain is no better",
        "2 nurses laughed at me",
        "text me when there is an appointment",
    ],
)
async def test_whatever_it_speaks_of_it_is_the_message(cast: Cast, words: str) -> None:
    await begins(cast)
    await cast.writes(words)
    assert PROMISED in await cast.last()
    assert await cast.state() == ("bot", "bot")


@pytest.mark.parametrize(("first", "events"), [("", ["go_on"]), ("The parking machine takes no cards", ["leave_message"])])
async def test_nothing_to_add(cast: Cast, first: str, events: list[str]) -> None:
    await begins(cast, first=first)
    await cast.writes("no thanks")
    assert [move["event"] for move in await cast.rows(t.move)][-1:] == events


@pytest.mark.parametrize("wish", ["a person please", "I want to talk to somebody now"])
async def test_a_person_is_one_word_away_all_the_same(cast: Cast, wish: str) -> None:
    await begins(cast)
    await cast.writes(wish)
    assert "Leave a message for the team" in await offered(cast)
    assert await promises(cast) == []


async def test_back_to_the_choices(cast: Cast) -> None:
    await begins(cast)
    await cast.presses("Back to the choices")
    assert "Leave a message for the team" in await offered(cast)


@pytest.mark.parametrize(("first", "owed"), [("", False), ("The parking machine takes no cards", True)])
async def test_who_goes_without_writing_it_is_answered_if_there_is_something_to_answer(cast: Cast, first: str, owed: bool) -> None:
    await begins(cast, first=first)
    cast.clock.forward(minutes=11)
    await cast.time_passes()
    assert await cast.state() == ("bot", "bot")
    assert [promise["kind"] for promise in await promises(cast)] == ["answer_here"] * owed


async def test_who_waited_in_vain_and_went_away_is_owed_an_answer(cast: Cast) -> None:
    await in_line(cast)
    cast.clock.forward(minutes=9)
    await cast.time_passes()
    assert (await cast.state())[0] == "choosing"
    cast.clock.forward(minutes=11)
    await cast.time_passes()
    assert PROMISED in await cast.last()
    assert [case["state"] for case in await cast.rows(t.case)] == ["open"]


async def test_who_was_helped_since_is_not(cast: Cast) -> None:
    await in_line(cast)
    cast.clock.forward(minutes=9)
    await cast.time_passes()
    await cast.desk.do(staff.take, cast.priya, cast.ana)
    await cast.desk.do(staff.hand_back, cast.priya, cast.ana)
    cast.clock.forward(minutes=1)
    await cast.asks_for_a_person()
    cast.clock.forward(minutes=11)
    await cast.time_passes()
    assert [move["event"] for move in await cast.rows(t.move)][-1] == Event.CHOICE_TIMED_OUT
    assert await promises(cast) == []
