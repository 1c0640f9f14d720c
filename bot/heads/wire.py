"""A reading as it travels from the bot to the service: numbers and names, no word of the patient's."""

from __future__ import annotations

from typing import Any

from bot.heads.layout import DANGERS
from bot.heads.model import Reading


def to_wire(reading: Reading) -> dict[str, Any]:
    """What handoff/understanding.py reads. `evidence`: each head that reached its threshold, with its score."""
    return {
        "sentiment": reading.sentiment,
        "criticality": reading.criticality,
        "serious": _round(reading.serious),
        "theme": reading.theme,
        "themes": [{"name": name, "score": _round(reading.label_chances[name])} for name in reading.labels],
        "wants_person": _round(reading.own["wants_person"]),
        "frustration": _round(reading.own["frustration"]),
        "complexity": _round(reading.own["complexity"]),
        "safety": {name: _round(reading.own[name]) for name in DANGERS},
        "evidence": [{"rule": f"head:{name}", "score": _round(reading.own[name])} for name in reading.marked],
    }


def _round(chance: float) -> float:
    return round(float(chance), 4)
