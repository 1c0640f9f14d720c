"""How sure the bot must be of what it heard before a skill interrupts: the longer a text, the more of it is a story. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from actions.turn import Turn
from handoff.plain import plain
from handoff.question import is_question

# How sure the model must be before a skill interrupts: over a scale question, and over a free-text one, where anything may be an answer.
SURE: Mapping[str, tuple[float, float]] = {
    "unsafe": (0.8, 0.8),
    "wants_person": (0.4, 0.5),
    "frustrated": (0.45, 0.55),
    "medical_question": (0.45, 0.6),
    "stop_survey": (0.4, 0.6),
    "skip": (0.4, 0.5),
    "dont_know": (0.4, 0.5),
    "why_ask": (0.4, 0.5),
    "go_back": (0.4, 0.5),
    "restart_survey": (0.4, 0.5),
    "how_long": (0.4, 0.6),
    "ask_privacy": (0.4, 0.6),
    "are_you_a_robot": (0.4, 0.6),
    "other_language": (0.35, 0.6),
    "off_topic": (0.4, 0.7),
    "greet": (0.7, 0.8),
    "thanks": (0.5, 0.85),
    "goodbye": (0.4, 0.7),
}
FIRST = frozenset({"unsafe", "wants_person", "frustrated"})  # these outrank an answer that could be read out of the same words
LONG = 14  # words; a longer text on a free-text question is a story, and only what FIRST names interrupts it
NEEDS = frozenset({"medical_question", *FIRST})  # of a person, at any length; all else is a command, or small talk
FEW, MANY = 4, 8  # words of a command: up to so few it is one, and with more than so many it seldom is
LIKELY, CERTAIN, QUITE_CERTAIN, NEVER = 0.6, 0.7, 0.9, 1.1
OF_THE_SURVEY = frozenset({"stop_survey", "skip", "restart_survey", "go_back"})  # some explain at length why they stop
_REQUEST = re.compile(
    r"(?:please |hi |hello |hola |por favor )*"
    r"(?:(?:i|we) (?:want|need|would like) |id like |(?:send|cancel|change|book|tell|give|show|write) |"
    r"(?:quiero|queria|quisiera|necesito|tengo que|me gustaria|digame|mandeme|cambie) )"
)


def is_sure(turn: Turn) -> bool:
    """Sure enough of the intent for its skill to answer?"""
    free = turn.question is not None and turn.question.kind == "free_text"
    if free and turn.intent == "other_language" and "?" not in turn.text:
        return False  # a story in a third language is still an answer
    return turn.confidence >= max(SURE.get(turn.intent, (NEVER, NEVER))[free], _for_its_length(turn))


def _for_its_length(turn: Turn) -> float:
    """How sure for so long a text: "What a way to spend my birthday, six hours on a plastic chair" asks for nothing."""
    words = plain(turn.text)
    count = len(words.split())
    if turn.intent in NEEDS or count <= FEW:
        return 0.0
    if is_question(turn.text) or _REQUEST.match(words) is not None:
        return LIKELY
    if turn.intent in OF_THE_SURVEY:
        return LIKELY if count <= MANY else QUITE_CERTAIN
    return CERTAIN if count <= MANY else NEVER
