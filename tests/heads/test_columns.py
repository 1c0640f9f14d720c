"""What `heard score` writes is explained where a user meets it: every column, and no other, in its help and in the model card."""

from __future__ import annotations

import re

import pytest
from typer.testing import CliRunner

from bot.heads.columns import CHOICES, COLUMNS, for_card
from bot.heads.layout import DANGERS
from bot.heads.model import Heads
from bot.heads.score import flat
from handoff.cli import cli
from tests.house import ROOT

KINDS = {"DANGER": "|".join(DANGERS), "STEP": r"-?\d", "THEME": ".+"}
WRITTEN = list(flat(Heads(None).read("")))


def of(name: str) -> list[str]:
    """The columns that are written which `name` stands for."""
    pattern = re.sub("DANGER|STEP|THEME", lambda kind: f"(?:{KINDS[kind.group()]})", name)
    return [column for column in WRITTEN if re.fullmatch(pattern, column)]


def test_every_column_is_explained_once_and_in_the_order_of_writing() -> None:
    assert [column for name in COLUMNS for column in of(name)] == WRITTEN


def test_the_numbers_in_the_words_are_right() -> None:
    assert (len(of("p_theme_THEME")), len(of("p_themes_THEME"))) == (9, 34)
    assert ("9 themes" in COLUMNS["theme"], "34 finer" in COLUMNS["themes"]) == (True, True)
    assert of("p_sentiment_STEP") == [f"p_sentiment_{step}" for step in range(1, 6)]
    assert of("p_criticality_STEP") == [f"p_criticality_{step}" for step in range(-4, 5)]
    assert ", ".join(DANGERS) in COLUMNS["p_DANGER"]


def test_the_help_says_it_all() -> None:
    shown = " ".join(re.sub(r"\s+", " ", CliRunner().invoke(cli, ["score", "--help"]).stdout).split())
    for name, meaning in COLUMNS.items():
        assert f"{name}: {meaning}." in shown
    assert CHOICES in shown


def test_the_card_says_the_same() -> None:
    assert for_card() in (ROOT / "bot" / "heads" / "CARD.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "question", "best"),
    [
        ("Everything was wonderful, the nurses were so kind, thank you!", "what_good", True),
        ("Awful, rude, I was ignored", "nonspecific", False),
    ],
)
def test_one_is_best_and_five_is_worst(text: str, question: str, *, best: bool) -> None:
    """The ends of the two scales are where the words say they are: 1 is best of sentiment, 5 of criticality."""
    reading = Heads(None).read(text, question)
    assert (reading.sentiment <= 2, reading.sentiment >= 4) == (best, not best)
    assert (reading.criticality > 0, reading.criticality < 0) == (best, not best)
