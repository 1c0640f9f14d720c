"""Numbers in a patient's words: "8", "eight", "a solid 9", "four out of five", "4/5", "5 stars". English and Spanish. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

_WORDS = {
    **{word: number for number, word in enumerate("zero one two three four five six seven eight nine ten".split())},
    **{word: number for number, word in enumerate("cero uno dos tres cuatro cinco seis siete ocho nueve diez".split())},
    **{word: number for number, word in enumerate("first second third fourth fifth sixth".split(), 1)},
    "nil": 0,
    "una": 1,
}
_NUMBER = rf"(\d{{1,3}}|{'|'.join(_WORDS)})"
_RATING = re.compile(rf"\b{_NUMBER} (?:out of|of|over|de|sobre) {_NUMBER}\b")
_SLASH = re.compile(r"(?<![\d/])(\d{1,2})\s*/\s*(5|10)(?![\d/])")
_STARS = re.compile(rf"\b{_NUMBER} (?:stars?|estrellas?)\b")
_LOOSE = frozenset("one una uno first second third fourth fifth sixth".split())  # in a sentence these count or order something else
_UNITS = frozenset(
    "hours hour hrs minutes minute mins days day weeks week months month years year times time o am pm people nurses doctors "
    "pounds dollars horas hora minutos dias semanas meses anos veces personas percent th nd rd".split()
)


@dataclass(frozen=True)
class Rating:
    """`value` out of `of`, where more is better."""

    value: int
    of: int


def read_rating(words: str, text: str) -> Rating | None:
    """ "four out of five", "4/5", "five stars". `words` is the plain form of `text`."""
    slash = _SLASH.search(text)
    if slash is not None:
        return Rating(int(slash.group(1)), int(slash.group(2)))
    spoken = _RATING.search(words)
    if spoken is not None and _value(spoken.group(2)) in (5, 10):
        return Rating(_value(spoken.group(1)), _value(spoken.group(2)))
    stars = _STARS.search(words)
    return Rating(_value(stars.group(1)), 5) if stars is not None else None


def read_number(words: str) -> int | None:
    """The one number in plain words; None when there are several, or it counts something ("3 hours")."""
    listed = words.split()
    if len(listed) > 12:
        return None
    found = [place for place, word in enumerate(listed) if word.isascii() and (word.isdigit() or word in _WORDS)]
    if len(found) > 1 and all(not listed[place].isdigit() for place in found[1:]) and listed[found[0]].isdigit():
        found = found[:1]
    if len(found) != 1:
        return None
    after = listed[found[0] + 1] if found[0] + 1 < len(listed) else ""
    word = listed[found[0]]
    if after in _UNITS or (word in _LOOSE and len(listed) > 2):
        return None
    return _value(word)


def _value(word: str) -> int:
    return int(word) if word.isdigit() else _WORDS[word]
