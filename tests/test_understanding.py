"""What the bot understood, read strictly and missed gladly."""

from __future__ import annotations

from typing import Any

import pytest

from handoff.bot import read_answer
from handoff.errors import BadInput, BotFailed
from handoff.understanding import Evidence, Understanding, read_understanding

WHOLE: dict[str, Any] = {
    "intent": "opinion", "confidence": 0.8, "language": "en", "sentiment": 4, "criticality": -3, "serious": 0.7, "theme": "Staff",
    "themes": [{"name": "Timeliness of care", "score": 0.6}], "wants_person": 0.1, "frustration": 0.9, "complexity": 0.2,
    "safety": {"self_harm": 0.01}, "evidence": [{"rule": "head:frustration", "score": 0.9}],
}  # fmt: skip


def test_all_of_it_is_read() -> None:
    read = read_understanding(WHOLE)
    assert (read.intent, read.sentiment, read.criticality, read.theme) == ("opinion", 4, -3, "Staff")
    assert (read.serious, read.wants_person, read.frustration, read.complexity) == (0.7, 0.1, 0.9, 0.2)
    assert read.themes == {"Timeliness of care": 0.6}
    assert read.safety == {"self_harm": 0.01}
    assert read.evidence == (Evidence("head:frustration", 0.9),)


@pytest.mark.parametrize("data", [None, {}, {"intent": None, "confidence": None, "themes": None, "safety": None, "evidence": []}])
def test_what_is_not_there_is_not_missed(data: Any) -> None:
    assert read_understanding(data) == Understanding()


def test_what_is_new_is_passed_over() -> None:
    assert read_understanding({"intent": "greet", "mood": "blue"}).intent == "greet"


@pytest.mark.parametrize(
    "wrong",
    [
        "text", [], 3, {"intent": 3}, {"confidence": "high"}, {"confidence": 1.5}, {"confidence": -0.1}, {"confidence": True},
        {"sentiment": 0}, {"sentiment": 6}, {"sentiment": 2.0}, {"sentiment": "2"}, {"criticality": -6}, {"serious": float("nan")},
        {"themes": {}, "evidence": {"a": 1}}, {"themes": ["Staff"]}, {"themes": [{"name": 1}]}, {"themes": [{"name": "a"}] * 101},
        {"safety": []}, {"safety": {"self_harm": "yes"}}, {"evidence": [{"rule": "x", "score": 2}]},
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused(wrong: Any) -> None:
    with pytest.raises(BadInput):
        read_understanding(wrong)


def test_a_wrong_understanding_is_a_broken_answer() -> None:
    turn = {"conversation": "c", "message": "m"}
    answer = {**turn, "replies": [{"text": "Hello"}], "signals": [], "understanding": WHOLE}
    assert read_answer(answer, turn).understanding.frustration == 0.9
    assert read_answer({**answer, "understanding": None}, turn).intent == ""
    with pytest.raises(BotFailed):
        read_answer({**answer, "understanding": {"sentiment": "bad"}}, turn)
