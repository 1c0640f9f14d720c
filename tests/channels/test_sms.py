"""Texts that come in, through the running service and the look-alike: one number, one thread, one effect each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from handoff import records
from handoff import signals as sig
from handoff.desk import texts_in
from handoff.desk.last_line import last_line
from handoff.store import tables as t
from tests.fakes import FakeBot, FakeClock, until
from tests.service import Node
from tests.twilio import ANA, BEN, Line


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    async with Line() as running:
        yield running


@pytest.fixture
async def node(line: Line, tmp_path: Path, clock: FakeClock) -> AsyncIterator[Node]:
    async with Node(tmp_path, twilio=line, clock=clock, clinic_phone="555 0199") as running:
        yield running


def bot_of(node: Node) -> FakeBot:
    assert isinstance(node.bot, FakeBot)
    return node.bot


async def rows(node: Node, table: Any, *where: Any) -> list[dict[str, Any]]:
    query = select(table).where(*where)
    found = await node.service.store.read(lambda db: [dict(row) for row in db.execute(query).mappings()])
    return list(found)


async def count(node: Node, table: Any) -> int:
    return int(await node.service.store.read(lambda db: db.execute(select(func.count()).select_from(table)).scalar_one()))


async def said(node: Node, author: str = "") -> list[str]:
    found = await rows(node, t.message)
    return [row["text"] for row in sorted(found, key=lambda row: (row["conversation"], row["seq"])) if author in ("", row["author"])]


async def answered(node: Node, turns: int) -> None:
    """Wait until the bot has been asked so often, and its answers are stored."""
    await until(lambda: len(bot_of(node).turns) >= turns)
    async with asyncio.timeout(10):
        while await rows(node, t.job, t.job.c.kind == "ask_bot", t.job.c.state != "done"):
            await asyncio.sleep(0.01)


async def state(node: Node) -> dict[str, Any]:
    (row,) = await rows(node, t.conversation)
    return row


async def test_a_first_text_opens_a_thread_and_the_bot_is_told_to_greet(node: Node, line: Line) -> None:
    answer = await line.twilio.text_in(ANA, "The nurse was so kind")
    assert (answer.status, answer.body) == (200, "<Response/>")
    await answered(node, 1)
    turn = bot_of(node).turns[0]
    assert (turn["kind"], turn["text"], turn["meanwhile"], turn["abilities"]["buttons"]) == (
        "text",
        "The nurse was so kind",
        ["first_text"],
        False,
    )
    assert (await state(node))["channel"] == "sms"
    await line.twilio.text_in(ANA, "And quick")
    await answered(node, 2)
    assert bot_of(node).turns[1]["meanwhile"] == []  # greeted once
    assert await count(node, t.conversation) == 1
    await until(lambda: line.twilio.received_by(ANA))


async def test_two_numbers_are_two_threads(node: Node, line: Line) -> None:
    await line.twilio.text_in(ANA, "hello")
    await line.twilio.text_in(BEN, "hello")
    assert await count(node, t.conversation) == 2


async def test_the_same_text_again_is_the_same_text(node: Node, line: Line) -> None:
    sid = line.twilio.hub.new_sid("SM")
    for _ in range(5):
        assert (await line.twilio.text_in(ANA, "hello", sid=sid)).status == 200
    assert await said(node, "patient") == ["hello"]


async def test_what_was_erased_is_not_taken_in_again_however_it_comes(node: Node, line: Line) -> None:
    bot_of(node).will_say("Hello")
    sid = line.twilio.hub.new_sid("SM")
    await line.twilio.text_in(ANA, "hello", sid=sid)
    await answered(node, 1)
    (row,) = await rows(node, t.conversation)
    await node.service.desk.do(records.erase, row["id"], who="staff:root")
    assert (await line.twilio.text_in(ANA, "hello", sid=sid)).status == 200
    assert await node.service.desk.look(texts_in.known_among, [sid]) == {sid}
    assert await count(node, t.conversation) == 0


async def test_a_picture_without_words_is_a_message_and_said_to_be_unseen(node: Node, line: Line) -> None:
    await line.twilio.text_in(ANA, "", media=1)
    await answered(node, 1)
    (message,) = await rows(node, t.message, t.message.c.author == "patient")
    assert (message["text"], message["pressed"]) == ("(A picture came.)", "picture")
    assert "I can't look at pictures here" in (await said(node, "service"))[0]
    assert bot_of(node).turns[0]["kind"] == "opened"  # nobody talked to Ana yet
    (kept,) = await rows(node, t.inbound_text)
    assert kept["media"][0]["url"].startswith(f"{line.url}/2010-04-01/")
    assert await count(node, t.picture) == 0  # fetched only where the clinic wants it


@pytest.mark.parametrize("sender", ["22000", "CARRIER", "whatsapp:+12025550101", "+1", "sip:ana@example.org"])
async def test_a_sender_that_is_no_phone_is_noted_and_never_answered(node: Node, line: Line, sender: str) -> None:
    sid = line.twilio.hub.new_sid("SM")
    for _ in range(2):
        assert (await line.twilio.text_in(sender, "Your code is 1234", sid=sid)).status == 200
    assert (await count(node, t.conversation), await count(node, t.message)) == (0, 0)
    assert len(await rows(node, t.audit, t.audit.c.act == "text_of_no_phone")) == 1


async def test_what_the_bot_says_and_the_routes_are_one_text(node: Node, line: Line) -> None:
    bot_of(node).will_say("Of course.", signals=(sig.WantsPerson("asked"),))
    await line.twilio.text_in(ANA, "a person please")
    await answered(node, 1)
    (text,) = await rows(node, t.outbound_text)
    first, second, *lines = text["body"].split("\n")
    assert (first, second.split(".")[0], lines[0]) == ("Of course.", "Nobody from the team is here right now", "1 Ask for a phone call")
    assert len(await said(node)) == 2


async def test_a_picture_between_a_question_and_its_number_changes_nothing(node: Node, line: Line) -> None:
    buttons = ({"title": "Very good", "payload": "answer/overall/very_good"}, {"title": "Good", "payload": "answer/overall/good"})
    bot_of(node).will_say("How was it?", buttons=buttons)
    await line.twilio.text_in(ANA, "hi")
    await answered(node, 1)
    await line.twilio.text_in(ANA, "", media=1)
    newest = (await rows(node, t.outbound_text))[-1]["body"]
    assert newest.split("\n")[1:] == ["How was it?", "1 Very good", "2 Good"]
    await line.twilio.text_in(ANA, "#2")
    await answered(node, 2)
    assert (bot_of(node).turns[-1]["kind"], bot_of(node).turns[-1]["payload"]) == ("button", "answer/overall/good")


async def test_danger_in_a_first_text_comes_before_any_greeting(node: Node, line: Line) -> None:
    await line.twilio.text_in(ANA, "I want to kill myself")
    row = await state(node)
    assert (row["state"], row["unsafe"]) == ("waiting", True)
    assert "988" in (await said(node, "service"))[0]
    await line.twilio.text_in(ANA, "STOP")
    row = await state(node)
    assert (row["state"], row["unsafe"]) == ("waiting", True)  # staff see it through
    assert len(await rows(node, t.opt_out)) == 1


async def test_a_typed_number_presses_the_line_of_that_number(node: Node, line: Line) -> None:
    buttons = ({"title": "Very good", "payload": "answer/overall/very_good"}, {"title": "Good", "payload": "answer/overall/good"})
    for text in ("2", "Two.", "option 2"):
        turns = len(bot_of(node).turns)
        bot_of(node).will_say("How was it?", buttons=buttons)
        await line.twilio.text_in(ANA, "hi")
        await answered(node, turns + 1)
        await line.twilio.text_in(ANA, text)
        await answered(node, turns + 2)
        turn = bot_of(node).turns[-1]
        assert (turn["kind"], turn["payload"]) == ("button", "answer/overall/good")
    assert (await said(node, "patient"))[-1] == "option 2"  # kept as it was written
    shown = await node.service.desk.look(last_line, (await state(node))["id"])
    assert shown is not None
    assert shown["text"] == "Good"  # and shown in the queue as what it says


async def test_the_services_own_routes_are_chosen_by_number_or_words(node: Node, line: Line) -> None:
    for text, event, also in (
        ("2", "leave_message", "1"),  # what was written says it all
        ("two", "leave_message", "send what I wrote"),
        ("leave a message", "leave_message", "the parking machine takes no cards"),
        ("3.", "go_on", ""),
        ("go on", "go_on", ""),
    ):
        turns = len(bot_of(node).turns)
        bot_of(node).will_say("Of course.", signals=(sig.WantsPerson("asked"),))
        await line.twilio.text_in(ANA, "a person please")
        await answered(node, turns + 1)
        assert (await state(node))["state"] == "choosing"
        for answer in filter(None, (text, also)):
            await line.twilio.text_in(ANA, answer)
        moves = await rows(node, t.move)
        assert max(moves, key=lambda move: move["id"])["event"] == event, text
        await answered(node, turns + 2)


async def test_answers_of_the_night_count_and_old_ones_start_afresh(node: Node, line: Line, clock: FakeClock) -> None:
    asked = (sig.SurveyStarted("fft", "1"), sig.Asked("fft", "overall", 1))
    bot_of(node).will_say("How was it?", signals=asked)
    await line.twilio.text_in(ANA, "hi")
    await answered(node, 1)
    clock.forward(hours=10)  # late, but it answers what was asked
    await line.twilio.text_in(ANA, "good")
    await answered(node, 2)
    assert bot_of(node).turns[-1]["meanwhile"] == []
    assert (await state(node))["episode"] == 1
    bot_of(node).will_say("Why?", signals=(sig.Answered("fft", "overall", "good", "Good"), sig.Asked("fft", "why", 1)))
    await line.twilio.text_in(ANA, "yes good")
    await answered(node, 3)
    clock.forward(hours=71)
    await line.twilio.text_in(ANA, "because of the nurse")  # a question for words is answered by any words
    await answered(node, 4)
    assert (await state(node))["episode"] == 1
    clock.forward(hours=73)
    await line.twilio.text_in(ANA, "I was here again today")
    await answered(node, 5)
    turn = bot_of(node).turns[-1]
    assert (turn["meanwhile"], turn["survey"]["state"], turn["survey"]["progress"]) == (["first_text"], "not_started", {})
    assert (await state(node))["episode"] == 2
    responses = sorted(await rows(node, t.response), key=lambda row: row["started_at"])
    assert [(row["episode"], row["finished_at"] is None) for row in responses] == [(1, False), (2, True)]


async def test_a_late_text_that_answers_nothing_starts_afresh(node: Node, line: Line, clock: FakeClock) -> None:
    bot_of(node).will_say("How was it?", signals=(sig.SurveyStarted("fft", "1"), sig.Asked("fft", "overall", 1)))
    await line.twilio.text_in(ANA, "hi")
    await answered(node, 1)
    clock.forward(hours=7)
    await line.twilio.text_in(ANA, "where do I park for my appointment next week")
    await answered(node, 2)
    assert (await state(node))["episode"] == 2


async def test_texts_that_came_while_we_could_not_be_reached_are_caught_up_with(line: Line, tmp_path: Path, clock: FakeClock) -> None:
    async with Node(tmp_path, twilio=line, clock=clock) as node:
        await line.twilio.text_in(ANA, "first")
    line.twilio.hub.clock.forward(minutes=1)  # type: ignore[attr-defined]
    for number in range(250):  # more than a page
        await line.twilio.text_in(ANA, f"while you were away {number}")
    await line.twilio.text_in(BEN, "", media=2)
    line.twilio.faults.down = True
    async with Node(tmp_path, twilio=line, clock=clock) as node:  # and the provider is down too
        await until(lambda: [one for one in line.twilio.requests if one.path.endswith("Messages.json")])
    line.twilio.faults.down = False
    async with Node(tmp_path, twilio=line, clock=clock) as node:
        async with asyncio.timeout(60):
            while await count(node, t.inbound_text) < 252:
                await asyncio.sleep(0.05)
        ours = await rows(node, t.message, t.message.c.author == "patient")
        texts = [row["text"] for row in sorted(ours, key=lambda row: row["seq"]) if "away" in row["text"]]
        assert texts == [f"while you were away {number}" for number in range(250)]
        assert "(A picture came.)" in [row["text"] for row in ours]
