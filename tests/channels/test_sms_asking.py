"""Asking for a call by text, through the running service and the look-alike: lines with numbers, and words."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from handoff import signals as sig
from handoff.store import tables as t
from tests.fakes import FakeBot, FakeClock
from tests.service import Node
from tests.twilio import ANA, Line


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    async with Line() as running:
        yield running


@pytest.fixture
async def node(line: Line, tmp_path: Path, clock: FakeClock) -> AsyncIterator[Node]:
    async with Node(tmp_path, twilio=line, clock=clock, text_countries="US,CA") as running:
        yield running


class Talk:
    """What Ana texts, and the newest thing that the service says to her."""

    def __init__(self, node: Node, line: Line) -> None:
        self._node = node
        self._line = line

    async def rows(self, table: Any) -> list[dict[str, Any]]:
        return await self._node.service.store.read(lambda db: [dict(row) for row in db.execute(select(table)).mappings()])

    async def text(self, words: str) -> str:
        assert (await self._line.twilio.text_in(ANA, words)).status == 200
        return await self.last()

    async def last(self) -> str:
        said = [row for row in await self.rows(t.message) if row["author"] == "service"]
        return str(max(said, key=lambda row: row["seq"])["text"]) if said else ""

    async def asks_for_a_person(self) -> None:
        bot = self._node.bot
        assert isinstance(bot, FakeBot)
        bot.will_say("Of course.", signals=(sig.WantsPerson("asked"),))
        await self.text("a person please")
        async with asyncio.timeout(10):
            while [row["state"] for row in await self.rows(t.conversation)] != ["choosing"]:
                await asyncio.sleep(0.01)


@pytest.fixture
async def ana(node: Node, line: Line) -> Talk:
    talk = Talk(node, line)
    await talk.asks_for_a_person()
    return talk


async def test_the_number_that_texts_is_the_one_that_is_offered(ana: Talk) -> None:
    assert await ana.text("call me") == "Which number may we phone you on?"
    assert await ana.text("1") == "When may we phone you? A member of staff will ring within the time you choose."
    assert (await ana.text("tomorrow morning")).startswith("What is it about?")
    assert f"on the number ending in {ANA[-2:]} tomorrow between 08:00 and 10:00" in await ana.text("my bill is wrong")
    (row,) = await ana.rows(t.callback)
    assert (row["number"], row["about"], row["state"]) == (ANA, "my bill is wrong", "scheduled")


async def test_who_asks_outright_to_be_phoned_is_asked_only_what_they_have_not_said(node: Node, line: Line) -> None:
    talk = Talk(node, line)
    assert await talk.text("please call me tomorrow at 10 on 202 555 0177") == "We'd phone (202) 555-0177. Is that right?"
    assert (await talk.text("yes")).startswith("What is it about?")
    assert "ending in 77 tomorrow between 10:00 and 12:00" in await talk.text("my bill is wrong")
    bot = node.bot
    assert isinstance(bot, FakeBot)
    assert [turn for turn in bot.turns if turn["kind"] == "text"] == []  # no words went past the wish


async def test_who_has_nothing_to_tell_beforehand_may_say_so(ana: Talk) -> None:
    for words in ("call me", "1", "1", "skip"):
        await ana.text(words)
    assert [row["about"] for row in await ana.rows(t.callback)] == [""]


async def test_a_time_at_the_last_step_is_a_change_of_mind(ana: Talk) -> None:
    for words in ("call me", "1", "1"):
        await ana.text(words)
    assert (await ana.text("tomorrow in the afternoon, please")).startswith("What is it about?")
    assert "tomorrow between 12:00 and 14:00" in await ana.text("leave it out")


async def test_a_time_that_is_no_line_is_taken_where_somebody_is_there(ana: Talk) -> None:
    for words in ("call me", "1"):
        await ana.text(words)
    assert (await ana.text("3 pm tomorrow")).startswith("What is it about?")
    assert "tomorrow between 14:00 and 16:00" in await ana.text("leave it out")
    assert "wednesday" in (await ana.text("call me on wednesday at 9")).lower()
    assert [row["state"] for row in await ana.rows(t.callback)] == ["scheduled"]  # the same call, moved


async def test_a_time_in_a_story_chooses_nothing_and_a_second_wish_asks_nothing_again(ana: Talk) -> None:
    for words in ("call me", "1"):
        await ana.text(words)
    assert (await ana.text("please call me tomorrow at 10 instead then")).startswith("What is it about?")
    for words in ("2", "call me", "1", "the nurse came at 10 and she was rude to me"):
        await ana.text(words)
    assert await ana.rows(t.callback) == []
    assert [row["asking"] for row in await ana.rows(t.conversation)] == [None]  # which is the bot's to hear


async def test_our_zone_is_named_where_their_clock_shows_another_time(ana: Talk) -> None:
    for words in ("call me", "1", "1"):
        await ana.text(words)
    assert "(UTC)." in await ana.text("skip")  # the number is New York's


async def test_a_wrong_number_at_this_step_is_the_one_that_was_typed(ana: Talk) -> None:
    for words in ("call me", "another number", "202 555 0177"):
        await ana.text(words)
    assert await ana.text("wrong number") == "Which number may we phone you on? Please type it here."
    assert await ana.rows(t.opt_out) == []


async def test_another_number_is_repeated_before_it_is_kept(ana: Talk) -> None:
    await ana.text("call me")
    assert await ana.text("another number") == "Which number may we phone you on? Please type it here."
    assert await ana.text("it is 202 555 0177") == "We'd phone (202) 555-0177. Is that right?"
    await ana.text("1")
    await ana.text("afternoon")
    assert "ending in 77 today between" in await ana.text("leave it out")


async def test_it_is_moved_and_called_off_by_text(ana: Talk) -> None:
    for words in ("call me", "this number", "1", "leave it out"):
        await ana.text(words)
    assert "instead" in await ana.text("another time")
    assert "tomorrow between" in await ana.text("tomorrow in the afternoon")
    assert "will not phone you" in await ana.text("no call needed")
    assert [row["state"] for row in await ana.rows(t.callback)] == ["cancelled"]
    assert await ana.rows(t.opt_out) == []  # a call that is not needed is no wish to hear nothing
