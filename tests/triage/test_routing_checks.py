"""What does not fit together in config/routing.yml is named with its place, in a sentence that says what to do."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from handoff.bad_rule import BadRule
from handoff.errors import BadSetting
from handoff.routing_checks import check
from handoff.routing_file import RoutingFile, load_routing
from handoff.yaml_text import read_yaml
from tests.house import ROOT

FILE = ROOT / "config" / "routing.yml"
MARIA, SAM = "maria@clinic.example", "sam@clinic.example"
AT_CLINIC = {"name": {"en": "The clinic"}}


@cache
def written() -> Any:
    return read_yaml(FILE.read_text(encoding="utf-8"))


def changed(way: str, value: object) -> RoutingFile:
    """The shipped file with one value in another's place."""
    *parts, last = way.split("/")
    data = here = dict(written())
    for part in parts:
        here[part] = dict(here[part]) if isinstance(here[part], dict) else here[part]
        here = here[part]
    here[last] = value
    return RoutingFile.model_validate(data)


STEPS = [{"after": after, "who": "admin"} for after in (0, 2, 2)]

FITS: list[tuple[str, object]] = [
    ("frustration/watch_at", 0),
    ("offers/all_after", 2),
    ("people", {MARIA: {"languages": ["es", "pl"], "capacity": 2}, SAM: {}}),
    ("on_call", [{"after": 0, "who": "everybody"}, {"after": 0.5, "who": "admin"}]),
    ("offers/weights", {"web": 6, "sms": 1}),
]

MISTAKES: list[tuple[str, object, str, str]] = [
    ("frustration/watch_at", 4, "frustration.watch_at", "must be below offer_at, which is 4"),
    ("complexity/watch_at", 5, "complexity.watch_at", "must be below offer_at, which is 4"),
    ("frustration/words/unless", {"points": 0, "phrases": ["sue"]}, "frustration.words.unless", "stands beside words, as a list"),
    ("complexity/kinds/unless", {"points": 0, "phrases": ["sue"]}, "complexity.kinds.unless", "stands beside kinds, as a list"),
    ("on_call", [{"after": 1, "who": "admin"}], "on_call.0.after", "the first is called after 0 minutes"),
    ("on_call", STEPS, "on_call.2.after", "must be later than the one before it, which is after 2 minutes"),
    ("on_call", [STEPS[0], {"after": 5, "who": "admin"}, STEPS[1]], "on_call.2.after", "which is after 5 minutes"),
    (
        "teams",
        {"clinic": {"name": {"en": "x", "sp": "y"}}},
        "teams.clinic.name.sp",
        "there is no language sp; it must be one like en or es",
    ),
    ("people", {MARIA: {"languages": ["en", "uu"]}}, f"people.{MARIA}.languages.1", "there is no language uu"),
    ("people", {"maria.clinic.example": {}}, "people.maria.clinic.example", "maria.clinic.example is no e-mail address"),
    ("people", {f"{MARIA}, {SAM}": {}}, f"people.{MARIA}, {SAM}", "is no e-mail address"),
    ("people", {MARIA: {}, "Maria@clinic.example": {}}, "people.Maria@clinic.example", f"this is the same address as {MARIA}"),
    ("offers/all_after", 1, "offers.all_after", "must not come before teams_after, which is 2"),
    ("offers/weights", {"web": 2, "call": 7}, "offers.weights.call", "more than the capacity, 6: nobody could ever be offered one"),
    ("people", {SAM: {}, MARIA: {"capacity": 1}}, f"people.{MARIA}.capacity", f"web, rasa, call (offers.weights): {MARIA} could never"),
]


@pytest.mark.parametrize(("way", "value"), FITS)
def test_what_fits_is_no_mistake(way: str, value: object) -> None:
    check(changed(way, value))


@pytest.mark.parametrize(("way", "value", "place", "why"), MISTAKES)
def test_what_does_not_fit_is_named(way: str, value: object, place: str, why: str) -> None:
    with pytest.raises(BadRule) as caught:
        check(changed(way, value))
    assert ".".join(map(str, caught.value.place)) == place
    assert why in str(caught.value)


LINES: list[tuple[str, str, str]] = [  # in the file: what stands in place of what, and what is said of that line
    ('crisis: "988"', "crisis: 988", "emergency.US.crisis: 988 is read as a number and must be a text: put it in quotes."),
    ("name: { en: The clinic", "name: { en: yes", "teams.clinic.name.en: yes is read as yes or no and must be a text: put it in quotes."),
    (
        "name: { en: The clinic",
        "name: { no: Klinikken",
        "teams.clinic.name.no: no is read as yes or no and must be a text: put it in quotes.",
    ),
    ("name: { en: The clinic", "name: { en: ", "teams.clinic.name.en: nothing stands here; it must be a text."),
    ('version: "6"', "version: 2026-11-27", "version: 2026-11-27 is read as a day and must be a text: put it in quotes."),
    ("people: {}", "people: { m@a.example: { languages: [no] } }", "people.m@a.example.languages.0: no is read as yes or no and must be"),
    ("fall_back: clinic", "fall_back: on", "fall_back: on is read as yes or no and must be a text: put it in quotes."),
    ("  seconds: 45", "  seconds: 0", "offers.seconds: Input should be greater than or equal to 10."),
    ("  call_seconds: 60", "  call_seconds: -1", "offers.call_seconds: Input should be greater than or equal to 10."),
    ("  misses: 3", "  misses: 0", "offers.misses: Input should be greater than or equal to 1."),
    ("  capacity: 6", "  capacity: 0", "offers.capacity: Input should be greater than or equal to 1."),
    ("people: {}", "people: { m@a.example: { capacity: 0 } }", "people.m@a.example.capacity: Input should be greater than or equal to 1."),
    ("  offer_at: 4", "  offer_at: 0.5", "frustration.offer_at: Input should be greater than or equal to 1."),
    ("  for: {}", "  for: { sadness: 0.5 }", "safety_model.for.sadness: Input should be 'self_harm', 'overdose'"),
    ("fall_back: clinic", "fall_back: 'clinics'", "fall_back: there is no team clinics."),
    (
        "es: La clínica } }",
        "es: La clínica }, zone: Europe/Lonodn }",
        "teams.clinic.zone: there is no time zone Europe/Lonodn; it must be one",
    ),
    ("es: La clínica } }", "es: La clínica }, zone: '' }", "teams.clinic.zone: there is no time zone ; it must be one"),
    ("es: La clínica } }", "xx: La clínica } }", "teams.clinic.name.xx: there is no language xx"),
    ("  watch_at: 2", "  watch_at: 9", "watch_at: must be below offer_at"),
]


def refused(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadSetting) as caught:
        load_routing(path, country="US")
    return caught.value.message


@pytest.mark.parametrize(("old", "new", "said"), LINES)
def test_a_mistake_is_said_with_its_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = FILE.read_text(encoding="utf-8")
    assert old in text
    line = text[: text.index(old)].count("\n") + 1
    message = refused(tmp_path / "routing.yml", text.replace(old, new, 1))
    assert message.startswith(f"{tmp_path / 'routing.yml'}:{line}: ")
    assert said in message


@pytest.mark.parametrize(("text", "said"), [("", "is empty"), ("# nothing yet\n", "is empty"), ("- 1\n", "must be a list of parts")])
def test_a_file_without_parts_says_so(tmp_path: Path, text: str, said: str) -> None:
    assert said in refused(tmp_path / "routing.yml", text)
