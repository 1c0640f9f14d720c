"""Assessments: asking for a person, frustration, complexity, what came before, and what the bot's model adds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from handoff.history import History, Message, is_shouted, said_again
from handoff.routing_file import load_routing
from handoff.triage import Assessment, Level, assess
from handoff.understanding import Understanding, read_understanding
from tests.house import ROOT

RULES = load_routing(ROOT / "config" / "routing.yml", country="US").rules
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HERE = Path(__file__).parent
WISHES: dict[str, list[str]] = yaml.safe_load((HERE / "wishes.yml").read_text(encoding="utf-8"))
OFFERS: dict[str, list[dict[str, Any]]] = yaml.safe_load((HERE / "offers.yml").read_text(encoding="utf-8"))


def said(
    text: str, *, earlier: tuple[str, ...] = (), understood: Understanding | None = None, gap: float = 60, **history: Any
) -> Assessment:
    """Ana says `text`, `gap` seconds after each of what she said `earlier`."""
    before = tuple(Message(f"e{n}", one, NOON - timedelta(seconds=gap * (len(earlier) - n))) for n, one in enumerate(earlier))
    return assess(Message("m1", text, NOON), understood, History(earlier=before, **history), RULES)


def reasons(assessment: Assessment) -> set[str]:
    return {cause.reason for cause in assessment.causes}


@pytest.mark.parametrize("text", WISHES["asks"])
def test_a_wish_for_a_person_is_heard_in_any_words(text: str) -> None:
    assert "asked" in reasons(said(text))


@pytest.mark.parametrize("text", WISHES["asks_not"])
def test_a_person_who_is_only_spoken_of_is_no_wish(text: str) -> None:
    assert "asked" not in reasons(said(text))


@pytest.mark.parametrize("text", WISHES["declines"])
def test_who_says_no_to_a_person_is_asked_by_none_however_sure_the_bot_is(text: str) -> None:
    sure = Understanding(intent="wants_person", confidence=0.99, wants_person=0.99)
    assert "asked" not in reasons(said(text, understood=sure))
    assert "asked" in reasons(said("could one perhaps", understood=sure))


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("stop calling me", Level.WATCH),
        ("stop asking me if i want a person", Level.WATCH),
        ("stop it", Level.OFFER),
        ("I dont want a person, you lied to me and I am furious, this is a disgrace", Level.OFFER),  # their own words
    ],
)
def test_who_says_no_to_a_person_is_offered_none_on_the_word_of_the_model(text: str, level: Level) -> None:
    assert said(text, understood=Understanding(frustration=0.99, sentiment=5)).level is level


@pytest.mark.parametrize("text", ["if you do not call me I will complain", "You never call me back", "why do you not ring me"])
def test_who_misses_a_call_says_no_to_none(text: str) -> None:
    assert "asked" in reasons(said(text, understood=Understanding(wants_person=0.99)))


def test_of_words_that_no_rule_was_made_for_so_many_are_heard() -> None:
    """What was measured, rounded down: 23 of 40 wishes by the rules alone, and none of 40 others. The model hears more."""
    heard = [sum("asked" in reasons(said(text)) for text in WISHES[part]) for part in ("untuned_asks", "untuned_asks_not")]
    assert [len(WISHES[part]) for part in ("untuned_asks", "untuned_asks_not")] == [40, 40]
    assert heard[0] / 40 >= 0.57
    assert heard[1] == 0


@pytest.mark.parametrize(
    ("row", "expected"), [(row, expected) for expected, rows in OFFERS.items() for row in rows], ids=lambda value: str(value)[:60]
)
def test_an_offer(row: dict[str, Any], expected: str) -> None:
    given = {key: value for key, value in row.items() if key not in ("text", "earlier")}
    assessment = said(row["text"], earlier=tuple(row.get("earlier", ())), **given)
    if expected == "nothing":
        assert (assessment.level, assessment.causes) == (Level.CALM, ())
    elif expected == "calm":
        assert assessment.level in (Level.CALM, Level.WATCH), assessment.causes
    else:
        assert (assessment.level, assessment.causes[0].reason) == (Level.OFFER, expected), assessment.causes


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("this is bullshit", "swearing"),
        ("two fucking hours", "swearing"),
        ("this fucking clinic is not good", "swearing"),
        ("vaya mierda", "swearing"),
        ("I left in tears", "upset"),
        ("I was crying when I came out", "upset"),
        ("nobody listened", "ignored"),
        ("estoy harto", "anger"),
        ("this is ridiculous", "verdict"),
    ],
)
def test_what_is_shown_to_staff_names_what_was_said(text: str, group: str) -> None:
    assert f"frustration.{group}" in {one["rule"] for one in said(text).as_reasons()}
    assert group == "ignored" or "frustration.ignored" not in {one["rule"] for one in said(text).as_reasons()}


@pytest.mark.parametrize(
    ("text", "understood", "language"),
    [
        ("voy a matar a la enfermera", Understanding(), "es"),
        ("a nurse was in a hurry", Understanding(language="es"), "en"),
        ("María de la Cruz", Understanding(language="en"), "en"),
        ("ok", Understanding(language="es"), "es"),
    ],
)
def test_the_language_is_told_as_for_a_first_text(text: str, understood: Understanding, language: str) -> None:
    assert said(text, understood=understood).language == language


def test_every_reason_has_its_evidence() -> None:
    found = said("I already told you, twice. This bot is useless!!!").as_reasons()
    assert {one["rule"] for one in found} >= {"frustration.told_you", "frustration.at_the_bot", "frustration.marks"}
    told = next(one for one in found if one["rule"] == "frustration.told_you")
    assert told == {
        "reason": "frustrated",
        "message": "m1",
        "rule": "frustration.told_you",
        "source": "rule",
        "words": "I already told you, twice.",
        "score": 1.0,
        "points": 3,
    }
    assert all(one["words"] or one["source"] == "history" for one in found)


@pytest.mark.parametrize(
    ("history", "rule", "points"),
    [
        ({"asked": 3}, "frustration.asked_again", 2),
        ({"not_understood": 2}, "frustration.not_understood", 2),
        ({"low_score": True}, "frustration.low_score", 1),
        ({"came_before": 1}, "frustration.came_before", 1),
        ({"bot_failed": 1}, "frustration.bot_failed", 2),
        ({"earlier": ("it was the nurse on the second floor",)}, "frustration.said_again", 2),
        ({"earlier": ("one", "two"), "gap": 5}, "frustration.swift", 1),
    ],
)
def test_what_came_before_weighs(history: dict[str, Any], rule: str, points: float) -> None:
    found = said("It was the nurse on the second floor, furious", **history)
    assert {one["rule"]: one["points"] for one in found.as_reasons()}.get(rule) == points


def test_what_came_before_is_no_sign_by_itself() -> None:
    assert said("the nurse", asked=4, not_understood=3, low_score=True, came_before=2).level is Level.CALM


@pytest.mark.parametrize(
    ("text", "understood", "level"),
    [
        ("it was quite something", Understanding(frustration=0.95, sentiment=5), Level.OFFER),
        ("it was quite something", Understanding(frustration=0.4), Level.CALM),
        ("a long matter", Understanding(complexity=0.99, sentiment=3), Level.WATCH),
        ("could one perhaps", Understanding(wants_person=0.7), Level.ASKED),
        ("could one perhaps", Understanding(wants_person=0.5), Level.CALM),
        ("could one perhaps", Understanding(intent="wants_person", confidence=0.8), Level.ASKED),
        ("I feel so empty", Understanding(safety={"self_harm": 0.81}), Level.UNSAFE),
        ("I feel so empty", Understanding(safety={"self_harm": 0.79}), Level.CALM),
        ("My husband had a stroke and they came quickly", Understanding(safety={"emergency": 0.95}), Level.UNSAFE),
        ("The nurse asked if I was suicidal", Understanding(safety={"self_harm": 0.89}), Level.CALM),
        ("The nurse asked if I was suicidal", Understanding(safety={"self_harm": 0.91}), Level.UNSAFE),
    ],
)
def test_what_the_model_adds(text: str, understood: Understanding, level: Level) -> None:
    assert said(text, understood=understood).level is level


def test_the_model_never_holds_back_the_rules() -> None:
    calm = Understanding(intent="thanks", confidence=1.0, safety={"self_harm": 0.0}, wants_person=0.0, frustration=0.0, sentiment=1)
    assert said("I want to kill myself", understood=calm).level is Level.UNSAFE
    assert said("I want to talk to a person", understood=calm).level is Level.ASKED
    assert said("you people are a joke", understood=calm).level is Level.OFFER


def test_priority_topic_language_and_version() -> None:
    found = said("I can't breathe, I want to speak to a nurse about my bill")
    assert (found.level, found.priority, found.topic, found.language) == (Level.UNSAFE, 0, "safety", "en")
    assert reasons(found) == {"unsafe", "asked"}
    bill = said("Me cobraron dos veces la factura y quiero el dinero, es una vergüenza")
    assert (bill.topic, bill.language, bill.priority) == ("money", "es", 2)
    assert bill.version == RULES.version
    assert RULES.version.startswith("9.")
    assert (said("ok").topic, said("ok").language, said("ok").priority) == ("general", "", 3)


@pytest.mark.parametrize(
    ("text", "shouted"), [("WHERE IS MY DOCTOR", True), ("NHS", False), ("OK THANKS", False), ("I rang the NHS GP line", False)]
)
def test_capitals(text: str, shouted: bool) -> None:
    assert is_shouted(text) is shouted


def test_short_words_are_not_said_again() -> None:
    assert said_again(Message("m", "yes", NOON), History((Message("e", "yes", NOON),))) == ""


@pytest.mark.parametrize(
    ("data", "read"),
    [
        (None, Understanding()),
        ("nonsense", Understanding()),
        ({"intent": 5, "sentiment": 9, "frustration": True, "safety": [], "themes": "x"}, Understanding()),
        (
            {"intent": "opinion", "confidence": 0.5, "safety": {"self_harm": 0.2, "none": 0.8, "abuse": 7}, "themes": ["staff"]},
            Understanding("opinion", 0.5, safety={"self_harm": 0.2}, themes=("staff",)),
        ),
    ],
)
def test_a_malformed_understanding_breaks_nothing(data: object, read: Understanding) -> None:
    assert read_understanding(data) == read


def test_an_assessment_is_quick() -> None:
    """Far below what a turn takes, even for the longest text that is taken in."""
    started = datetime.now(UTC)
    for _ in range(20):
        said("I waited two hours and the nurse was kind but nobody told me anything about my mother. " * 45)
    assert (datetime.now(UTC) - started) / 20 < timedelta(milliseconds=200)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("no I don't want to talk to a person", False),
        ("nobody, stop offering me a person", False),
        ("I didn't need to speak to anyone", False),
        ("I dont want to talk to anybody, just answering", False),
        ("no quiero hablar con nadie, solo contesto", False),
        ("no necesito a nadie", False),
        ("the receptionist put me through to someone quickly", False),
        ("I don't want to talk to a receptionist, get me a real person", True),
        ("is there somebody who can help", True),
    ],
)
def test_who_says_no_to_a_person_is_not_taken_to_ask_for_one_by_the_model_alone(text: str, asked: bool) -> None:
    made = assess(
        Message("m", text, datetime(2026, 11, 23, 9, tzinfo=UTC)), Understanding("opinion", 0.9, wants_person=0.97), History(), RULES
    )
    assert (made.level is Level.ASKED) is asked
