"""A folder of the four files, small and made up: enough to train from end to end, of no use for anything else."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

THEMES = {"Staff": "the nurse was {} to me", "Access": "the wait for a date was {}", "Environment/ facilities": "the room was {}"}
WORDS = {"lovely": ("4", "1"), "fine": ("2", "2"), "so so": ("0", "3"), "bad": ("-2", "4"), "dreadful": ("-4", "5")}
PERSON = ("let me talk to a person", "can I speak to a human", "put me through to somebody", "an agent please", "get me a real person")
OTHER = ("what time do you open", "book a room for two", "where is my order", "change my card", "the pool is closed")


def write(folder: Path) -> Path:
    comments = [
        {
            "feedback": f"{text.format(word)} {number}",
            "question": f"Trust {trust} - Q1",
            "label": theme,
            "subcategory": theme,
            "criticality": f"{critical}.0",
        }
        for theme, text in THEMES.items()
        for word, (critical, _) in WORDS.items()
        for number, trust in enumerate("ABC")
    ]
    felt = [
        {
            "text": f"{text.format(word)} again {number}",
            "question_kind": kind,
            "sentiment": f"{sentiment}.0",
            "themes": theme if number else f"{theme}|Care",
        }
        for theme, text in THEMES.items()
        for word, (_, sentiment) in WORDS.items()
        for number, kind in enumerate(("what_good", "could_improve"))
    ]
    calls = [
        {"text": f"{text} {number}", "fold": str((number * 5 + place) % 20), "handoff": str(wanted)}
        for wanted, texts in enumerate((OTHER, PERSON))
        for place, text in enumerate(texts)
        for number in range(4)
    ]
    shop = [{"sentence": f"{text} now", "wants_person": str(wanted)} for wanted, texts in enumerate((OTHER, PERSON)) for text in texts]
    for name, rows in {"nhs_themes": comments, "nhs_sentiment": felt, "asks_for_person": calls, "shop_chat": shop}.items():
        _write(folder / f"{name}_train.csv", rows)
    return folder


def _write(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
