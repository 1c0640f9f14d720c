"""The bot's words, one file a language: config/messages/<language>/bot.yml."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from handoff.messages_file import read_messages


class BotWords:
    def __init__(self, texts: Mapping[str, Mapping[str, str]]) -> None:
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
    """Read `<language>/bot.yml` for every language under `folder`. Raises `BadSetting` with the place of the first mistake."""
    return BotWords(read_messages(folder, "bot.yml", default="en"))
