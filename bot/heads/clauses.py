"""The parts of a message that are read again by themselves, since danger is often one sentence among many. Plain Python."""

from __future__ import annotations

import re

from bot.heads.sparse import FROM_END, FROM_START, MAX_CHARS

LEAST, WINDOW, STEP = 3, 16, 10  # words: of a part; of a stretch of a sentence that does not end, and from one to the next
MOST = 10  # parts; each costs a tenth of a millisecond
_ENDS = re.compile(r"(?<=[.!?;\n])\s+")


def clauses(text: str) -> list[str]:
    """Sentences of three words or more, long ones in overlapping stretches; none where that is all of it. Of a long text both ends."""
    read = text if len(text) <= MAX_CHARS else f"{text[:FROM_START]}\n{text[-FROM_END:]}"
    found: list[str] = []
    for sentence in _ENDS.split(read):
        words = sentence.split()
        if len(words) > WINDOW + STEP // 2:
            found += [" ".join(words[at : at + WINDOW]) for at in range(0, len(words) - WINDOW + STEP, STEP)]
        elif len(words) >= LEAST:
            found.append(sentence.strip())
    if len(found) > MOST:
        found = [*found[: MOST // 2], *found[-MOST // 2 :]]
    return [] if found == [read.strip()] else found
