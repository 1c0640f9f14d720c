"""A whole survey by text to its last question, with the real bot: across a handoff and a hand-back, and to the answers that are stored."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from handoff.bot import RasaBot
from handoff.store import tables as t
from tests.bot.running import Running
from tests.bot.talk import SECRET
from tests.fakes import until
from tests.service import Node
from tests.twilio import ANA, Line

PATIENCE = 60.0  # seconds for a turn of the real bot on a busy machine


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    async with Line() as running:
        yield running


@pytest.fixture
async def node(running: Running, line: Line, tmp_path: Path) -> AsyncIterator[Node]:
    bot = RasaBot(running.url, secret=SECRET, timeout=30)
    async with Node(tmp_path, bot=bot, twilio=line, texts_per_second=100) as node:
        yield node
    await bot.close()


class Ana:
    """Her phone: what she texts, and what she reads since."""

    def __init__(self, line: Line) -> None:
        self.line, self.read = line, 0

    async def texts(self, body: str) -> None:
        self.read = len(self.line.twilio.received_by(ANA))
        assert (await self.line.twilio.text_in(ANA, body)).status == 200

    async def reads(self, words: str) -> None:
        """Something that came since she wrote last says so."""
        try:
            await until(lambda: any(words in text for text in self.line.twilio.received_by(ANA)[self.read :]), seconds=PATIENCE)
        except TimeoutError:
            raise AssertionError(f"{words!r} never came; since then there is {self.line.twilio.received_by(ANA)[self.read :]}") from None


def stored(db: Connection) -> tuple[str, list[tuple[str, str, str | None]]]:
    """How far the survey came, and its answers in their order."""
    a = t.answer.c
    rows = db.execute(select(a.question, a.state, a.value).order_by(a.at, a.id)).all()
    return db.execute(select(t.response.c.disposition)).scalar_one(), [(row.question, row.state, row.value) for row in rows]


async def test_a_survey_goes_on_after_a_person_where_it_was_and_comes_to_its_end(node: Node, line: Line) -> None:
    ana, maria = Ana(line), await node.staff("Maria")
    await ana.texts("hello")
    await ana.reads("Overall, how was your experience")
    await ana.texts("2")
    await ana.reads("why you gave your answer")
    await ana.texts("I waited two hours, let me talk to someone")
    await ana.reads("How would you like to go on?")
    await ana.texts("1")
    await ana.reads("next in line")
    conversation = await maria.sees_waiting()
    assert (await maria.ask("take", conversation=conversation))["ok"]
    await maria.write(conversation, "Hello Ana, this is Maria.")
    await ana.reads("this is Maria")
    await ana.texts("It was about my blood test")
    assert (await maria.ask("hand_back", conversation=conversation))["ok"]
    await ana.reads("I'm the assistant again")
    await ana.reads("why you gave your answer")  # her wish for a person was no answer to it, nor was what she told Maria
    assert await node.service.desk.look(stored) == ("interim_partial", [("overall", "answered", "good")])
    await ana.texts("the nurses were kind and gentle")
    await ana.reads("Would you like us to look into this")
    await ana.texts("2")
    await ana.reads("Thank you for your time")
    answers = [("overall", "answered", "good"), ("why", "answered", "the nurses were kind and gentle")]
    assert await node.service.desk.look(stored) == ("completed", answers)
