"""What somebody may have meant who wrote a name that there is not. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

FEW = 12  # names that are told one by one


def nearest(written: str, known: Iterable[str]) -> str:
    """The name among `known` that `written` is most like; empty where none is like it."""
    names = {name.lower().replace("-", "_"): name for name in known}
    found = difflib.get_close_matches(written.lower().replace("-", "_"), names, 1, 0.66)
    return names[found[0]] if found else ""


def instead(written: str, known: Iterable[str]) -> str:
    """What to write instead, to be put after a sentence: `; did you mean seconds?`, or else what there is."""
    names = list(known)
    if near := nearest(written, names):
        return f"; did you mean {near}?"
    return f"; there {'is' if len(names) == 1 else 'are'} {in_words(names, 'and')}" if 0 < len(names) <= FEW else ""


def ended(sentence: str) -> str:
    """With a full stop, where it does not ask."""
    return sentence if sentence.endswith("?") else f"{sentence}."


def in_words(names: Sequence[str], last: str) -> str:
    """`everybody, supervisor or admin`."""
    return f" {last} ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
