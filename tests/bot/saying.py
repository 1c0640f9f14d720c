"""The actions alone, for tests: the answer to what a patient says, given what the bot understood."""

from __future__ import annotations

from typing import Any

from actions.reply import respond
from actions.turn import Answer, read_turn
from actions.words import load_bot_words
from handoff import signals as sig
from handoff.settings import ROOT
from handoff.surveys import load_surveys
from handoff.understanding import Understanding

SURVEYS = load_surveys(ROOT / "config" / "surveys")
WORDS = load_bot_words(ROOT / "config" / "messages")
NOT_TOLD = Understanding()


def say(
    text: str,
    meant: Understanding = NOT_TOLD,
    *,
    survey: str = "fft",
    locale: str = "en",
    intent: str = "opinion",
    sure: float = 0.9,
    by_text: bool = False,
    **told: Any,
) -> Answer:
    first = SURVEYS[survey].questions[0].id
    state = {"id": survey, "progress": {}, "asked": first, "attempt": 1, "state": "open", **told}
    metadata = {
        "kind": "text",
        "text": text,
        "locale": locale,
        "clinic": "Elm Street Clinic",
        "survey": state,
        "abilities": {"buttons": not by_text},
    }
    return respond(read_turn(metadata, {"name": intent, "confidence": sure}, SURVEYS, WORDS, "", meant=meant))


def answered(answer: Answer) -> list[str]:
    return [f"{signal.question}={signal.value}" for signal in answer.signals if isinstance(signal, sig.Answered)]
