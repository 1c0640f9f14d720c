"""What the comments of config/routing.yml say to copy can be copied: without its #, each example is read as what the comment says it is."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from handoff.routing_file import Routing, load_routing
from tests.house import ROOT

LINES = (ROOT / "config" / "routing.yml").read_text(encoding="utf-8").splitlines()


@pytest.fixture
def copied(tmp_path: Path) -> Routing:
    """The shipped file with the examples above `on_call`, `teams` and `people` in it."""
    lines = list(LINES)
    for part in ("on_call:", "teams:", "people: {}"):
        at = lines.index(part)
        examples = [line.removeprefix("# ") for line in comment_above(lines, at) if line.startswith("#   ")]
        assert examples, part
        below = at + 3 if part == "on_call:" else at + 1  # a step comes after those that are sooner
        replaced = [lines[at + 2]] if part == "on_call:" else []
        lines[at] = part.removesuffix(" {}")
        lines[below - len(replaced) : below] = examples
    path = tmp_path / "routing.yml"
    path.write_text("\n".join(lines), encoding="utf-8")
    return load_routing(path, country="US")


def comment_above(lines: list[str], at: int) -> list[str]:
    begins = at
    while lines[begins - 1].startswith("#"):
        begins -= 1
    return lines[begins:at]


def test_an_example_can_be_copied(copied: Routing) -> None:
    assert [(step.after, step.who, step.phones) for step in copied.on_call] == [
        (0, "everybody", ()),
        (2, "supervisor", ("+12025550123", "+12025550124")),
        (5, "admin", ()),
    ]
    nurses = copied.teams.teams["nurses"]
    assert (nurses.name["es"], nurses.topics) == ("Enfermería", {"medication", "treatment"})
    assert nurses.hours is not None
    assert str(nurses.hours.zone) == "America/New_York"
    assert (nurses.hours.weekly[0], nurses.hours.weekly[1]) == (((480, 720), (780, 960)), ())
    assert nurses.hours.holidays == {date(2026, 12, 25), date(2027, 1, 1)}
    maria, sam = copied.teams.people["maria@clinic.example"], copied.teams.people["sam@clinic.example"]
    assert (maria.teams, maria.languages, maria.skills, maria.capacity) == ({"nurses"}, {"en", "es"}, {"medication"}, 4)
    assert (sam.teams, sam.languages, sam.skills, sam.capacity) == ({"clinic"}, None, frozenset(), None)


def test_each_part_that_the_beginning_names_is_there() -> None:
    where = " ".join(
        LINES[
            : LINES.index(
                "# How a phrase is written: plain words, small letters, no accents, no apostrophes; it must stand as whole words."
            )
        ]
    )
    named = where.partition("Where to look: ")[2].split("`")[1::2]
    parts = {line.partition(":")[0] for line in LINES if line[:1].isalpha()}
    assert named
    assert parts - {"version", "emergency", "fall_back", "safety_model"} == set(named)
