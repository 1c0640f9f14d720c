"""Rasa web clients on bad lines, in several tabs, and with bad input: nothing is lost, nothing doubled, nothing unsaid."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from handoff.channels import arrivals
from handoff.desk import patients
from tests.channels.rasa_client import RasaClient, Tunnel, bot, noted, rasa_client, stored
from tests.fakes import until
from tests.service import Node, free_port

GREETING = "You said: opened"


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Node]:
    async with Node(tmp_path) as node:
        yield node


@pytest.fixture
async def ana(node: Node) -> AsyncIterator[RasaClient]:
    async with rasa_client(node.url) as client:
        yield client


@pytest.fixture
async def tunnel(node: Node) -> AsyncIterator[Tunnel]:
    async with Tunnel(node.settings.port) as tunnel:
        yield tunnel


async def until_said(node: Node, text: str) -> None:
    """Wait until this is in the record, whoever has got it."""
    async with asyncio.timeout(10):
        while text not in await stored(node, "bot", "staff", "service"):
            await asyncio.sleep(0.005)


async def until_noted(node: Node, seq: int) -> None:
    """Wait until the node knows that its one session has got everything up to `seq`."""
    async with asyncio.timeout(10):
        while await noted(node) != [seq]:
            await asyncio.sleep(0.005)


async def missed(node: Node, ana: RasaClient, text: str) -> None:
    """Ana says something, and is gone before the bot has answered."""
    bot(node).gate = asyncio.Event()
    await ana.say(text)
    await until(lambda: bot(node).turns[-1]["text"] == text)
    await ana.sio.disconnect()
    bot(node).gate.set()
    await until_said(node, f"You said: {text}")


async def test_who_comes_back_gets_what_was_missed_and_no_more(node: Node, ana: RasaClient) -> None:
    await ana.say("one")
    await ana.sees("You said: one")
    await until_noted(node, 3)
    await missed(node, ana, "two")
    assert await ana.back() == ana.ids[0]
    await ana.sees("You said: two")
    await ana.say("three")
    await ana.sees("You said: three")
    assert ana.texts == [GREETING, "You said: one", "You said: two", "You said: three"]


async def test_more_than_a_page_was_missed(node: Node, ana: RasaClient, monkeypatch: pytest.MonkeyPatch) -> None:
    await until_noted(node, 1)
    monkeypatch.setattr("handoff.desk.views.PAGE", 3)
    monkeypatch.setattr("handoff.desk.views.messages_after.__kwdefaults__", {"limit": 3})
    bot(node).will_say(*(f"line {number}" for number in range(10)))
    bot(node).gate = asyncio.Event()
    await ana.say("tell me all")
    await until(lambda: bot(node).turns[-1]["text"] == "tell me all")
    await ana.sio.disconnect()
    bot(node).gate.set()
    await until_said(node, "line 9")
    await ana.back()
    await ana.sees("line 9")
    assert ana.texts == [GREETING, *(f"line {number}" for number in range(10))]


async def test_a_cut_line_loses_and_doubles_nothing(node: Node, tunnel: Tunnel) -> None:
    client = RasaClient(tunnel.url)
    await client.connect()
    await client.request()
    await client.sees(GREETING)
    for number in range(12):
        await client.say(f"m{number}")
        await client.sees(f"You said: m{number}")
        await until_noted(node, 2 * number + 3)
        tunnel.cut_all()
        await until(lambda: not client.sio.connected)
        await client.back()
    assert client.texts == [GREETING, *(f"You said: m{number}" for number in range(12))]
    assert len(set(client.ids)) == 1
    await client.sio.disconnect()


async def test_a_line_that_died_in_silence_has_got_nothing(node: Node, tunnel: Tunnel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrivals, "PATIENCE", 0.3)
    client = RasaClient(tunnel.url)
    await client.connect()
    await client.request()
    await client.say("one")
    await client.sees("You said: one")
    await until_noted(node, 3)
    tunnel.dead = True  # as when a phone leaves the house: the service goes on to believe that it is there
    await client.say("two")
    await until_said(node, "You said: two")
    old, drawn = client.sio, list(client.texts)
    assert drawn == [GREETING, "You said: one"]
    assert await client.back(node.url) == client.ids[0]
    await client.sees("You said: two")
    await client.say("three")
    await client.sees("You said: three")
    assert client.texts == [*drawn, "You said: two", "You said: three"]
    tunnel.cut_all()
    await until(lambda: not old.connected)
    await client.sio.disconnect()


async def test_a_node_that_starts_again_repeats_nothing(tmp_path: Path) -> None:
    port = free_port()
    async with Node(tmp_path, port=port) as node:
        client = RasaClient(node.url)
        await client.connect()
        await client.request()
        await client.say("one")
        await client.sees("You said: one")
        await until_noted(node, 3)  # at once, not when the client leaves: a killed node has no end
    async with Node(tmp_path, port=port):
        assert await client.back() == client.ids[0]
        await client.say("two")
        await client.sees("You said: two")
        assert client.texts == [GREETING, "You said: one", "You said: two"]
        await client.sio.disconnect()


async def test_the_library_s_own_pong_is_not_taken_for_an_arrival() -> None:
    rounds: list[str] = []
    sent: list[Any] = []

    async def send(packet: Any) -> None:
        sent.append(packet)

    socket = SimpleNamespace(last_ping=None, send=send, schedule_ping=lambda: rounds.append("next"))
    waits = arrivals.Arrivals(SimpleNamespace(sockets={"sid": socket}), "sid")
    got: list[str] = []
    await waits.ask(lambda: got.append("one"))
    socket.last_ping = 1.0  # the library has sent a ping of its own
    await waits.ask(lambda: got.append("two"))
    await waits.ask(lambda: got.append("three"))
    for expected in (["one"], ["one"], ["one", "two"], ["one", "two", "three"]):
        socket.schedule_ping()  # a pong
        assert got == expected
    assert len(rounds) == 4
    assert len(sent) == 3
    await waits.all()


async def test_a_second_tab_gets_what_is_new_and_nothing_twice(node: Node, ana: RasaClient) -> None:
    await ana.say("one")
    await ana.sees("You said: one")
    second = RasaClient(node.url)  # rasa-webchat draws what is in the browser's storage by itself
    await second.connect()
    assert await second.request(ana.ids[0]) == ana.ids[0]
    await ana.say("two")
    for tab in (ana, second):
        await tab.sees("You said: two")
    await second.say("three")
    for tab in (ana, second):
        await tab.sees("You said: three")
    assert ana.texts == [GREETING, "You said: one", "You said: two", "You said: three"]
    assert second.texts == ["You said: two", "You said: three"]
    await second.sio.disconnect()


async def test_a_second_tab_waits_to_know_what_the_first_has_got(node: Node, tunnel: Tunnel) -> None:
    async with rasa_client(tunnel.url) as ana:
        await until_noted(node, 1)
        bot(node).gate = asyncio.Event()
        await ana.say("one")
        await until(lambda: bot(node).turns[-1]["text"] == "one")
        tunnel.flows.clear()
        bot(node).gate.set()
        await ana.sees("You said: one")
        assert await noted(node) == [1]
        second = RasaClient(node.url)
        await second.connect()
        await second.request(ana.ids[0])
        tunnel.flows.set()
        await until_noted(node, 3)
        await second.say("two")
        await second.sees("You said: two")
        assert second.texts == ["You said: two"]
        await second.sio.disconnect()


async def test_words_right_behind_the_request_are_kept_in_order(node: Node, ana: RasaClient) -> None:
    """A client sends what was typed without a line as soon as it has one: it does not wait for `session_confirm`."""
    await ana.sio.disconnect()
    await ana.connect()
    await ana.sio.emit("session_request", {"session_id": ana.ids[0]})
    for number in range(5):
        await ana.say(f"m{number}")
    await ana.sees("You said: m4")
    assert await stored(node, "patient") == [f"m{number}" for number in range(5)]


async def test_words_without_a_session_begin_one(node: Node) -> None:
    client = RasaClient(node.url)
    await client.connect()
    await client.sio.emit("user_uttered", {"message": "good morning to you"})
    await client.sees("You said: good morning to you")
    assert len(client.ids) == 1
    await client.sio.emit("user_uttered", {"message": "hello?"})
    await client.sees("You said: hello?")
    assert await stored(node, "patient") == ["good morning to you", "hello?"]
    await client.sio.disconnect()


TOO_LONG = "That message is too long. Please send it in parts of up to 4,000 characters."
UNREAD = "That could not be read. Please check it and send it again."
BAD: dict[str, tuple[Any, str]] = {
    "a number": ({"message": 7}, UNREAD),
    "a list": ({"message": ["hello"]}, UNREAD),
    "an object": ({"message": {"text": "hello"}}, UNREAD),
    "true": ({"message": True}, UNREAD),
    "no object": ("hello", UNREAD),
    "9,000 characters": ({"message": "a" * 9000}, TOO_LONG),
    "nothing": ({"message": ""}, "There was nothing in that message. Please write something and send it again."),
    "white space": ({"message": " \n\t "}, "There was nothing in that message. Please write something and send it again."),
    "an old button": ({"message": "0192f000-0000-7000-8000-000000000000.1"}, "That button is no longer in use."),
}


@pytest.mark.parametrize("bad", BAD)
async def test_bad_input_is_answered_and_the_chat_goes_on(node: Node, ana: RasaClient, bad: str) -> None:
    data, answer = BAD[bad]
    ack = await ana.sio.call("user_uttered", data, timeout=10)
    assert ack["ok"] is False
    shown = await ana.sees(answer)
    assert shown == {"text": answer, "metadata": {"author": "service", "error": ack["error"]["code"]}}
    await ana.say("good")
    await ana.sees("You said: good")
    assert await stored(node, "patient") == ["good"]


async def test_nul_and_half_characters_lose_no_words(node: Node, ana: RasaClient) -> None:
    await ana.say("it was\x00 bad \ud83d")
    await ana.sees("You said: it was")
    assert await stored(node, "patient") == ["it was\ufffd bad ?"]


async def test_too_fast_is_said(node: Node, ana: RasaClient) -> None:
    for number in range(40):
        await ana.say(f"m{number}")
    await ana.sees("You are sending faster than we can take it in.")
    taken = await stored(node, "patient")
    assert taken == [f"m{number}" for number in range(len(taken))]
    assert 25 <= len(taken) < 40


async def test_a_database_that_is_away_is_said(node: Node, ana: RasaClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OperationalError("INSERT", {}, Exception("disk full"))

    with monkeypatch.context() as broken:
        broken.setattr(patients, "receive", fail)
        await ana.say("not now")
        await ana.sees("We cannot save anything right now.")
    await ana.say("again")
    await ana.sees("You said: again")
