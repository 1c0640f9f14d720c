"""A person is offered once for a cause, and the cause is what it is about: a no to one matter is none to another. On both databases."""

from __future__ import annotations

import pytest

from handoff import signals as sig
from handoff.points import matters
from tests.cast import Cast
from tests.triage.test_deciding import answers

MONEY, LAWYER = "I was charged twice for the same visit", "my lawyer will hear of this, I am taking legal action"
DOSE = "what dose of ibuprofen can I take with these tablets"


async def declines(cast: Cast, words: str) -> None:
    await cast.writes(words)
    await answers(cast, "Noted.")
    assert await cast.state() == ("choosing", "bot")
    await cast.presses("Go on with the questions")
    await answers(cast, "All right. How was it?")


@pytest.mark.parametrize(
    ("first", "then", "offered"),
    [
        (MONEY, LAWYER, True),
        (MONEY, DOSE, True),
        (MONEY, "I want a copy of my medical records", True),
        (MONEY, f"{MONEY}. And {LAWYER}", True),  # something new in it
        (MONEY, "they billed my card twice", False),
        (MONEY, "I was overcharged and I want my money back", False),  # another phrase of the same matter
        (LAWYER, LAWYER, False),
        (LAWYER, MONEY, True),
    ],
)
async def test_a_no_is_one_to_that_matter(cast: Cast, first: str, then: str, offered: bool) -> None:
    await declines(cast, first)
    await cast.writes(then)
    await answers(cast, "I'm not sure which answer that is.")
    assert ((await cast.state())[0] == "choosing") is offered


async def test_what_the_bot_would_offer_again_does_not_stand_before_what_is_new(cast: Cast) -> None:
    frustrated = (sig.WantsPerson("frustrated", "you don't listen"),)
    await cast.writes("you don't listen")
    await answers(cast, "I'm sorry, I'm not getting this right.", signals=frustrated, intent="frustrated")
    await cast.presses("Go on with the questions")
    await answers(cast, "All right. How was it?")
    await cast.writes(LAWYER)
    await answers(cast, "I'm sorry, I'm not getting this right.", signals=frustrated, intent="frustrated")
    assert await cast.state() == ("choosing", "bot")


@pytest.mark.parametrize(
    ("reason", "rules", "about"),
    [
        ("frustrated", ["frustration.anger", "frustration.model"], {"frustrated"}),
        ("complex", ["complexity.money", "complexity.model"], {"complex.money"}),
        ("complex", ["complexity.wrong_charge", "complexity.legal"], {"complex.money", "complex.legal"}),
        ("complex", ["complexity.model", "complexity.many_topics"], {"complex"}),
        ("complex", ["complexity.of_our_clinic"], {"complex.of_our_clinic"}),
        ("low_score", ["survey.low_score"], {"low_score"}),
        ("asked", [""], {"asked"}),
    ],
)
def test_what_a_cause_is_about(reason: str, rules: list[str], about: set[str]) -> None:
    assert matters(reason, rules) == about
