"""The comments as arrays: what every row says, was asked, and is labelled with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bot.encoder import SIZE, WIDE, Encoder, layers
from bot.heads import questions
from bot.heads.data import Comment, groups
from bot.heads.layout import CRITICALITY, SENTIMENT, Layout, lengths, one_hot
from bot.heads.sparse import Vocabulary, terms

SENTENCE, QUESTION = 2.0, 0.55  # how much the sentence vector and the question count beside words and runs, each of length 1


@dataclass
class Rows:
    """Texts as features. `sparse` is a scipy CSR matrix; `states` and `means` (of each layer) are empty or zeros without an encoder."""

    texts: list[str]
    sparse: Any
    states: list[Any]
    means: Any
    lengths: Any

    def dense(self, asked: Any) -> Any:
        """The part of the features that is not sparse."""
        return np.hstack([SENTENCE * self.means[:, -SIZE:], QUESTION * asked]).astype(np.float32)

    def some(self, which: slice) -> Rows:
        return Rows(self.texts[which], self.sparse[which], self.states[which], self.means[which], self.lengths[which])

    def rounded(self) -> Rows:
        """The means with 16 bits, and no states: less to hold, and nothing hangs on the last bit of an addition."""
        return replace(self, states=[], means=self.means.astype(np.float16).astype(np.float32))

    def without_encoder(self) -> Rows:
        """The same texts as they are where there is no encoder."""
        return replace(self, states=[one[:0] for one in self.states], means=np.zeros_like(self.means))


def featurize(texts: list[str], vocabulary: Vocabulary, encoder: Encoder | None) -> Rows:
    from scipy.sparse import csr_matrix

    found = [vocabulary.row(terms(text)) for text in texts]
    starts = np.cumsum([0, *(len(columns) for columns, _ in found)])
    parts = np.concatenate([values for _, values in found]), np.concatenate([columns for columns, _ in found]), starts
    sparse = csr_matrix(parts, shape=(len(texts), len(vocabulary.places)), dtype=np.float32)
    known: dict[str, Any] = {}
    empty = np.zeros((0, WIDE), dtype=np.float16)
    for text in texts:
        if text not in known:
            known[text] = encoder.states(text).astype(np.float16) if encoder is not None else empty
    states = [known[text] for text in texts]
    means = np.stack([layers(one.astype(np.float32)) for one in states])
    return Rows(texts, sparse, states, means, np.stack([lengths(text) for text in texts]))


@dataclass
class Table:
    """`first`: the targets of the first stage; `net`: those of the network; `known`: task -> which rows are labelled for it."""

    comments: Sequence[Comment]
    layout: Layout
    asked: Any
    groups: Any
    first: Any
    net: Any
    known: dict[str, Any]


def tabulate(comments: Sequence[Comment]) -> Table:
    layout = Layout(
        themes=tuple(sorted({one.theme for one in comments} - {""})),
        parts=tuple(sorted({one.part for one in comments} - {""})),
        criticality=tuple(step for step in CRITICALITY if any(one.criticality == step for one in comments)),
        sentiment=SENTIMENT,
        labels=tuple(sorted({label for one in comments for label in one.labels or ()})),
    )
    critical = np.array([float(one.criticality or 0) for one in comments])
    felt = np.array([float(one.sentiment or 3) for one in comments])
    classes = {
        "themes": one_hot([one.theme for one in comments], layout.themes),
        "parts": one_hot([one.part for one in comments], layout.parts),
        "criticality": one_hot([one.criticality for one in comments], layout.criticality),
        "sentiment": one_hot([one.sentiment for one in comments], layout.sentiment),
        "labels": np.array([[float(label in (one.labels or ())) for label in layout.labels] for one in comments], dtype=np.float32),
    }
    more = {"criticality": np.c_[critical / 2, critical <= -3, critical < 0], "sentiment": np.c_[felt / 2, felt > 3]}
    return Table(
        comments,
        layout,
        asked=np.stack([questions.vector(one.question) for one in comments]),
        groups=groups([one.text for one in comments]),
        first=np.hstack([np.hstack([columns, more[task]]) if task in more else columns for task, columns in classes.items()]).astype(
            np.float32
        ),
        net=np.hstack(list(classes.values())).astype(np.float32),
        known={
            "themes": np.array([bool(one.theme) for one in comments]),
            "criticality": np.array([bool(one.criticality) for one in comments]),
            "sentiment": np.array([bool(one.sentiment) for one in comments]),
            "labels": np.array([one.labels is not None for one in comments]),
        },
    )
