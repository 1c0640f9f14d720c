"""Is something put as a question? Many write without its mark: then the word that a piece of it begins with tells. Pure."""

from __future__ import annotations

import re

from handoff.plain import plain

_OPENERS = frozenset(
    (
        "what whats which who when where why how is are am was were do does did can could should shall will would may must has have"
        " que quien quienes cual cuales cuando donde cuanto cuanta cuantos cuantas como puedo puede debo debe deberia hay es esta son tengo"
    ).split()
)
_BEFORE = frozenset("and but so also or please hi hello hey ok well just y pero o entonces hola oiga por favor".split())
_ASKS = re.compile(r"\b(?:wonder(?:ing)?|(?:tell|advise) me|know (?:if|whether|what|how)|me pregunto|saber si|saber que|digame|diganme)\b")
_EXCLAIMS = re.compile(
    r"(?:what an?|how (?:nice|lovely|wonderful|kind|rude|awful|great)|"
    r"que (?:gran|bonit[oa]|buen[oa]?|mal[oa]?|bien|manera|forma|verguenza|alegria|suerte))\b"
)
_PIECES = re.compile(r"[.,;:!\n]+")


def is_question(text: str) -> bool:
    """By its mark, by how a piece of it begins, or by words that ask."""
    return "?" in text or _ASKS.search(plain(text)) is not None or any(map(_opens, _PIECES.split(text)))


def _opens(piece: str) -> bool:
    words = [word for word in plain(piece).split() if word not in _BEFORE]
    return words[:1] != [] and words[0] in _OPENERS and _EXCLAIMS.match(" ".join(words)) is None
