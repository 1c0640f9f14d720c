"""A bare number where the choices bear none: it may be the best of five or the last of six, so it is no answer."""

from __future__ import annotations

import pytest

from handoff import signals as sig
from tests.bot.saying import answered, say


@pytest.mark.parametrize("text", ["5", "1", "two", "(b)", "a 3", "5, nobody helped me there", "cinco"])
@pytest.mark.parametrize("locale", ["en", "es"])
def test_the_number_of_a_button_that_bears_none_is_asked_about(text: str, locale: str) -> None:
    answer = say(text, locale=locale)
    assert answer.signals == [sig.Asked("fft", "overall", 2)]
    assert ("have no numbers" if locale == "en" else "no llevan número") in answer.replies[-1]
    assert len(answer.buttons) == 6


def test_who_keeps_to_numbers_is_asked_in_other_words_and_then_offered_a_person() -> None:
    assert say("5", attempt=2).signals == [sig.Asked("fft", "overall", 3)]
    assert [type(signal) for signal in say("5", attempt=3).signals] == [sig.Asked, sig.WantsPerson]


def test_nor_does_it_correct_an_answer_or_stand_beside_a_wish_for_a_person() -> None:
    given = {"progress": {"overall": {"value": "good", "state": "answered"}}, "asked": "why"}
    assert "overall=very_poor" not in answered(say("sorry, I meant 5", **given))
    assert answered(say("5, and now I would like to talk to a person about all of it", intent="wants_person")) == []


@pytest.mark.parametrize(
    ("text", "survey", "by_text", "value"),
    [
        ("5", "fft", True, "overall=very_poor"),
        ("2", "fft", True, "overall=good"),
        ("4 out of 5", "fft", False, "overall=good"),
        ("10/10", "fft", False, "overall=very_good"),
        ("5 stars", "fft", False, "overall=very_good"),
        ("10", "nps", False, "recommend=10"),
        ("a solid 9", "nps", False, "recommend=9"),
        ("0", "nps", True, "recommend=0"),
    ],
)
def test_a_number_that_was_shown_and_a_mark_are_answers(text: str, survey: str, by_text: bool, value: str) -> None:
    assert answered(say(text, survey=survey, by_text=by_text)) == [value]
