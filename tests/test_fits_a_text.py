"""No sentence that leaves as a text message speaks of what only a page has: something to tap, a menu, a place above or below."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from actions.words import load_bot_words
from handoff.settings import ROOT
from handoff.words import load_words
from tests.test_asks_for_no_keyword import texts

MESSAGES = ROOT / "config" / "messages"
OF_A_PAGE = re.compile(
    r"\b(?:tap|taps|tapping|click\w*|swipe\w*|buttons?|menus?|icons?|links?|above|below|screens?|this page|this device|browser"
    r"|press|toque|tocar|pulse|pulsar|clic|bot[oó]n|botones|men[uú]s?|enlaces?|arriba|abajo|pantalla|p[aá]gina|dispositivo|navegador)\b",
    re.IGNORECASE,
)
NEVER_SENT = ("voice.",)  # spoken on the phone


def left_as_texts(tree: object) -> Mapping[str, str]:
    """What a file of messages may send: each key in the wording that a text has."""
    all_of_it = dict(texts(tree))
    return {
        name: text
        for name, text in all_of_it.items()
        if not name.startswith(NEVER_SENT) and (name.startswith("texts.") or f"texts.{name}" not in all_of_it)
    }


FILES = sorted([*MESSAGES.glob("*/*.yml"), *(ROOT / "config" / "surveys").glob("*.yml")])


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_text_speaks_of_a_page(path: Path) -> None:
    tree = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert {name: text for name, text in left_as_texts(tree).items() if OF_A_PAGE.search(text)} == {}


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_key_has_its_own_words_on_each_channel_where_it_needs_them(language: str) -> None:
    bot, service = load_bot_words(MESSAGES), load_words(MESSAGES, default="en")
    facts = {"clinic": "Elm Street Clinic"}
    for key in ("hello", "scale_hint", "privacy"):
        assert bot.say(language, key, by_text=True, **facts) != bot.say(language, key, **facts)
    assert bot.say(language, "goodbye", by_text=True) == bot.say(language, "goodbye")
    assert service.say(language, "promise_answer", by_text=True, day="x") != service.say(language, "promise_answer", day="x")
    assert service.say(language, "scored", by_text=True) == service.say(language, "scored")


@pytest.mark.parametrize(
    "text",
    ["Please tap one of these.", "Delete it from its menu.", "See below.", "Puede tocar una de estas.", "desde su menú", "esta página"],
)
def test_the_linter_sees_what_it_should(text: str) -> None:
    assert OF_A_PAGE.search(text)
