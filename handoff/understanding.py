"""What the bot understood of one message, as the service reads it. Pure: the bot's JSON in, a typed value out.

Chances are between 0 and 1. A bot without heads sends none of it and gets what is below as default; a wrong type is a broken answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from handoff.errors import BadInput

MANY = 100  # more themes, classes or pieces of evidence than that are a broken answer
LONG = 80


@dataclass(frozen=True)
class Evidence:
    """`rule`: what spoke, for example `head:frustration`; `score`: how sure it was."""

    rule: str
    score: float


@dataclass(frozen=True)
class Understanding:
    """`sentiment`: 1 very positive .. 5 very negative; `criticality`: -5 worst .. 5 best; `serious`: the chance of -3 or worse.

    `themes`: of the 34 of the patient-experience framework, those that are in it, with their chances; `theme`: the one of the 9.
    `safety`: the chance of each class of danger in config/routing.yml.
    """

    intent: str = ""
    confidence: float = 0.0
    language: str = ""
    sentiment: int | None = None
    criticality: int | None = None
    serious: float = 0.0
    theme: str = ""
    themes: Mapping[str, float] = field(default_factory=dict)
    wants_person: float = 0.0
    frustration: float = 0.0
    complexity: float = 0.0
    safety: Mapping[str, float] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()


def read_understanding(data: Any) -> Understanding:
    """From the bot's JSON; None counts as "nothing understood". Raises `BadInput` for what has a wrong type or size."""
    if data is None:
        return Understanding()
    if not isinstance(data, dict):
        raise _wrong("understanding")
    return Understanding(
        intent=_text(data, "intent"),
        confidence=_chance(data, "confidence"),
        language=_text(data, "language"),
        sentiment=_step(data, "sentiment", 1, 5),
        criticality=_step(data, "criticality", -5, 5),
        serious=_chance(data, "serious"),
        theme=_text(data, "theme"),
        themes={_text(one, "name"): _chance(one, "score") for one in _list(data, "themes")},
        wants_person=_chance(data, "wants_person"),
        frustration=_chance(data, "frustration"),
        complexity=_chance(data, "complexity"),
        safety=_safety(data.get("safety")),
        evidence=tuple(Evidence(_text(one, "rule"), _chance(one, "score")) for one in _list(data, "evidence")),
    )


def _text(data: Mapping[str, Any], name: str) -> str:
    found = data.get(name)
    if found is None:
        return ""
    if not isinstance(found, str):
        raise _wrong(name)
    return found[:LONG]


def _chance(data: Mapping[str, Any], name: str) -> float:
    found = data.get(name)
    if found is None:
        return 0.0
    if type(found) not in (int, float) or not 0 <= found <= 1.0001:
        raise _wrong(name)
    return min(1.0, float(found))


def _step(data: Mapping[str, Any], name: str, low: int, high: int) -> int | None:
    found = data.get(name)
    if found is not None and (type(found) is not int or not low <= found <= high):
        raise _wrong(name)
    return found


def _list(data: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = data.get(name) or []
    if not isinstance(found, list) or len(found) > MANY or not all(isinstance(one, dict) for one in found):
        raise _wrong(name)
    return found


def _safety(found: Any) -> dict[str, float]:
    if found is None:
        return {}
    if not isinstance(found, dict) or len(found) > MANY or not all(isinstance(name, str) for name in found):
        raise _wrong("safety")
    return {name[:LONG]: _chance(found, name) for name in found}


def _wrong(name: str) -> BadInput:
    return BadInput(f"The bot sent a wrong {name}.")
