"""Plain words: what a text says, without its capitals, accents, punctuation and invisible characters. Pure."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from functools import cached_property

_APOSTROPHES = re.compile("['’‘`´ʼ]")
_NOT_WORDS = re.compile(r"[^\w]+")
_A_WORD = re.compile(r"\S+")


def plain(text: str) -> str:
    """One space between words, none around them: `"I can’t  go on!"` -> `"i cant go on"`."""
    visible = text if text.isascii() and text.isprintable() else _visible(text)
    return _NOT_WORDS.sub(" ", _APOSTROPHES.sub("", visible.casefold())).replace("_", " ").strip()


def _visible(text: str) -> str:
    kept = (char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return "".join(char for char in kept if char.isprintable() or char.isspace())


class Words(str):
    """Plain words with a space at either end, which know where each of them stands."""

    @cached_property
    def starts(self) -> list[int]:
        """Where the space before each word is, and at last where the text ends."""
        return [*(found.start() - 1 for found in _A_WORD.finditer(self)), len(self)]

    @cached_property
    def places(self) -> dict[str, list[int]]:
        """Each word, with its numbers: 0 is the first word of the text."""
        places: dict[str, list[int]] = {}
        for number, word in enumerate(self.split()):
            places.setdefault(word, []).append(number)
        return places

    @cached_property
    def different(self) -> frozenset[str]:
        return frozenset(self.places)

    def number(self, place: int) -> int:
        """The number of the word that begins at `place`."""
        return bisect_left(self.starts, place)


def blotted(words: str, begin: int, end: int) -> Words:
    """`words` with as many dots in that place."""
    return Words(f"{words[:begin]} {'.' * (end - begin - 1)}{words[end:]}")
