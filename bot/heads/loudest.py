"""Danger is often one sentence among many: the part of a message that is read again by itself, and what that changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from bot.encoder import FROM_END, FROM_START
from bot.encoder import LONG as VERY_LONG
from bot.heads import sparse
from bot.heads.clauses import clauses
from bot.heads.layout import ANY, OWN_HEADS
from bot.heads.sparse import Vocabulary

DANGER = OWN_HEADS.index(ANY)
TOGETHER = FROM_START + FROM_END  # word pieces: the encoder reads no more of a text and its part than of a long text alone


def most_alarming(text: str, vocabulary: Vocabulary, weights: Mapping[str, Any]) -> str | None:
    """The part of `text` that sounds most like danger to the heads without an encoder (`weights`); None where it has but one."""
    return max(clauses(text), key=lambda part: _alarm(part, vocabulary, weights), default=None)


def _alarm(part: str, vocabulary: Vocabulary, weights: Mapping[str, Any]) -> float:
    """By its words and runs alone, which is enough to choose by."""
    columns, values = vocabulary.row(sparse.terms(part))
    return float(values @ weights["terms"][columns, DANGER].astype(np.float32))


def is_read(text: str, pieces: int, more: int) -> bool:
    """Does the part of `text` go through the encoder, too? `pieces` of the text were read, and the part has `more`."""
    return len(text) <= VERY_LONG and pieces + more <= TOGETHER


def louder(whole: Any, part: Any) -> Any:
    """The scores of OWN_HEADS (... x heads), those of danger taken from the part where it alone sounds more like danger."""
    more = part[..., DANGER : DANGER + 1] > whole[..., DANGER : DANGER + 1]
    return np.concatenate([whole[..., :DANGER], np.where(more, part[..., DANGER:], whole[..., DANGER:])], axis=-1)
