"""The bot's words, one file a language: config/messages/<language>/bot.yml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from handoff.errors import BadSetting


class BotWords:
    def __init__(self, texts: dict[str, dict[str, str]]) -> None:
        """`texts`: language -> dotted key -> text."""
        self._texts = texts

    def say(self, language: str, key: str, *, by_text: bool = False, **facts: object) -> str:
        """The text of a dotted key, its `{names}` filled in; English where we do not speak the language. Raises KeyError.

        `by_text`: it leaves as a text message; where the key has other words for that, they stand under `texts.<key>`.
        """
        texts = self._texts[language if language in self._texts else "en"]
        own = f"texts.{key}"
        return texts[own if by_text and own in texts else key].format_map(facts)


def load_bot_words(folder: Path) -> BotWords:
    """Read `<language>/bot.yml` for every language under `folder`. Raises `BadSetting` where one cannot be read or lacks a key."""
    texts: dict[str, dict[str, str]] = {}
    for path in sorted(folder.glob("*/bot.yml")):
        try:
            texts[path.parent.name] = dict(_flat(yaml.safe_load(path.read_text(encoding="utf-8"))))
        except (OSError, yaml.YAMLError, AttributeError):
            raise BadSetting(f"{path}: this file of messages cannot be read.") from None
    if "en" not in texts:
        raise BadSetting(f"{folder}: there are no messages in English.")
    for language, own in texts.items():
        for key in sorted(texts["en"].keys() ^ own.keys()):
            raise BadSetting(f"{folder / language / 'bot.yml'}: {key} is in one language only.")
    return BotWords(texts)


def _flat(tree: dict[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in tree.items():
        found += _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else [(f"{prefix}{key}", str(value))]
    return found
