"""The bot takes for a wish, for danger or for a question to a doctor what the clinic's words say is none: the questions go on. On both
databases."""

from __future__ import annotations

import pytest

from handoff import signals as sig
from handoff.question import is_question
from handoff.understanding import Understanding
from tests.cast import Cast
from tests.triage.test_deciding import answers, texts

ASKED_ABOUT = "the nurse asked if I was suicidal"


def wish(reason: sig.PersonReason, words: str) -> tuple[sig.Signal, ...]:
    return (sig.WantsPerson(reason, words),)


@pytest.mark.parametrize(
    "words",
    [
        "no I don't want to talk to a person",
        "I dont want to talk to anybody, just answering",
        "the receptionist put me through to someone quickly",
        "no quiero hablar con nadie, solo contesto",
        "dont call me",
        "no humans please",
        "The doctor talks to you like a real person",
        "el doctor te habla como una persona",
    ],
)
async def test_who_wants_no_person_is_shown_no_routes_whatever_the_bot_heard(cast: Cast, words: str) -> None:
    await cast.writes(words)
    await answers(cast, "Of course.", signals=wish("asked", words), understood=Understanding("wants_person", 0.95), intent="wants_person")
    await goes_on(cast, "Of course.")


async def goes_on(cast: Cast, unsaid: str) -> None:
    """With the open question, and without what the bot would have said."""
    assert await cast.state() == ("bot", "bot")
    assert unsaid not in await texts(cast)
    _, payload = await cast.job("ask_bot")
    assert payload["kind"] == "returned"


@pytest.mark.parametrize(
    ("words", "asks"),
    [
        ("no I don't want to talk to a receptionist, get me a real person", True),
        ("could one perhaps converse with the living", True),  # no rule knows it: the bot's word counts
    ],
)
async def test_who_wants_one_is_heard_as_before(cast: Cast, words: str, asks: bool) -> None:
    await cast.writes(words)
    await answers(cast, "Of course.", signals=wish("asked", words), understood=Understanding("wants_person", 0.95), intent="wants_person")
    assert ((await cast.state())[0] == "choosing") is asks


@pytest.mark.parametrize(
    ("words", "sure", "state"),
    [
        (ASKED_ABOUT, 0.6, "bot"),  # a rule found a reason why it may be none
        (ASKED_ABOUT, 0.95, "waiting"),
        ("casi me da un infarto cuando vi la factura", 0.6, "bot"),  # an idiom, and nothing else
        ("casi me da un infarto cuando vi la factura", 0.95, "waiting"),
        ("the blood test was fine and everything is so heavy and empty", 0.6, "waiting"),  # no word of danger is in that idiom
        ("everything is so heavy and empty", 0.6, "waiting"),  # nothing holds it back: recall first
    ],
)
async def test_danger_that_a_rule_held_back_is_the_bots_only_where_it_is_sure(cast: Cast, words: str, sure: float, state: str) -> None:
    await cast.writes(words)
    await answers(cast, signals=(sig.Unsafe("self_harm", words),), understood=Understanding("unsafe", sure), intent="unsafe")
    assert (await cast.state())[0] == state
    if state == "bot":
        await goes_on(cast, "")


CLINICAL = "I can't give medical advice, I'm only here for feedback. A member of staff can help with that."


@pytest.mark.parametrize(
    ("words", "state"),
    [
        ("I take two paracetamol at night, as told", "bot"),
        ("tomo dos paracetamoles por la noche", "bot"),
        ("would two at night be all right", "choosing"),
        ("two paracetamol at night, right?", "choosing"),
    ],
)
async def test_advice_is_refused_to_who_asks_and_not_to_who_tells(cast: Cast, words: str, state: str) -> None:
    await cast.writes(words)
    understood = Understanding("medical_question", 0.8)
    await answers(cast, CLINICAL, signals=wish("clinical", words), understood=understood, intent="medical_question")
    assert (await cast.state())[0] == state
    if state == "bot":
        await goes_on(cast, CLINICAL)


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("is it the left one", True),
        ("hi, and what about the other tablets", True),
        ("I'm wondering about the dose", True),
        ("¿puedo conducir", True),
        ("quisiera saber si es normal", True),
        ("I take two at night, as told", False),
        ("the nurse told me what to do", False),
        ("la enfermera me dijo que esperara", False),
        ("", False),
    ],
)
def test_a_question_is_known_without_its_mark(text: str, asks: bool) -> None:
    assert is_question(text) is asks
