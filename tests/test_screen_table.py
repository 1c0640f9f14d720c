"""The tables of the command line at 80 columns and in a pipe: no name and no figure is cut."""

from __future__ import annotations

import io

import pytest
from rich.console import Console
from rich.table import Table
from rich.text import Text
from typer.testing import CliRunner

from handoff.cli import cli
from handoff.doctor import Finding
from handoff.judged import Arrival, tally
from handoff.replay_lines import summary
from handoff.screen_table import screen_table, show
from tests.triage.test_judged import reason

LONGEST = "complexity.clinical_question"
RULES = (LONGEST, "frustration.not_understood", "intent:medical_question", "safety.self_harm")
MANY = tuple(Arrival((reason(rule, version="17.a19c1e51"),), "", "too_early") for rule in RULES for _ in range(1000))


def shown(table: Table, *, terminal: bool, width: int = 80) -> str:
    to = io.StringIO()
    show(Console(file=to, width=width, force_terminal=terminal, color_system=None, highlight=False), table)
    return to.getvalue()


@pytest.mark.parametrize("terminal", [True, False])
def test_the_report_names_every_rule_in_80_columns(terminal: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    to = io.StringIO()
    monkeypatch.setattr("handoff.triage_cli.with_desk", lambda *_: tally(MANY))
    monkeypatch.setattr("handoff.triage_cli.console", Console(file=to, width=80, force_terminal=terminal, color_system=None))
    assert CliRunner().invoke(cli, ["triage", "report"]).exit_code == 0
    lines = to.getvalue().splitlines()
    for rule in RULES:
        line = next(line for line in lines if line.startswith(rule))
        assert line.split() == [rule, "17.a19c1e51", "1000", "0", "1000", "0", "0", "0%", "0"]
        assert len(line) <= 81 - terminal
    assert "\N{HORIZONTAL ELLIPSIS}" not in to.getvalue()


@pytest.mark.parametrize("width", [40, 60, 80])
def test_a_longer_name_goes_on_in_the_next_line_and_figures_stay_whole(width: int) -> None:
    table = screen_table("rule", "version", "wrong\nteam")
    table.add_row(Text("frustration." + "x" * 80), "17.a19c1e51", "12345")
    lines = shown(table, terminal=True, width=width).splitlines()
    assert all(len(line) <= width for line in lines)
    assert sum(line.count("x") for line in lines) == 80
    assert any(line.split()[-2:] == ["17.a19c1e51", "12345"] for line in lines)


def test_in_a_pipe_a_row_is_one_line() -> None:
    table = screen_table("rule", "version")
    table.add_row(Text("frustration." + "x" * 80), "17.a19c1e51")
    assert shown(table, terminal=False).splitlines()[1].split() == ["frustration." + "x" * 80, "17.a19c1e51"]


@pytest.mark.parametrize("terminal", [True, False])
def test_the_replay_counts_have_room(terminal: bool) -> None:
    first = shown(summary([]), terminal=terminal).splitlines()[0]
    assert first.split() == ["episodes", "same", "earlier", "later", "newly", "not", "at", "all", "never"]
    assert all(name in shown(summary([]), terminal=terminal) for name in ("asked for a person", "a person at all"))


@pytest.mark.parametrize("terminal", [True, False])
def test_the_doctor_cuts_no_path(terminal: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    path = "/srv/" + "a-long-folder/" * 8 + "routing.yml"
    to = io.StringIO()

    async def examine(_: object) -> list[Finding]:
        return [Finding("warn", "rules", f"{path}: cannot be read.")]

    monkeypatch.setattr("handoff.doctor.examine", examine)
    monkeypatch.setattr("handoff.cli.console", Console(file=to, width=80, force_terminal=terminal, color_system=None))
    assert CliRunner().invoke(cli, ["doctor"]).exit_code == 0
    assert path in "".join(to.getvalue().removeprefix("warn").split()).replace("rules", "", 1)
    assert terminal or len(to.getvalue().splitlines()) == 1
