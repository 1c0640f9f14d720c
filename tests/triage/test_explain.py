"""`heard triage explain`: what is decided about a sentence, by which phrase of the file, and what that found."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from handoff.cli import cli
from tests.house import ROOT

FILE = ROOT / "config" / "routing.yml"


def explain(*words: str) -> str:
    shown = CliRunner().invoke(cli, ["triage", "explain", *words])
    assert shown.exit_code == 0, shown.output
    return shown.output


@pytest.mark.parametrize(
    ("text", "level", "lines"),
    [
        ("this bot is useless", "offer, priority 2", ["frustrated, 4 points", '  frustration.at_the_bot, 4 points: "this bot"']),
        ("I will kil myself", "unsafe, priority 0", ["unsafe", '  safety.self_harm: "kill myself"']),
        ("please, get me a human!!!", "asked, priority 1", ["asked", '  wants_person: "get me a human"']),
        ("human", "asked, priority 1", ["asked", '  wants_person: "human"']),
        ("the nurse asked if I was suicidal", "calm, priority 3", ["held back by was_asked", '  safety.self_harm: "suicidal"']),
        ("so disgusting", "watch, priority 3", ["frustrated, 2 points, noted only"]),
        ("it was ok", "calm, priority 3", ["no rule speaks for a person"]),
        ("-5 out of 10", "calm, priority 3", ["no rule speaks for a person"]),
        ("--bot is useless", "offer, priority 2", ["frustrated, 4 points"]),
        ("-e=ven this bot is useless", "offer, priority 2", ["frustrated, 4 points"]),
    ],
)
def test_it_shows_what_is_decided_and_what_was_found(text: str, level: str, lines: list[str]) -> None:
    shown = explain(text)
    assert shown.startswith(f"{level}, ")
    for line in lines:
        assert line in shown.splitlines()


def test_a_sign_is_shown_without_a_phrase() -> None:
    assert '  frustration.marks, 1 point: "!!!"' in explain("this bot is useless!!!")
    assert "  frustration.asked_again, 2 points\n" in explain("this bot is useless", "--asked", "3")


@pytest.mark.parametrize("text", ["this bot is useless", "I will kil myself", "human", "get me a human", "was I suicidal? the nurse asked"])
def test_the_phrase_stands_in_the_line_that_is_named(text: str) -> None:
    written = FILE.read_text(encoding="utf-8").splitlines()
    found = re.findall(r"line (\d+): (.+)", explain(text))
    assert found
    for line, phrase in found:
        begins = written[int(line) - 1].strip().removeprefix("- ").strip("\"'")
        assert phrase.startswith(begins)


def test_it_takes_another_rule_file(tmp_path: Path) -> None:
    data = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    data["frustration"]["offer_at"] = 15
    changed = tmp_path / "calmer.yml"
    changed.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
    assert explain("this bot is useless", "--routing", str(changed)).startswith("watch")
