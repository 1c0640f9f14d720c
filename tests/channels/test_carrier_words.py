"""The words that carriers own, and wishes in others: no more texts, texts again, who is this; through the running service."""

from __future__ import annotations

import pytest

from handoff import signals as sig
from handoff.store import tables as t
from tests.channels.test_sms import answered, bot_of, line, node, rows, said, state
from tests.fakes import FakeClock, until
from tests.service import Node
from tests.twilio import ANA, Line

__all__ = ["line", "node"]  # fixtures


async def test_stop_ends_all_texts_at_once_and_twilio_confirms_it_itself(node: Node, line: Line) -> None:
    bot_of(node).will_say("Hello")
    await line.twilio.text_in(ANA, "hi")
    await answered(node, 1)
    await line.twilio.text_in(ANA, "Stop")
    assert [(row["number"], row["how"]) for row in await rows(node, t.opt_out)] == [(ANA, "keyword")]
    assert (await state(node))["state"] == "closed"
    assert await rows(node, t.outbound_text, t.outbound_text.c.state == "queued") == []
    assert {row["given"] for row in await rows(node, t.consent, t.consent.c.how == "keyword")} == {False}
    before = len(line.twilio.sent_to(ANA))
    await line.twilio.text_in(ANA, "my stitches hurt a bit")
    await line.twilio.settled()
    assert len(line.twilio.sent_to(ANA)) == before  # nothing is sent
    assert (await said(node, "patient"))[-1] == "my stitches hurt a bit"  # but it is heard
    assert len(bot_of(node).turns) == 1
    assert len(await rows(node, t.case, t.case.c.state == "open")) == 1  # and before staff


async def test_a_wish_in_a_sentence_is_confirmed_with_exactly_one_text(node: Node, line: Line, clock: FakeClock) -> None:
    await line.twilio.text_in(ANA, "hi")
    await answered(node, 1)
    await until(lambda: line.twilio.received_by(ANA))
    before = len(line.twilio.sent_to(ANA))
    clock.forward(minutes=1)
    await line.twilio.text_in(ANA, "please stop texting me")
    await until(lambda: len(line.twilio.sent_to(ANA)) > before)
    clock.forward(minutes=1)
    await line.twilio.text_in(ANA, "I said no more texts")
    await line.twilio.settled()
    assert [text.body for text in line.twilio.sent_to(ANA)[before:]] == [
        "You won't get any more texts from Elm Street Clinic. Sorry for the trouble."
    ]


async def test_start_brings_texts_back_and_yes_is_an_answer_for_whoever_gets_them(node: Node, line: Line) -> None:
    await line.twilio.text_in(ANA, "yes")
    await answered(node, 1)
    assert bot_of(node).turns[0]["text"] == "yes"
    await line.twilio.text_in(ANA, "STOP")
    await line.twilio.text_in(ANA, "Start")
    assert await rows(node, t.opt_out) == []
    assert (await said(node, "service"))[-1].startswith("You'll get texts from Elm Street Clinic again.")
    await answered(node, 2)
    assert (bot_of(node).turns[1]["kind"], bot_of(node).turns[1]["survey"]["state"]) == ("opened", "not_started")  # and it is asked anew
    await line.twilio.text_in(ANA, "it was good")
    await answered(node, 3)


async def test_start_of_somebody_who_gets_texts_loses_no_answer_and_repeats_the_question(node: Node, line: Line) -> None:
    given = (sig.SurveyStarted("fft", "1"), sig.Answered("fft", "overall", "good", "Good"), sig.Asked("fft", "why", 1))
    bot_of(node).will_say("Why?", signals=given)
    await line.twilio.text_in(ANA, "good")
    await answered(node, 1)
    await line.twilio.text_in(ANA, "START")
    await answered(node, 2)
    turn = bot_of(node).turns[-1]
    assert (turn["kind"], turn["survey"]["asked"], turn["survey"]["progress"]) == (
        "returned",
        "why",
        {"overall": {"value": "good", "state": "answered"}},
    )
    assert await rows(node, t.consent, t.consent.c.how == "keyword") == []


async def test_a_first_start_is_greeted(node: Node, line: Line) -> None:
    await line.twilio.text_in(ANA, "START")
    await answered(node, 1)
    assert bot_of(node).turns[0]["kind"] == "opened"


@pytest.mark.parametrize("text", ["wrong number", "You have the wrong number", "Se ha equivocado de número"])
async def test_whoever_has_that_number_now_gets_no_more_texts(node: Node, line: Line, text: str) -> None:
    bot_of(node).will_say("Hello")
    await line.twilio.text_in(ANA, "hi")
    await answered(node, 1)
    await line.twilio.text_in(ANA, text)
    assert [row["number"] for row in await rows(node, t.opt_out)] == [ANA]


async def test_help_says_who_we_are_and_the_bot_is_not_asked(node: Node, line: Line) -> None:
    await line.twilio.text_in(ANA, "HELP")
    text = (await said(node, "service"))[-1]
    assert "Elm Street Clinic" in text
    assert "555 0199" in text
    for politely in ("help please", "Info please!"):
        await line.twilio.text_in(ANA, politely)
        assert (await said(node, "service"))[-1] == text
    assert bot_of(node).turns == []
