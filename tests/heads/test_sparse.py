"""A text as weighted terms: as slowly as it can be counted, and nothing that a patient wrote stays behind."""

from __future__ import annotations

import math
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from bot.heads import sparse

LEARNED = ["the nurse was kind", "the nurse was late", "kind and late, the doctor", "Doctor doctor: kind!", "ñandú the nurse"]
TEXTS = {
    "nothing": "",
    "no known term": "zzz",
    "one word again and again": "nurse nurse nurse nurse",
    "a word with a mark and without": "Kind, kind. KIND kind!? the,the",
    "accents": "El ÑANDÚ, señor",
    "only marks": "!? .. 😡",
    "long, so of both ends": "the nurse was late " * 200,
}


@pytest.fixture
def vocabulary() -> sparse.Vocabulary:
    return sparse.learn(LEARNED, words=50, runs=500)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_row_is_what_counting_gives(vocabulary: sparse.Vocabulary, text: str) -> None:
    for _ in range(2):  # what was looked up before is taken from the first time
        columns, values = vocabulary.row(sparse.terms(text))
        wanted = slowly(vocabulary, text)
        assert dict(zip(columns.tolist(), values.tolist(), strict=True)) == pytest.approx(wanted, rel=1e-5)
        assert len(columns) == len(wanted), "each column once"


def test_only_words_of_the_vocabulary_are_kept_at_hand(vocabulary: sparse.Vocabulary) -> None:
    for text in ("Nurse Ratched was late, again!", "the nurse's number is 0123456789", "late!! kind? the-nurse"):
        vocabulary.row(sparse.terms(text))
    assert set(vocabulary._held) == {"nurse", "was", "late,", "the", "kind?"}


def slowly(vocabulary: sparse.Vocabulary, text: str) -> dict[int, float]:
    """column -> value."""
    plain = sparse.normal(text)
    words = "".join(char if char.isalnum() else " " for char in plain).split()
    found = Counter(words) + Counter(f"{one} {other}" for one, other in pairwise(words))
    inside: Counter[str] = Counter()
    for padded in (f" {stretch} " for stretch in plain.split()):
        inside.update(padded[at : at + size] for size in range(2, 6) for at in range(len(padded)) if at + size <= len(padded))
        inside.update(padded for size in range(2, 6) if size > len(padded))
    row: dict[int, float] = {}
    for mark, counts in (("w", found), ("c", inside)):
        weights = {
            vocabulary.places[mark + term]: (1 + math.log(often)) * float(vocabulary.idf[vocabulary.places[mark + term]])
            for term, often in counts.items()
            if mark + term in vocabulary.places
        }
        length = float(np.linalg.norm(list(weights.values())))
        row |= {column: weight / length for column, weight in weights.items()}
    return row
