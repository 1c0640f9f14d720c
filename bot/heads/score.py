"""`heard score FILE.csv`: every head's output for every row, as CSV. Neither Rasa nor TensorFlow is started."""

from __future__ import annotations

import csv
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import TextIO

from bot.heads.csv_rows import read_rows
from bot.heads.model import Heads, Reading

MANY = 256  # rows at a time


def score(path: Path, heads: Heads, to: TextIO, *, threads: int = 2) -> int:
    """Reads `text` and, where it is there, `question`; writes one row for each. How many there were.

    Raises `BadInput` before anything is written.
    """
    rows = iter([(row["text"], row.fields.get("question", "").strip()) for row in read_rows(path, "text")])
    writer: csv.DictWriter[str] | None = None
    count = 0
    with ThreadPoolExecutor(threads) as pool:  # the encoder lets other threads run meanwhile
        while some := list(islice(rows, MANY)):
            for reading in pool.map(lambda row: heads.read(*row), some):
                line = flat(reading)
                if writer is None:
                    writer = csv.DictWriter(to, list(line), lineterminator="\n")
                    writer.writeheader()
                writer.writerow(line)
                count += 1
    if writer is None:
        csv.DictWriter(to, list(flat(heads.read(""))), lineterminator="\n").writeheader()
    return count


def flat(reading: Reading) -> dict[str, str]:
    """A reading as one line: what was chosen, then every probability. Several labels are joined by `|`, as in the data."""
    line = {
        "sentiment": str(reading.sentiment),
        "criticality": str(reading.criticality),
        "theme": reading.theme,
        "themes": "|".join(reading.labels),
        "wants_person": _flag(reading, "wants_person"),
        "frustration": _flag(reading, "frustration"),
        "complexity": _flag(reading, "complexity"),
        "safety": "|".join(name for name in reading.marked if name not in ("wants_person", "frustration", "complexity")),
    }
    chances = {
        "p_serious": reading.serious,
        **{f"p_{name}": chance for name, chance in reading.own.items()},
        **{f"p_sentiment_{step}": chance for step, chance in reading.sentiments.items()},
        **{f"p_criticality_{step}": chance for step, chance in reading.criticalities.items()},
        **{f"p_theme_{name}": chance for name, chance in reading.themes.items()},
        **{f"p_themes_{name}": chance for name, chance in reading.label_chances.items()},
    }
    return line | {name: f"{chance:.5f}" for name, chance in chances.items()}


def _flag(reading: Reading, name: str) -> str:
    return "1" if name in reading.marked else "0"
