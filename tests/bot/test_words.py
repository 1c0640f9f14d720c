"""The bot's words: the same keys and the same places to fill in, in every language; nothing promised that nobody does."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from string import Formatter

import pytest

from actions.words import load_bot_words
from handoff.errors import BadSetting
from handoff.messages_file import read_messages
from handoff.settings import ROOT

MESSAGES = ROOT / "config" / "messages"


def texts(language: str) -> Mapping[str, str]:
    return read_messages(MESSAGES, "bot.yml", default="en")[language]


def test_both_languages_say_the_same_things() -> None:
    english, spanish = texts("en"), texts("es")
    assert english.keys() == spanish.keys()
    for key in english:
        assert places(english[key]) == places(spanish[key]), key
        assert english[key].strip(), key
        assert spanish[key].strip(), key


def test_every_word_is_used() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "actions").glob("*.py"))
    unused = [key for key in texts("en") if f'"{key.removeprefix("texts.")}"' not in code]
    assert unused == []


def test_a_file_that_lacks_a_word_is_refused(tmp_path: Path) -> None:
    for language, content in {"en": 'hello: "Hello {clinic}"\nbye: "Bye"\n', "es": 'hello: "Hola {clinic}"\n'}.items():
        (tmp_path / language).mkdir()
        (tmp_path / language / "bot.yml").write_text(content, encoding="utf-8")
    with pytest.raises(BadSetting, match="bye"):
        load_bot_words(tmp_path)


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}
