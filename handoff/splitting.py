"""A reply as texts: one where it fits, else as few as can be, cut at the ends of sentences. Pure.

A cut never falls inside a word, an address (`https://…`) or a character; only what is longer than a whole text by itself is cut
where it must be. Parts are numbered "(1/2)" only where there is more than one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from handoff.gsm7 import plain, segments

MAX_SEGMENTS = 10  # of one text: 1,530 characters of GSM, 670 of others; Twilio takes no text above 1,600
_NUMBERING = "(99/99) "
_SENTENCE = re.compile(r"(?<=[.!?…])\s+(?=\S)|\n+")
_WORD = re.compile(r"\s+")
_JOINERS = {"\u200d", "\ufe0f", "\ufe0e"}


def as_text(text: str, buttons: Sequence[str] = ()) -> str:
    """A message as it goes by text: plain characters, its buttons as numbered lines.

    "How was it?", ["Very good", "Good"] -> "How was it?\\n1 Very good\\n2 Good"
    """
    lines = [text.strip(), *(f"{number} {title}" for number, title in enumerate(buttons, 1))]
    return plain("\n".join(line for line in lines if line))


def split(text: str, *, limit: int = MAX_SEGMENTS) -> tuple[str, ...]:
    """`text` in parts of at most `limit` segments each; nothing but white space is lost between them."""
    whole = text.strip()
    if not whole:
        return ()
    if segments(whole) <= limit:
        return (whole,)
    parts = _pack(whole, limit)
    return tuple(f"({number}/{len(parts)}) {part}" for number, part in enumerate(parts, 1))


def _pack(text: str, limit: int) -> list[str]:
    parts: list[str] = []
    rest = text
    while rest:
        end = _fitting(rest, limit)
        if end < len(rest):
            end = _cut(rest, end)
        parts.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return parts


def _fitting(text: str, limit: int) -> int:
    """The longest start of `text` that fits, with its number before it."""
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if segments(_NUMBERING + text[:middle]) <= limit else (low, middle - 1)
    return low


def _cut(text: str, end: int) -> int:
    """The last good place at or before `end`: after a sentence, else after a word, else between two characters."""
    for pattern in (_SENTENCE, _WORD):
        places = [found.start() for found in pattern.finditer(text[: end + 1]) if 0 < found.start() <= end]
        if places and (pattern is _WORD or places[-1] > end // 3):
            return places[-1]
    while end > 1 and (text[end] in _JOINERS or text[end - 1] == "\u200d" or unicodedata.combining(text[end])):
        end -= 1
    return end
