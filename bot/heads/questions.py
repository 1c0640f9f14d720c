"""Which question a text answers, as the heads know questions: those of the data they learned from, and ours by what they ask.

The same words mean different things under different questions: "Nothing" is praise where it answers "what could we do better?".
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from handoff.plain import plain

# The questions of the training data and what each asks for (read from its answers; the data names them by trust and number only).
KNOWN = {
    "Trust A - Q1": "could_improve",
    "Trust A - Q2": "what_good",
    "Trust B - Q1": "nonspecific",
    "Trust C - Q1": "what_good",
    "Trust C - Q2": "could_improve",
    "could_improve": "could_improve",
    "nonspecific": "nonspecific",
    "what_good": "what_good",
}
KINDS = ("could_improve", "nonspecific", "what_good")
SIZE = len(KNOWN) + len(KINDS)

# Trust B coded no praise on the scale of criticality (all of it is 0), so a general question is read as a mix of the other two trusts'.
_AS = {
    "could_improve": ("Trust A - Q1", "Trust C - Q2"),
    "what_good": ("Trust A - Q2", "Trust C - Q1"),
    "nonspecific": ("Trust A - Q1", "Trust A - Q2", "Trust C - Q1", "Trust C - Q2"),
}
_BETTER = re.compile(
    r"\b(better|improve|improved|improvement|change|changed|different|differently|wrong|mejor|mejorar|cambiar|cambiaria)\b"
)
_GOOD = re.compile(r"\b(good|well|best|like|liked|enjoy|enjoyed|right|bueno|bien|gusto|gustado)\b")


def kind_of(question: str) -> str:
    """What a question in words asks for: "what could be better" for the bad, "what did we do well" for the good, the rest for either."""
    if question in KNOWN:
        return KNOWN[question]
    words = plain(question)
    if _BETTER.search(words):
        return "could_improve"
    return "what_good" if _GOOD.search(words) and " or " not in words else "nonspecific"


def views(question: str, *, sentiment: bool) -> Any:
    """The rows (n x SIZE) under which an answer is read; what the heads say is the mean over them.

    `sentiment`: for the heads that learned from the second data set, which knows the three kinds only.
    """
    kind = kind_of(question)
    named = (question,) if question in KNOWN else (kind,) if sentiment else _AS[kind]
    if not sentiment and question in KINDS:
        named = _AS[kind]
    if sentiment and question in KNOWN:
        named = (kind,)
    return np.stack([vector(one) for one in named])


def vector(known: str) -> Any:
    """A question as two ones among zeros: which of `KNOWN` it is, and of what kind. Another one counts as the kind alone would."""
    known = known if known in KNOWN else kind_of(known)
    row = np.zeros(SIZE, dtype=np.float32)
    row[list(KNOWN).index(known)] = 1
    row[len(KNOWN) + KINDS.index(KNOWN[known])] = 1
    return row
