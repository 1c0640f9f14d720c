"""Danger is often one sentence among many: the part of a message that is read again by itself, and what that changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from bot.heads import sparse
from bot.heads.clauses import clauses
from bot.heads.layout import ANY, OWN_HEADS
from bot.heads.sparse import Vocabulary

DANGER = OWN_HEADS.index(ANY)
LONG = 220  # characters; the part of a longer text is heard without the encoder, which has enough to do with the whole


def most_alarming(text: str, vocabulary: Vocabulary, weights: Mapping[str, Any]) -> str | None:
    """The part of `text` that sounds most like danger to the heads without an encoder (`weights`); None where it has but one."""
    return max(clauses(text), key=lambda part: _alarm(part, vocabulary, weights), default=None)


def _alarm(part: str, vocabulary: Vocabulary, weights: Mapping[str, Any]) -> float:
    """By its words and runs alone, which is enough to choose by."""
    columns, values = vocabulary.row(sparse.terms(part))
    return float(values @ weights["terms"][columns, DANGER].astype(np.float32))


def louder(whole: Any, part: Any) -> Any:
    """The scores of OWN_HEADS (... x heads), those of danger taken from the part where it alone sounds more like danger."""
    more = part[..., DANGER : DANGER + 1] > whole[..., DANGER : DANGER + 1]
    return np.concatenate([whole[..., :DANGER], np.where(more, part[..., DANGER:], whole[..., DANGER:])], axis=-1)
