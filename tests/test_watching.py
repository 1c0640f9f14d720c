"""What an open thread is told when its conversation is no longer for that person to read. Through real sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from handoff.staff.access import Role
from tests.fakes import until
from tests.service import Node, Patient, Staff, whole


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Node]:
    async with Node(tmp_path) as node:
        yield node


async def told(ana: Patient, maria: Staff) -> str:
    """Ana is with Maria, who has the thread before her. Returns the conversation."""
    await ana.person()
    await ana.sees("How would you like to go on?")
    await ana.press("Chat with a person now")
    conversation = await maria.sees_waiting()
    await maria.ask("take", conversation=conversation)
    await maria.open(conversation)
    return conversation


def gone(staff: Staff) -> list[dict[str, Any]]:
    return [data for event, data in staff.events if event == "gone"]


ENDS: list[tuple[str, dict[str, str]]] = [("hand_back", {}), ("close", {"outcome": "answered"})]


@pytest.mark.parametrize(("event", "given"), ENDS, ids=["handed back", "closed"])
async def test_what_a_patient_tells_the_bot_again_is_for_seniors_alone_though_a_thread_is_open(
    node: Node, event: str, given: dict[str, str]
) -> None:
    maria, priya, ana = await node.staff("Maria"), await node.staff("Priya", Role.SUPERVISOR), await node.patient()
    conversation = await told(ana, maria)
    await priya.open(conversation)
    assert (await maria.ask(event, conversation=conversation, **given))["ok"]
    await ana.send("this is between the two of us")
    await until(lambda: "this is between the two of us" in [row["text"] for row in priya.threads[conversation].values()])
    await maria.ask("queue")  # whatever was sent before has come by now
    assert "between the two of us" not in str(maria.events)
    assert "between the two of us" not in str(maria.threads)


async def by_maria(event: str, maria: Staff, ana: Patient, conversation: str) -> None:
    assert (await maria.ask(event, conversation=conversation, **dict(ENDS)[event]))["ok"]


async def by_ana(event: str, maria: Staff, ana: Patient, conversation: str) -> None:
    assert (await ana.ask(event, client_id="the-end"))["ok"]


HOW_IT_ENDED = [
    (by_maria, "hand_back", "Maria has left the chat"),
    (by_maria, "close", "Maria has ended this chat"),
    (by_ana, "end", "ended"),
]


@pytest.mark.parametrize(("ends", "event", "ended"), HOW_IT_ENDED)
async def test_all_who_had_it_before_them_read_how_it_ended_and_no_more(node: Node, ends: Any, event: str, ended: str) -> None:
    maria, sam, ana = await node.staff("Maria"), await node.staff("Sam"), await node.patient()
    conversation = await told(ana, maria)
    await sam.open(conversation)
    await ends(event, maria, ana, conversation)
    last = await ana.sees(ended)
    known = {}
    for one in (maria, sam):
        await until(lambda one=one: whole(one.threads[conversation]) >= last["seq"])
        assert one.threads[conversation][last["seq"]]["text"] == last["text"]
        known[one.name] = max(one.threads[conversation])
    await ana.send("this is between the two of us")
    await ana.sees("this is between the two of us")
    for one in (maria, sam):
        await one.ask("queue")
        assert max(one.threads[conversation]) == known[one.name]


async def test_the_words_that_end_a_wait_are_not_for_who_may_read_it_no_more(node: Node) -> None:
    maria, ana = await node.staff("Maria"), await node.patient()
    await ana.person()
    await ana.sees("How would you like to go on?")
    await ana.press("Chat with a person now")
    conversation = await maria.sees_waiting()
    await maria.open(conversation)
    await ana.send("never mind, I don't want to wait")
    await until(lambda: gone(maria))
    await maria.ask("queue")
    assert "never mind" not in str(maria.events) + str(maria.threads)
    assert (await ana.sees("taken you out of the line"))["seq"] in maria.threads[conversation]


async def test_whoever_closed_it_is_still_shown_that_they_may_judge_it_and_no_words(node: Node) -> None:
    maria, ana = await node.staff("Maria"), await node.patient()
    conversation = await told(ana, maria)
    await maria.ask("close", conversation=conversation, outcome="answered")
    shown = await until(lambda: gone(maria) and gone(maria)[-1]["item"])
    assert (shown["state"], shown["can"], shown["last_line"], shown["reasons"]) == ("closed", ["mark"], None, [])
    marked = await maria.ask("mark", conversation=conversation, mark="right")
    assert marked["item"]["mark"] == "right"
