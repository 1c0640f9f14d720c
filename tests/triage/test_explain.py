"""`heard triage explain`: what is decided about a sentence, by which phrase of the file, and what that found."""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from bot.encoder import load_encoder
from bot.heads.model import Heads
from bot.heads.wire import to_wire
from handoff import explain_lines
from handoff.cli import cli
from handoff.history import History, Message
from handoff.routing_file import load_routing
from handoff.settings import load
from handoff.triage import assess
from handoff.understanding import read_understanding
from handoff.yaml_text import read_text
from tests.house import ROOT

FILE = ROOT / "config" / "routing.yml"


def explain(*words: str, heads: bool = False) -> str:
    shown = CliRunner().invoke(cli, ["triage", "explain", *words, *([] if heads else ["--rules-only"])])
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
        ("it was ok", "calm, priority 3", ["nothing speaks for a person"]),
        ("-5 out of 10", "calm, priority 3", ["nothing speaks for a person"]),
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


WITH_HEADS = "Decided by the rules and the heads; the bot's own intent is not asked here."


@pytest.mark.parametrize(
    "text", ["you lost my bloods again and nobody could care less", "everything feels so heavy", "the nurses were kind"]
)
@pytest.mark.parametrize("question", ["", "Overall, how was your experience of our service?", "What could we do better?"])
def test_the_heads_are_heard_as_in_service(text: str, question: str) -> None:
    settings = load()
    rules = load_routing(FILE, country=settings.country, zone=settings.zone, countries=settings.countries).rules
    understood = read_understanding(to_wire(Heads(load_encoder(settings.encoder)).read(text, question)))
    made = assess(Message("m", text, datetime.now(UTC)), understood, History(), rules)
    shown = explain(text, "--question", question, heads=True).splitlines()
    assert shown[:-1] == list(explain_lines.lines(made, read_text(FILE)))
    assert shown[-1] == WITH_HEADS


def test_without_the_heads_the_rules_decide_and_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    assert explain("it was ok").endswith("Decided by the rules alone.\n")
    monkeypatch.setitem(sys.modules, "bot.heads.model", None)  # as where the extra is not installed
    said = "Decided by the rules alone: the heads are not installed here (they come with the extra `bot`).\n"
    assert explain("this bot is useless", heads=True).endswith(said)


def test_the_help_says_who_is_asked() -> None:
    shown = " ".join(CliRunner().invoke(cli, ["triage", "explain", "--help"]).output.replace("│", " ").split())
    assert "with the heads as the service hears them where they are installed; the bot's own intent is not asked here." in shown
    assert "--rules-only" in shown
    assert "--question" in shown
