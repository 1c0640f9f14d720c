"""A text as weighted words and pieces of words: TF-IDF over words, pairs of words, and runs of 2 to 5 characters inside words."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, repeat
from typing import Any

import numpy as np

# Of a longer text, the beginning and the end are read; a thousand characters cost a millisecond.
FROM_START, FROM_END = 1000, 500
MAX_CHARS = FROM_START + FROM_END
_WORD = re.compile(r"\w+")
_SIZES = range(2, 6)  # characters of a run
_WORDS, _CHARS = "w", "c"  # the two kinds of terms; each kind is scaled to length 1 by itself
_MARKS = ".,;:!?"
UNKNOWN = -1  # the place of a term that no column is for
_NONE = np.zeros(0, dtype=np.int32)


@dataclass(frozen=True)
class Terms:
    """A text cut up, each piece as often as it stands there: words and pairs of words as terms, and what stands between spaces."""

    words: list[str]
    stretches: list[str]


def normal(text: str) -> str:
    """Small letters, no accents, NFKC, one space between words: `"  Señor  GARCÍA"` -> `"senor garcia"`."""
    read = text if len(text) <= MAX_CHARS else f"{text[:FROM_START]} {text[-FROM_END:]}"
    if not read.isascii():
        read = "".join(char for char in unicodedata.normalize("NFKD", read) if not unicodedata.combining(char))
    return " ".join(read.casefold().split())


def terms(text: str) -> Terms:
    """`text` cut up, of a long one both ends. A term's first letter names its kind."""
    plain = normal(text)
    words = _WORD.findall(plain)
    pairs = [f"{first} {second}" for first, second in pairwise(words)]
    return Terms([_WORDS + term for term in words + pairs], plain.split())


def runs_of(stretch: str) -> list[str]:
    """The runs of characters in what stands between two spaces, both of them included, as terms."""
    padded = f" {stretch} "
    return [_CHARS + padded[at : at + size] for size in _SIZES for at in range(max(1, len(padded) - size + 1))]


@dataclass(frozen=True)
class Vocabulary:
    """`places`: term -> its column; `idf`: a column's weight."""

    places: dict[str, int]
    idf: Any
    _held: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def row(self, found: Terms) -> tuple[Any, Any]:
        """The columns (int32) and values (float32) of one text; both empty where it holds no known term."""
        columns: list[Any] = []
        values: list[Any] = []
        for places in (self._known(found.words), np.concatenate([_NONE, *map(self._runs, found.stretches)])):
            at, often = _counted(places, len(self.places))
            weights = (1 + np.log(often)) * self.idf[at]
            columns.append(at)
            values.append(weights / np.linalg.norm(weights) if len(at) else weights)
        return np.concatenate(columns), np.concatenate(values)

    def _runs(self, stretch: str) -> Any:
        """The columns of its runs. Kept at hand for the vocabulary's own words, with a mark behind or without: never for a patient's."""
        held = self._held.get(stretch)
        if held is None:
            held = self._known(runs_of(stretch))
            if _WORDS + (stretch[:-1] if stretch[-1] in _MARKS else stretch) in self.places:
                self._held[stretch] = held
        return held

    def _known(self, found: Sequence[str]) -> Any:
        places = np.fromiter(map(self.places.get, found, repeat(UNKNOWN)), dtype=np.int32, count=len(found))
        return places[places != UNKNOWN]


def _counted(places: Any, size: int) -> tuple[Any, Any]:
    """Each place (all below `size`) once, in the order in which they first come (int32), and how often it comes (float32)."""
    order = np.arange(len(places), dtype=np.int32)
    first = np.empty(size, dtype=np.int32)
    first[places[::-1]] = order[::-1]  # of several, what is set last stays
    at = places[first[places] == order]
    return at, np.bincount(places, minlength=1)[at].astype(np.float32)


def learn(texts: Iterable[str], *, words: int, runs: int) -> Vocabulary:
    """The most widespread `words` and `runs` of those that at least 3 texts have (2 for words); ties in alphabetical order."""
    found: tuple[Counter[str], Counter[str]] = Counter(), Counter()
    count = 0
    for text in texts:
        count += 1
        cut = terms(text)
        found[0].update(set(cut.words))
        found[1].update({run for stretch in set(cut.stretches) for run in runs_of(stretch)})
    kept: list[tuple[str, int]] = []
    for seen, most, least in zip(found, (words, runs), (2, 3), strict=True):
        kept += sorted(((term, n) for term, n in seen.items() if n >= least), key=lambda one: (-one[1], one[0]))[:most]
    idf = np.array([np.log((1 + count) / (1 + n)) + 1 for _, n in kept], dtype=np.float32)
    return Vocabulary({term: place for place, (term, _) in enumerate(kept)}, idf)


def packed(vocabulary: Vocabulary) -> dict[str, Any]:
    """As arrays to be stored: the terms in the order of their columns, one a line (no term holds a line break), and their weights."""
    return {"terms": np.frombuffer("\n".join(vocabulary.places).encode(), dtype=np.uint8), "idf": vocabulary.idf.astype(np.float16)}


def unpacked(arrays: Mapping[str, Any]) -> Vocabulary:
    terms = bytes(arrays["terms"]).decode().split("\n")
    return Vocabulary({term: place for place, term in enumerate(terms)}, arrays["idf"].astype(np.float32))


def times(rows: Sequence[tuple[Any, Any]], weights: Any) -> Any:
    """Sparse rows times a matrix (columns x outputs): float32, rows x outputs."""
    out = np.zeros((len(rows), weights.shape[1]), dtype=np.float32)
    for at, (columns, values) in enumerate(rows):
        if len(columns):
            out[at] = values @ weights[columns].astype(np.float32)
    return out
