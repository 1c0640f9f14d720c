"""In line, typed words for another route are understood: a message, a call, or not to wait at all. Ana waits; Maria is here."""

from __future__ import annotations

from dataclasses import replace

import pytest

from handoff.conversation import Event
from handoff.hours import Hours
from handoff.routes import read_instead
from handoff.store import tables as t
from tests.cast import Cast, in_line

SAID: dict[Event | None, str] = {
    Event.WANTS_MESSAGE: (
        "I would rather leave a message|leave a message please|Never mind, I'll leave a message|Can I just leave you a message instead?"
        "|prefiero dejar un mensaje|No, let me write a message"
    ),
    Event.WANTS_CALL: "call me instead|never mind, please call me back|I'd rather have a call|llámenme por favor",
    Event.PATIENT_CANCELLED: (
        "bye|Goodbye!|ok bye, thanks|never mind, I don't want to wait|I'd rather not wait any longer|I'm not waiting any more|stop waiting"
        "|Leave the line, please|yes, stop waiting|forget it|ya no quiero esperar más|adiós"
    ),
    None: (
        "they left me a message|nobody called me|I can't wait|quiero esperar|I want to wait|they said bye and left|no|yes|later|thanks"
        "|never mind the parking, the nurse was rude|leave a message, they said, then nothing|they stop waiting patients|I was told to leave a message and nobody answered|?"
    ),
}
TABLE = [(event, words) for event, said in SAID.items() for words in said.split("|")]
ANSWERS = ["stop waiting", "Quiero dejar de esperar", "Leave the line, please"]


@pytest.mark.parametrize(("event", "words"), TABLE, ids=[words for _, words in TABLE])
def test_what_is_meant_in_line(event: Event | None, words: str) -> None:
    assert read_instead(words, answers=False) is event


@pytest.mark.parametrize("words", ["bye", "never mind", "a message", "call me", "yes, stop waiting", *ANSWERS])
def test_what_may_answer_staff_leaves_the_line_in_plain_words_only(words: str) -> None:
    assert read_instead(words, answers=True) is (Event.PATIENT_CANCELLED if words in ANSWERS else None)


async def test_who_would_rather_leave_a_message_is_asked_for_it_and_promised_an_answer(cast: Cast) -> None:
    await in_line(cast)
    await cast.writes("I would rather leave a message")
    assert (await cast.last()).startswith("Please write your message for the team.")
    assert await cast.state() == ("choosing", "bot")
    (request,) = await cast.rows(t.handoff_request)
    assert (request["state"], [one["rule"] for one in request["reasons"]]) == ("created", ["button", "wants_message"])
    await cast.writes("The parking machine takes no cards")
    assert "A member of staff will read it and answer you here by" in await cast.last()
    assert await cast.state() == ("bot", "bot")


async def test_who_turns_back_to_the_routes_keeps_the_place(cast: Cast) -> None:
    await in_line(cast)
    (before,) = await cast.rows(t.handoff_request)
    cast.clock.forward(seconds=5)
    await cast.writes("leave a message")
    await cast.presses("Back to the choices")
    await cast.presses("Chat with a person")
    (after,) = await cast.rows(t.handoff_request)
    assert (after["state"], after["queue_age_from"]) == ("queued", before["queue_age_from"])


async def test_who_would_rather_be_phoned_is_asked_for_the_number(cast: Cast) -> None:
    await in_line(cast)
    await cast.writes("never mind, call me back")
    await cast.writes("please call me on 202 555 0188")
    assert "Is that right?" in await cast.last()
    assert await cast.state() == ("choosing", "bot")


async def test_where_no_call_can_be_had_the_place_is_said(cast: Cast) -> None:
    cast.desk.house = replace(cast.desk.house, hours=Hours(cast.desk.house.hours.zone, {}))
    await in_line(cast)
    before = len(await cast.messages())
    await cast.writes("call me please")
    assert [row["text"][:20] for row in (await cast.messages())[before:]] == ["call me please", "You are next in line"]
    assert await cast.state() == ("waiting", "queue")


async def test_who_says_goodbye_is_out_of_line_and_told_so(cast: Cast) -> None:
    await in_line(cast)
    await cast.writes("never mind, I don't want to wait")
    assert "I've taken you out of the line" in await cast.last()
    assert await cast.state() == ("bot", "bot")


async def test_who_is_in_danger_stays_in_line_whatever_they_would_rather(cast: Cast) -> None:
    await cast.writes("I want to kill myself")
    for words in ("leave a message", "call me", "bye"):
        await cast.writes(words)
        assert await cast.state() == ("waiting", "queue")
    assert (await cast.last()).startswith("A member of staff will still look")
