"""Words that are typed while the routes to a person are shown, on both databases: what they choose, and what they do not."""

from __future__ import annotations

import pytest

from handoff.conversation import Event
from handoff.routes import read_route
from handoff.store import tables as t
from tests.cast import Cast, is_here

ALL = (Event.CHAT_NOW, Event.CALL_ME, Event.LEAVE_MESSAGE, Event.GO_ON)
MEANT = {
    Event.CHAT_NOW: "yes please|a person|chat now please|si por favor|I'd like to wait|now|ok a human then|puedo hablar con alguien",
    Event.CALL_ME: "call|a call please|I would like a call|can you give me a call later|llamada por favor|just phone me",
    Event.LEAVE_MESSAGE: "message|I'd rather leave a message|later please|un mensaje",
    Event.GO_ON: "no|no thanks|ok go on then|skip|questions please|lets carry on with it please|seguir|leave it|ok just leave it then|forget it|no importa|déjelo",
    None: (
        "is there no one there?|no one ever helps me|no sé escribir en inglés|please dont call me|I do not want to leave a message|"
        "the message on your phone was rude|my questions were never answered|I skip lunch to be here|do not go on about it|leave it to the nurse|I cannot leave it like that"
    ),
}


@pytest.mark.parametrize(("event", "text"), [(event, text) for event, texts in MEANT.items() for text in texts.split("|")])
def test_which_route_is_meant(event: Event | None, text: str) -> None:
    assert read_route(text, ALL) is event


@pytest.mark.parametrize("words", ["leave it", "déjelo"])
async def test_who_leaves_it_goes_on_with_the_question_that_was_open(cast: Cast, words: str) -> None:
    await cast.asks_for_a_person()
    await cast.writes(words)
    assert await cast.state() == ("bot", "bot")
    _, turn = await cast.job("ask_bot")
    assert turn["kind"] == "returned"
    assert [row["state"] for row in await cast.rows(t.answer)] == []


@pytest.mark.parametrize("words", ["no I want a person", "not a message, a person", "no, I need to talk to somebody"])
@pytest.mark.parametrize("here", [True, False])
async def test_who_asks_for_a_person_again_gets_on_towards_one(cast: Cast, words: str, here: bool) -> None:
    if here:
        await is_here(cast, cast.maria)
    await cast.asks_for_a_person()
    await cast.writes(words)
    assert (await cast.state())[0] == ("waiting" if here else "choosing")
    assert "Leave a message for the team" in [button["title"] for button in (await cast.messages())[-1]["buttons"]] or here


@pytest.mark.parametrize("words", ["yes", "yes please", "si"])
async def test_a_yes_where_nobody_is_here_is_shown_what_there_is(cast: Cast, words: str) -> None:
    await cast.asks_for_a_person()
    await cast.writes(words)
    assert (await cast.state())[0] == "choosing"
    assert (await cast.last()).startswith("Nobody from the team is here")


class TestIsThatRight:
    """While a call is asked for: "We'd phone (202) 555-0177. Is that right?"."""

    @pytest.fixture(autouse=True)
    async def asked(self, cast: Cast) -> None:
        for answer in ("", "call me", "2025550177"):
            await (cast.writes(answer) if answer else cast.asks_for_a_person())
        assert "Is that right?" in await cast.last()

    @pytest.mark.parametrize("words", ["yes", "that is right", "sure", "eso es"])
    async def test_yes(self, cast: Cast, words: str) -> None:
        await cast.writes(words)
        assert "When may we phone you?" in await cast.last()

    @pytest.mark.parametrize("words", ["hmm not sure", "the first one", "what do you mean"])
    async def test_what_is_not_understood_is_asked_again_and_then_said_to_have_come_to_nothing(self, cast: Cast, words: str) -> None:
        await cast.writes(words)
        assert "Is that right?" in await cast.last()
        await cast.writes(words)
        assert "No call is arranged yet." in [message["text"] for message in await cast.messages()][-2:]
        assert (await cast.state())[0] == "choosing"

    async def test_a_time_that_is_said_too_early_is_kept(self, cast: Cast) -> None:
        await cast.writes("can you ring tomorrow at 10")
        assert "Is that right?" in await cast.last()
        await cast.writes("yes")
        assert "What is it about?" in await cast.last()

    async def test_who_tells_something_else_hears_that_no_call_is_arranged(self, cast: Cast) -> None:
        await cast.writes("the doctor who saw me last week was really very kind to me")
        assert await cast.last() == "No call is arranged yet."
        assert await cast.state() == ("bot", "bot")
        assert [row["asking"] for row in await cast.rows(t.conversation)] == [None]
