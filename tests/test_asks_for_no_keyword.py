"""No text of ours asks a patient to write a word that carriers own: STOP would end all texts, YES would bring them back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from handoff.opt_out import CARRIERS, STOPS
from handoff.plain import plain
from handoff.settings import ROOT

FILES = sorted([*(ROOT / "config" / "messages").glob("*/*.yml"), *(ROOT / "config" / "surveys").glob("*.yml")])
WORDS = "|".join(sorted(word.lower() for word in CARRIERS))
ASKS = re.compile(
    rf"(?<!cannot )\b(?:reply|replies|text|answer|answering|write|send|type|say|press|respond|back)(?: us| back| with| the word| just| by| a)* (?:{WORDS})\b"
    rf"|\b(?:responda|escriba|envie|diga|conteste|mande|pulse)(?: con| la palabra)* (?:{WORDS})\b"
    r"|\byes or no\b|\bstop at any time\b"
)
QUOTED = re.compile(rf"[\"'«“](?:{WORDS})[\"'»”]", re.IGNORECASE)
SHOUTED = re.compile(rf"\b(?:{WORDS.upper()})\b")
TITLES = re.compile(r"(?:^|\.)(?:label|routes|stop_waiting|skip_button|follow_up_yes|follow_up_no|person_button)(?:\.|$)")


def texts(tree: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Every string that a patient may read, under its dotted name."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            if key not in ("synonyms", "emoji", "value", "when", "source", "id", "kind"):
                yield from texts(value, f"{name}.{key}" if name else str(key))
    elif isinstance(tree, list):
        for place, value in enumerate(tree):
            yield from texts(value, f"{name}.{place}")
    elif isinstance(tree, str):
        yield name, tree


def faults(name: str, text: str) -> list[str]:
    """What is wrong with one text. A title is what a patient may type: it must not be one of the words, or begin with one that stops texts."""
    words = plain(text).upper().split()
    found = []
    if ASKS.search(plain(text)) or QUOTED.search(text) or SHOUTED.search(text):
        found.append("asks for a carriers' word")
    if TITLES.search(name) and ((len(words) == 1 and words[0] in CARRIERS) or (words and words[0] in STOPS)):
        found.append("is a title that is typed as a carriers' word")
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_text_asks_for_a_carriers_word(path: Any) -> None:
    tree = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert {name: found for name, text in texts(tree) if (found := faults(name, text))} == {}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("callback", "Reply CANCEL to cancel your call."),
        ("callback", "reply cancel to call it off"),
        ("again", "Would you like that: yes or no?"),
        ("again", "Please answer yes or say no."),
        ("needed", "You can stop at any time."),
        ("more", 'Write "help" for more.'),
        ("more", "Text back info"),
        ("mas", "Responda STOP para terminar"),
        ("routes.off", "Stop"),
        ("stop_waiting", "Stop waiting"),
        ("follow_up_yes", "Yes"),
    ],
)
def test_the_linter_sees_what_it_should(name: str, text: str) -> None:
    assert faults(name, text)
