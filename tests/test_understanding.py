"""What the bot understood, as its heads write it, is what the service reads; what is malformed is left out and breaks no turn."""

from __future__ import annotations

from typing import Any

from handoff.bot import read_answer
from handoff.understanding import Understanding, read_understanding

WHOLE: dict[str, Any] = {
    "intent": "opinion", "confidence": 0.8, "language": "en", "sentiment": 4, "criticality": -3, "serious": 0.7, "theme": "Staff",
    "themes": [{"name": "Timeliness of care", "score": 0.6}], "wants_person": 0.1, "frustration": 0.9, "complexity": 0.2,
    "safety": {"self_harm": 0.01}, "evidence": [{"rule": "head:frustration", "score": 0.9}],
}  # fmt: skip


def test_all_that_is_decided_upon_is_read() -> None:
    read = read_understanding(WHOLE)
    assert (read.intent, read.confidence, read.language, read.sentiment, read.criticality) == ("opinion", 0.8, "en", 4, -3)
    assert (read.wants_person, read.frustration, read.complexity) == (0.1, 0.9, 0.2)
    assert (read.themes, read.safety) == (("Timeliness of care",), {"self_harm": 0.01})


def test_what_is_wrong_is_left_out_and_the_answer_stands() -> None:
    turn = {"conversation": "c", "message": "m"}
    answer = {**turn, "replies": [{"text": "Hello"}], "signals": [], "understanding": {"sentiment": "bad", "safety": [], "intent": 3}}
    assert read_answer(answer, turn).understanding == Understanding()
    assert read_answer({**answer, "understanding": WHOLE}, turn).intent == "opinion"
