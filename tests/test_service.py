"""The spine, through real sockets: a patient talks to the bot, asks for a person, a person answers, the bot takes over again."""

from __future__ import annotations

from pathlib import Path

from handoff import signals as sig
from tests.fakes import FakeBot
from tests.service import Node


async def test_ana_asks_for_a_person_and_maria_answers(tmp_path: Path) -> None:
    bot = FakeBot()
    bot.will_say(
        "Hello!",
        "Overall, how was your experience of our service?",
        signals=(sig.SurveyStarted("fft", "1"), sig.Asked("fft", "overall", 1)),
    )
    async with Node(tmp_path, bot=bot) as node:
        maria = await node.staff("Maria")
        ana = await node.patient()
        await ana.sees("Overall, how was")
        bot.will_say("Thank you.", signals=(sig.Answered("fft", "overall", "poor", "Poor"), sig.Asked("fft", "why", 1)))
        assert (await ana.send("poor"))["ok"]
        await ana.sees("Thank you.")

        await ana.person()
        await ana.sees("How would you like to go on?")
        await ana.press("Chat with a person now")
        await ana.sees("You are next in line")
        conversation = await maria.sees_waiting()

        thread = await maria.open(conversation)
        assert [answer["label"] for answer in thread["answers"]] == ["Poor", None]
        assert (await maria.ask("take", conversation=conversation))["ok"]
        await ana.sees("Maria has joined the chat.")
        await ana.is_in("human")
        assert (await maria.write(conversation, "Hello Ana, I'm sorry to hear that."))["ok"]
        await ana.sees("I'm sorry to hear that")
        await ana.send("I waited two hours")
        turns = len(bot.turns)
        assert (await maria.ask("hand_back", conversation=conversation))["ok"]
        await ana.sees("I'm the assistant again")
        await ana.sees("You said: returned")
        assert len(bot.turns) == turns + 1
        assert bot.turns[-1]["meanwhile"] == ["person_helped"]
        assert bot.turns[-1]["survey"]["progress"] == {"overall": {"value": "poor", "state": "answered"}}
        await ana.sync()
        assert [message["seq"] for message in ana.messages] == list(range(1, len(ana.messages) + 1))
