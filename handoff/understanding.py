"""What the bot understood of one message, as far as it said so. Numbers and names only, none of the patient's words. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

HARMLESS = frozenset({"none", "safe", "no", "other", "nothing"})  # what a model may call the class of no danger


@dataclass(frozen=True)
class Understanding:
    """None: the bot did not say. `sentiment` 1 (worst) to 5; the others are certainties from 0 to 1; `criticality` -5 to 5."""

    intent: str = ""
    confidence: float | None = None
    sentiment: float | None = None
    frustration: float | None = None
    wants_person: float | None = None
    complexity: float | None = None
    criticality: float | None = None
    safety: Mapping[str, float] = field(default_factory=dict)
    themes: tuple[str, ...] = ()
    language: str = ""

    def as_dict(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value not in (None, "", (), {})}


def read_understanding(data: object) -> Understanding:
    """The `understanding` of the bot's answer. What is missing or malformed is left out: a model never breaks a turn."""
    told = data if isinstance(data, Mapping) else {}
    safety = told.get("safety")
    themes = told.get("themes")
    return Understanding(
        intent=_name(told.get("intent")),
        confidence=_number(told.get("confidence"), 0, 1),
        sentiment=_number(told.get("sentiment"), 1, 5),
        frustration=_number(told.get("frustration"), 0, 1),
        wants_person=_number(told.get("wants_person"), 0, 1),
        complexity=_number(told.get("complexity"), 0, 1),
        criticality=_number(told.get("criticality"), -5, 5),
        safety={
            _name(name): sure
            for name, given in (safety.items() if isinstance(safety, Mapping) else ())
            if (sure := _number(given, 0, 1)) is not None and _name(name) not in HARMLESS
        },
        themes=tuple(map(_name, themes)) if isinstance(themes, list | tuple) else (),
        language=_name(told.get("language"))[:20],
    )


def _number(value: object, low: float, high: float) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        return None
    return float(value)


def _name(value: object) -> str:
    return value[:80] if isinstance(value, str) else ""
