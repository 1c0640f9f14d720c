"""What the bot says fits what was said: no score out of sarcasm, no praise for distress. The actions alone, given what the heads found."""

from __future__ import annotations

import pytest

from actions.reply import respond
from actions.turn import read_turn
from handoff import signals as sig
from handoff.understanding import Understanding
from tests.bot.saying import NOT_TOLD, SURVEYS, WORDS, answered, say

GLAD, MIXED, SAD = Understanding(sentiment=1, criticality=3), Understanding(sentiment=3, criticality=3), Understanding(sentiment=5)
CROSS = Understanding(sentiment=1, criticality=3, frustration=0.9)


SARCASM = "Oh wonderful, another survey from the people who lost my bloods. Bravo."


@pytest.mark.parametrize(
    ("locale", "text", "meant"),
    [
        ("en", SARCASM, MIXED),
        ("en", "fantastic, now I have to do this all again", CROSS),
        ("en", "excellent if you enjoy being ignored", Understanding(sentiment=1, criticality=-4, frustration=0.9)),
        ("en", "brilliant, waited 4 hours", SAD),
        ("en", "I have taken a great many tablets and I am sleepy", Understanding(sentiment=2, safety={"overdose": 0.9})),
        ("en", "you could not call it awful, the nurses were angels", GLAD),
        ("es", "Genial, otra encuesta de los que perdieron mis análisis. Bravo.", CROSS),
    ],
)
def test_a_word_that_the_sentence_speaks_against_is_no_score(locale: str, text: str, meant: Understanding) -> None:
    answer = say(text, meant, locale=locale)
    assert answered(answer) == []
    assert ("which of these fits best?" if locale == "en" else "¿cuál de estas encaja mejor?") in answer.replies[-1]
    assert [button.payload for button in answer.buttons][:1] == ["answer/overall/very_good"]
    assert answer.signals == [sig.Asked("fft", "overall", 2)]


@pytest.mark.parametrize(
    ("text", "meant", "value"),
    [
        ("good", MIXED, "good"),
        ("very good thanks", SAD, "very_good"),
        ("very good thank you so much", SAD, "very_good"),
        ("pretty good to be honest", MIXED, "good"),
        ("la atención fue excelente", CROSS, "very_good"),
        ("not good at all I'm afraid", GLAD, "poor"),
        ("una experiencia muy mala", GLAD, "very_poor"),
        ("it was ok", CROSS, "neither"),
        ("good, but the wait was long", SAD, "good"),
        ("overall excellent, though the parking was a nightmare", SAD, "very_good"),
        ("four out of five, I waited", SAD, "good"),
        ("the staff were wonderful to me", GLAD, "very_good"),
        ("it was really awful in there", SAD, "very_poor"),
        ("the staff were wonderful to me", NOT_TOLD, "very_good"),
        ("it was really awful in there", NOT_TOLD, "very_poor"),
    ],
)
def test_a_plain_answer_and_one_that_agrees_is_a_score(text: str, meant: Understanding, value: str) -> None:
    assert answered(say(text, meant))[0] == f"overall={value}"


GONE_WRONG = {
    "nps": ("10/10 for making me cry in public", "10 out of 10 if you like waiting in the rain", "a solid 10 for ignoring me", "un 10 por hacerme llorar"),
    "fft": (
        "Excellent! Another cancelled appointment!",
        "Perfect. Cancelled again with no notice.",
        "good one. you cancelled my surgery twice",
        "5 stars for losing my notes",
        "👏 lost again",
        "Genial, cita cancelada otra vez",
        "Perfecto. Cuatro horas esperando.",
    ),
    "cg_cahps_short": ("always cancelled", "siempre sin avisar"),
}  # fmt: skip


@pytest.mark.parametrize(("survey", "text"), [(survey, text) for survey, texts in GONE_WRONG.items() for text in texts])
@pytest.mark.parametrize("meant", [GLAD, MIXED, NOT_TOLD])
def test_praise_for_what_went_wrong_is_asked_about_whatever_the_heads_make_of_it(survey: str, text: str, meant: Understanding) -> None:
    answer = say(text, meant, survey=survey)
    assert answered(answer) == []
    assert answer.signals == [sig.Asked(survey, SURVEYS[survey].questions[0].id, 2)]
    assert "which of these fits best?" in answer.replies[-1]


@pytest.mark.parametrize(
    ("survey", "text", "value"),
    [
        ("fft", "Very good, they fixed what another hospital got wrong", "overall=very_good"),
        ("fft", "excellent, waited only 5 minutes", "overall=very_good"),
        ("fft", "good, but they were late and my bloods were lost", "overall=good"),
        ("fft", "terrible, cancelled again", "overall=very_poor"),
        ("nps", "a solid 10 for keeping me informed", "recommend=10"),
        ("nps", "10/10 for making me feel at ease", "recommend=10"),
        ("nps", "2 for ignoring me", "recommend=2"),
    ],
)
def test_praise_that_is_meant_and_blame_are_kept(survey: str, text: str, value: str) -> None:
    assert answered(say(text, NOT_TOLD, survey=survey))[0] == value


