"""The documents cannot rot: every setting, state, channel, command and word of the code is in them."""

from __future__ import annotations

import re

import pytest
import typer

from handoff.channels import CHANNELS
from handoff.cli import cli
from handoff.conversation import State
from handoff.settings import PREFIX, ROOT, Settings

README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLE = (ROOT / "config" / ".env.example").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", list(Settings.model_fields))
def test_every_setting_is_described(name: str) -> None:
    assert f"`{PREFIX}{name.upper()}`" in README
    assert re.search(rf"^# {PREFIX}{name.upper()}=", EXAMPLE, re.MULTILINE)
    assert Settings.model_fields[name].description in EXAMPLE


def test_no_setting_is_described_that_is_not_there() -> None:
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    named = set(re.findall(r"HEARD_[A-Z_]+[A-Z]", README + EXAMPLE))
    assert {name.removesuffix("_FILE") for name in named} <= known


@pytest.mark.parametrize("state", list(State))
def test_every_state_is_described(state: State) -> None:
    assert f"| `{state}` |" in README


def test_every_channel_is_described() -> None:
    assert set(CHANNELS) == {"web", "sms"}
    assert "channels/web.py" in README


def commands(app: typer.Typer, before: str = "heard") -> list[str]:
    own = [f"{before} {(command.name or command.callback.__name__)}" for command in app.registered_commands if command.callback]
    groups = [
        name for group in app.registered_groups if group.typer_instance for name in commands(group.typer_instance, f"{before} {group.name}")
    ]
    return own + groups


@pytest.mark.parametrize("command", commands(cli))
def test_every_command_is_described(command: str) -> None:
    assert f"`{command}" in README


def test_the_first_two_commands() -> None:
    assert re.findall(r"^    (make .+)$", README, re.MULTILINE)[:2] == ["make run", "make test"]


def test_every_picture_and_file_that_the_readme_points_to_is_there() -> None:
    pointed = [path for path in re.findall(r"\]\(([^)#]+)\)", README) if "://" not in path]
    assert pointed
    assert [path for path in pointed if not (ROOT / path).is_file()] == []
