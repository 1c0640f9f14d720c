""" "Of course" to an insult would agree with it: a wish for a person that comes with one, or is heard in one, is met with other words."""

from __future__ import annotations

import pytest

from handoff import signals as sig
from handoff.understanding import Understanding
from tests.cast import Cast, is_here
from tests.triage.test_deciding import answers, reasons, texts

SORRY = "I'm sorry, this has been frustrating. If you'd like, you can talk it over with a person."
SIENTO = "Siento que esté resultando tan frustrante."


@pytest.mark.parametrize("said_by_bot", ["frustrated", "asked", None])
@pytest.mark.parametrize(
    "words", ["stupid bot", "you are useless", "you useless machine, I want a human", "eres un inútil, quiero una persona"]
)
async def test_an_insult_is_not_agreed_with(cast: Cast, words: str, said_by_bot: str | None) -> None:
    await is_here(cast, cast.maria)
    await cast.writes(words)
    wish = () if said_by_bot is None else (sig.WantsPerson(said_by_bot, words),)  # type: ignore[arg-type]
    understood = Understanding("frustrated", 0.9, sentiment=5, frustration=0.95, wants_person=0.95)
    await answers(cast, "Of course.", signals=wish, understood=understood)
    first, routes = (await texts(cast))[-2:]
    assert first == SORRY or first.startswith(SIENTO)
    assert routes in ("How would you like to go on?", "¿Cómo quiere continuar?")
    assert {one["reason"] for one in await reasons(cast)} <= {"asked", "frustrated"}


@pytest.mark.parametrize("words", ["human", "I want to talk to a person please"])
async def test_a_plain_wish_is_granted(cast: Cast, words: str) -> None:
    await is_here(cast, cast.maria)
    await cast.writes(words)
    await answers(cast, "Of course.", signals=(sig.WantsPerson("asked", words),), understood=Understanding("wants_person", 0.9))
    assert (await texts(cast))[-2] == "Of course."