def test_sarcasm_beside_a_wish_for_a_person_is_no_score() -> None:
    answer = say(f"{SARCASM} I want to talk to a person.", MIXED, intent="wants_person")
    assert answered(answer) == []
    assert sig.WantsPerson in map(type, answer.signals)


def test_who_was_asked_which_and_goes_on_like_that_is_asked_in_other_words() -> None:
    answer = say(SARCASM, MIXED, attempt=2)
    assert answer.signals == [sig.Asked("fft", "overall", 3)]
    assert "Put simply" in answer.replies[-1]


GRIEF = {
    "en": ("My nan passed away here in March and the staff were wonderful", "they were wonderful when I lost my dad"),
    "es": ("Mi abuela falleció aquí en marzo y el personal fue estupendo", "fueron estupendos cuando murió mi padre, todo estupendo"),
}


@pytest.mark.parametrize(("locale", "text"), [(locale, text) for locale, texts in GRIEF.items() for text in texts])
def test_where_somebody_died_a_good_score_is_kept_and_not_called_good_to_hear(locale: str, text: str) -> None:
    answer = say(text, GLAD, locale=locale)
    assert answered(answer)[0] == "overall=very_good"
    assert answer.replies[0] == {"en": "Thank you.", "es": "Gracias."}[locale]


PAST = {"progress": {"overall": {"value": "good", "state": "answered"}, "why": {"value": None, "state": "skipped"}}}
LAST = {
    "fft": {"progress": {"overall": {"value": "good", "state": "answered"}}, "asked": "why"},
    "nps": {"progress": {"recommend": {"value": "10", "state": "answered"}}, "asked": "reason"},
    "cg_cahps_short": {
        "progress": {
            **{name: {"value": "always", "state": "answered"} for name in ("listen", "respect", "explain", "courtesy")},
            "needed_right_away": {"value": "no", "state": "answered"},
            "rating": {"value": "10", "state": "answered"},
        },
        "asked": "more",
    },
}


@pytest.mark.parametrize("survey", LAST)
@pytest.mark.parametrize("locale", ["en", "es"])
def test_the_last_thanks_agree_with_the_last_words(survey: str, locale: str) -> None:
    thanks = SURVEYS[survey].thanks[locale]
    said = [
        ("the nurses were kind to everybody", GLAD, "positive"),
        ("the nurses were kind to everybody", NOT_TOLD, "positive"),
        ("I've been really down and don't see a way forward", MIXED, "neutral"),
        ("nobody came when I rang the bell", SAD, "neutral"),
        ("nobody came when I rang the bell", Understanding(sentiment=2, criticality=-2), "neutral"),
        ("lovely, as ever", CROSS, "neutral"),
        ("I am fine", Understanding(sentiment=2, safety={"self_harm": 0.6}), "neutral"),
        (GRIEF[locale][0], GLAD, "neutral"),
    ]
    for text, meant, how in said:
        assert say(text, meant, survey=survey, locale=locale, **LAST[survey]).replies[0] == thanks[how], text  # type: ignore[index]


def test_a_button_is_thanked_for_by_its_score() -> None:
    state = {"id": "fft", "progress": {}, "asked": "overall", "attempt": 1, "state": "open"}
    metadata = {"kind": "button", "payload": "answer/overall/good", "locale": "en", "clinic": "Elm Street Clinic", "survey": state}
    answer = respond(read_turn(metadata, {}, SURVEYS, WORDS, "", meant=SAD))
    assert answer.replies[0] == "Thank you, that's good to hear."


SORRY = {
    "en": ("I'm sorry, this has been frustrating.", "I'm sorry, I'm not getting this right."),
    "es": ("Siento que esté resultando tan frustrante.", "Lo siento, no lo estoy haciendo bien."),
}


@pytest.mark.parametrize("locale", ["en", "es"])
@pytest.mark.parametrize("text", ["What a joke. Nobody reads these anyway", "you charged me twice!", "you're not listening"])
def test_the_bot_says_that_it_got_something_wrong_where_it_asked_again(locale: str, text: str) -> None:
    plain, misheard = SORRY[locale]
    for state in ({"state": "not_started", "asked": None}, {}, LAST["fft"], {"state": "completed", "asked": "follow_up", **PAST}):
        for attempt, words in ((1, plain), (2, misheard), (4, misheard)):
            answer = say(text, CROSS, locale=locale, intent="frustrated", attempt=attempt, **state)
            assert answer.replies == [words]
            assert [signal.reason for signal in answer.signals if isinstance(signal, sig.WantsPerson)] == ["frustrated"]
