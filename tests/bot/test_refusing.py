"""A no to a person or a call: the answer beside it is kept, it is itself none, and the questions go on."""

from __future__ import annotations

import pytest

from handoff import signals as sig
from tests.bot.saying import answered, say

WHY = {"progress": {"overall": {"value": "very_good", "state": "answered"}}, "asked": "why"}
FOLLOW_UP = {
    "progress": {"overall": {"value": "good", "state": "answered"}, "why": {"value": None, "state": "skipped"}},
    "asked": "follow_up",
    "state": "completed",
}


@pytest.mark.parametrize("intent", ["wants_person", "deny", "opinion", "stop_survey"])
@pytest.mark.parametrize(
    ("locale", "text", "value"),
    [
        ("en", "poor but dont need a call", "poor"),
        ("en", "good thanks, no need to ring", "good"),
        ("en", "No need to call me. Very good.", "very_good"),
        ("en", "very poor, and I don't want to talk to anyone", "very_poor"),
        ("en", "good, please don't phone me back", "good"),
        ("en", "great! no call needed thanks", "very_good"),
        ("es", "mala, pero no hace falta que me llamen", "poor"),
        ("es", "muy buena, no necesito una llamada", "very_good"),
        ("es", "buena. Y no me llamen, por favor.", "good"),
    ],
)
def test_the_score_beside_it_is_kept_and_the_next_question_comes(locale: str, text: str, value: str, intent: str) -> None:
    answer = say(text, locale=locale, intent=intent)
    assert answered(answer) == [f"overall={value}"]
    assert answer.signals[-1] == sig.Asked("fft", "why", 1)
    assert not any(isinstance(signal, sig.WantsPerson) for signal in answer.signals)


@pytest.mark.parametrize("intent", ["wants_person", "deny"])
@pytest.mark.parametrize(
    ("locale", "text"),
    [
        ("en", "no need to ring"),
        ("en", "I don't need a call"),
        ("en", "don't bother calling me"),
        ("en", "I do not want anyone to contact me, thanks"),
        ("es", "no hace falta que me llame nadie"),
        ("es", "no quiero hablar con nadie"),
        ("es", "que nadie me llame"),
    ],
)
def test_alone_it_is_no_reason_and_the_question_is_put_again(locale: str, text: str, intent: str) -> None:
    answer = say(text, locale=locale, intent=intent, **WHY)
    assert answer.signals == [sig.Asked("fft", "why", 1)]
    assert sig.FollowUp(False) in say(text, locale=locale, intent=intent, **FOLLOW_UP).signals


@pytest.mark.parametrize(
    "text",
    [
        "they said there was no need to ring and then I got worse",
        "the nurse was lovely, no need to ring me about it",
        "they don't call me back, ever",
        "nobody rings me when results are in",
    ],
)
def test_a_story_is_kept_whole(text: str) -> None:
    assert answered(say(text, **WHY)) == [f"why={text}"]


@pytest.mark.parametrize("text", ["I don't need a call, I want to talk to a person", "no need to ring, can I speak to someone here?"])
def test_who_wants_a_person_all_the_same_gets_one(text: str) -> None:
    assert sig.WantsPerson in map(type, say(text, intent="wants_person").signals)


def test_danger_is_heard_first() -> None:
    assert [type(signal) for signal in say("I took all my tablets, don't call me", intent="unsafe").signals] == [sig.Unsafe]
