"""`heard triage explain`: what is decided about a sentence, and why."""

from __future__ import annotations

from pathlib import Path

import yaml
from typer.testing import CliRunner

from handoff.cli import cli
from tests.house import ROOT


def test_explain_shows_the_rule_the_points_and_the_words() -> None:
    shown = CliRunner().invoke(cli, ["triage", "explain", "this bot is useless"], env={"COLUMNS": "200"})
    assert shown.exit_code == 0
    assert "offer, priority 2" in shown.output
    assert "frustration.at_the_bot" in shown.output
    held = CliRunner().invoke(cli, ["triage", "explain", "the nurse asked if I was suicidal"], env={"COLUMNS": "200"})
    assert "held back" in held.output
    assert "was_asked" in held.output


def test_explain_takes_another_rule_file(tmp_path: Path) -> None:
    data = yaml.safe_load((ROOT / "config" / "routing.yml").read_text(encoding="utf-8"))
    data["frustration"]["offer_at"] = 15
    changed = tmp_path / "calmer.yml"
    changed.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
    shown = CliRunner().invoke(cli, ["triage", "explain", "this bot is useless", "--routing", str(changed)], env={"COLUMNS": "200"})
    assert "watch" in shown.output
