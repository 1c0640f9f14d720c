"""Plain words: what a text says, without its capitals, accents, punctuation and invisible characters. Pure."""

from __future__ import annotations

import re
import unicodedata

_APOSTROPHES = re.compile("['’‘`´ʼ]")
_NOT_WORDS = re.compile(r"[^\w]+")


def plain(text: str) -> str:
    """One space between words, none around them: `"I can’t  go on!"` -> `"i cant go on"`."""
    kept = (char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    visible = "".join(char for char in kept if char.isprintable() or char.isspace())
    return _NOT_WORDS.sub(" ", _APOSTROPHES.sub("", visible.casefold())).replace("_", " ").strip()
