"""Rasa web clients, unchanged: the whole protocol against a real node. The real rasa-webchat is in tests/browser/test_rasa_webchat.py."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from handoff import signals as sig
from handoff.bot import RasaBot
from handoff.records import erase
from tests.bot.running import Running
from tests.bot.talk import SECRET
from tests.channels.rasa_client import RasaClient, answer_survey, answers, bot, conversations, rasa_client, stored
from tests.fakes import until
from tests.service import Node

GREETING = "You said: opened"
OTHER_SITE = "https://www.clinic.example"


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Node]:
    async with Node(tmp_path, origins=OTHER_SITE) as node:
        yield node


@pytest.fixture
async def ana(node: Node) -> AsyncIterator[RasaClient]:
    async with rasa_client(node.url) as client:
        yield client


# session ids


async def test_the_server_issues_the_id_and_it_is_a_secret(node: Node, ana: RasaClient) -> None:
    async with rasa_client(node.url) as sam:
        assert ana.ids != sam.ids
    for issued in (ana.ids[0], sam.ids[0]):
        assert isinstance(issued, str)
        assert len(issued) >= 32
        assert issued not in [row["id"] for row in await conversations(node)]


INVENTED = ["x", "1", "", 7, True, ["x"], {"session_id": "x"}, "0" * 43, "a" * 9000, "\x00", "ü" * 90]


@pytest.mark.parametrize("invented", INVENTED, ids=lambda invented: repr(invented)[:12])
async def test_an_invented_id_gets_a_new_one_and_the_chat_goes_on(node: Node, invented: Any) -> None:
    client = RasaClient(node.url)
    await client.connect()
    assert await client.request(invented) != invented
    await client.say("it went well")
    await client.sees("You said: it went well")
    await client.sio.disconnect()


async def test_a_conversation_s_id_opens_nothing(node: Node, ana: RasaClient) -> None:
    await ana.say("this is mine")
    await ana.sees("You said: this is mine")
    [conversation] = await conversations(node)
    async with rasa_client(node.url) as mallory:
        assert await mallory.request(conversation["id"]) != ana.ids[0]
        await mallory.say("anything?")
        await mallory.sees("You said: anything?")
        assert "You said: this is mine" not in mallory.texts


async def test_an_id_is_good_on_its_own_site_only(node: Node) -> None:
    async with rasa_client(node.url, Origin=OTHER_SITE) as client:
        issued = client.ids[0]
        await client.sio.disconnect()
        await client.connect(Origin=node.url)
        assert await client.request(issued) != issued
        await client.sio.disconnect()
        await client.connect(Origin=OTHER_SITE)
        assert await client.request(issued) == issued


async def test_our_own_page_is_one_site_whether_the_browser_names_it_or_not(node: Node, ana: RasaClient) -> None:
    await ana.sio.disconnect()
    await ana.connect(Origin=node.url)  # browsers name it for a websocket, not for a GET of the same origin
    assert await ana.request(ana.ids[0]) == ana.ids[0]


async def test_an_erased_conversation_is_followed_by_a_new_one_that_has_the_words(node: Node, ana: RasaClient) -> None:
    await node.service.desk.do(erase, (await conversations(node))[0]["id"], who="patient")
    await ana.say("good morning to you")
    await ana.sees("You said: good morning to you")
    assert await stored(node, "patient") == ["good morning to you"]
    assert len(set(ana.ids)) == len(ana.ids) == 2


# what is said


async def test_words_alone_are_drawn_as_text(ana: RasaClient) -> None:
    assert ana.drawn == [{"text": GREETING, "metadata": {"author": "bot", "seq": 1}}]


async def test_buttons_are_quick_replies_and_a_pressed_one_is_the_patient_s_answer(node: Node, ana: RasaClient) -> None:
    bot(node).will_say("How was it?", buttons=({"title": "Good", "payload": "/good"}, {"title": "Poor", "payload": "/poor"}))
    await ana.say("hello")
    shown = await ana.sees("How was it?")
    ids = [reply["payload"] for reply in shown["quick_replies"]]
    assert len(set(ids)) == 2
    assert shown == {
        "text": "How was it?",
        "quick_replies": [
            {"content_type": "text", "title": "Good", "payload": ids[0]},
            {"content_type": "text", "title": "Poor", "payload": ids[1]},
        ],
        "metadata": {"author": "bot", "seq": 3},
    }
    await ana.press("Poor")
    await until(lambda: bot(node).turns[-1]["payload"] == "/poor")
    assert await stored(node, "patient") == ["hello", "Poor"]


async def test_staff_speak_under_their_name(node: Node, ana: RasaClient) -> None:
    maria = await node.staff("Maria")
    bot(node).will_say("Of course.", signals=(sig.WantsPerson("asked", "a person"),))
    await ana.say("a person please")
    await ana.sees("How would you like to go on?")
    await ana.press("Chat with a person now")
    await ana.sees("next in line")
    conversation = await maria.sees_waiting()
    assert (await maria.ask("take", conversation=conversation))["ok"]
    await ana.sees("Maria has joined")
    await maria.write(conversation, "Hello Ana, what happened?")
    shown = await ana.sees("what happened?")
    assert shown == {"text": "Maria: Hello Ana, what happened?", "metadata": {"author": "staff", "seq": shown["metadata"]["seq"]}}
    await maria.open(conversation)
    await ana.say("I waited two hours")
    await until(lambda: "I waited two hours" in [message["text"] for message in maria.threads[conversation].values()])
    assert (await maria.ask("hand_back", conversation=conversation))["ok"]
    await ana.sees("I'm the assistant again")
    await ana.say("thank you")
    await ana.sees("You said: thank you")
    assert [drawn["metadata"]["seq"] for drawn in ana.drawn] == sorted({drawn["metadata"]["seq"] for drawn in ana.drawn})


async def test_the_client_s_own_greeting_is_not_words(node: Node, ana: RasaClient) -> None:
    for greeting in ("/get_started", '/inform{"x": 1}', None):
        await ana.say(greeting)
    await ana.say("/ the doctor was late")
    await ana.sees("You said: / the doctor was late")
    await ana.say("/restart")
    await ana.sees("You said: /restart")
    assert await stored(node, "patient") == ["/ the doctor was late", "/restart"]


@pytest.mark.parametrize(
    ("headers", "data", "locale"),
    [
        ({}, {}, "en"),
        ({"Accept-Language": "es-MX,es;q=0.9"}, {}, "es"),
        ({"Accept-Language": "*"}, {}, "en"),
        ({"Accept-Language": "es"}, {"customData": {"language": "en"}}, "en"),
        ({}, {"metadata": {"locale": "es"}}, "es"),
        ({}, {"customData": {"language": 7}}, "en"),
        ({}, {"customData": "es"}, "en"),
    ],
)
async def test_the_language_is_the_page_s_then_the_browser_s(
    node: Node, headers: dict[str, str], data: dict[str, Any], locale: str
) -> None:
    client = RasaClient(node.url)
    await client.connect(**headers)
    await client.request(**data)
    assert [row["locale"] for row in await conversations(node)] == [locale]
    await client.sio.disconnect()


async def test_a_whole_survey_with_the_real_bot(running: Running, tmp_path: Path) -> None:
    real = RasaBot(running.url, secret=SECRET, timeout=8)
    async with Node(tmp_path, bot=real) as node, rasa_client(node.url) as ana:
        await ana.say("/get_started")
        await answer_survey(ana)
        assert await answers(node) == [("overall", "good"), ("why", "friendly staff")]
    await real.close()
