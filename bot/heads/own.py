"""The heads over our own labels: wants a person, frustration, complexity, the classes of danger. Training only.

One logistic regression each, over words, runs, the mean of each layer of the encoder, the first stage's scores and cues.py. Our own
messages are few, so comments of patients stand in where their meaning is plain: a very positive one is neither frustrated nor complex,
and none of them is in danger now; a very negative one is frustrated, at a third of the weight.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from bot.encoder import LOWER, SIZE
from bot.heads.cues import cues
from bot.heads.data import DANGERS, Comment, Message
from bot.heads.layout import OWN
from bot.heads.table import Rows

BORROWED = 500  # of the comments
STRENGTH, WEAK, OURS = 0.5, 0.3, 2.0
LOWER_LAYERS = 1.5  # beside the last one


@dataclass
class OwnRows:
    """Messages and borrowed comments together. `truth` and `weight`: rows x OWN; a weight of 0 where there is no label."""

    rows: Rows
    scores: Any
    truth: Any
    weight: Any

    @cached_property
    def features(self) -> Any:
        from scipy.sparse import csr_matrix, hstack

        shown = np.stack([cues(text) for text in self.rows.texts])
        return hstack([self.rows.sparse, csr_matrix(scales() * self.rows.means), csr_matrix(self.scores), csr_matrix(shown)]).tocsr()


def scales() -> Any:
    """How much each number of the encoder's means counts beside words and runs of length 1 (WIDE)."""
    return np.repeat(np.array([LOWER_LAYERS] * len(LOWER) + [1.0], dtype=np.float32), SIZE)


def labels(messages: Sequence[Message], borrowed: Sequence[Comment]) -> tuple[Any, Any]:
    """`truth` and `weight` of `OwnRows`."""
    truth = np.zeros((len(messages) + len(borrowed), len(OWN)), dtype=np.float32)
    weight = np.zeros_like(truth)
    for at, one in enumerate(messages):
        for column, said in enumerate((one.wants_person, one.frustration, one.complexity)):
            if said is not None:
                truth[at, column], weight[at, column] = float(said), 1
        weight[at, 3:] = one.danger is not None or one.source == "nlu++"
        weight[at] *= OURS if one.source in ("own", "bot") else 1
        if one.danger:
            truth[at, 3 + DANGERS.index(one.danger)] = 1
    for at, comment in enumerate(borrowed, len(messages)):
        happy, furious = comment.sentiment == "1", comment.sentiment == "5"
        truth[at, 1] = furious
        weight[at] = [WEAK, WEAK * (happy or furious), WEAK * happy, *[WEAK] * len(DANGERS)]
    return truth, weight


def borrow(comments: Sequence[Comment], seed: int) -> Any:
    """The numbers of some comments: all very negative ones and a draw of the others that have a sentiment."""
    felt = np.flatnonzero([bool(one.sentiment) for one in comments])
    drawn = np.random.RandomState(seed).permutation(felt)[:BORROWED]
    return np.unique(np.concatenate([drawn, [row for row in felt if comments[row].sentiment == "5"]]).astype(int))


def fit(own: OwnRows, train: Any, columns: Sequence[int]) -> tuple[Any, Any]:
    """Slopes (features x columns) and starts of the heads `columns`, from the rows `train` (a mask)."""
    from sklearn.linear_model import LogisticRegression

    features = own.features
    slope, start = np.zeros((features.shape[1], len(columns)), dtype=np.float32), np.full(len(columns), -6.0, dtype=np.float32)
    for at, column in enumerate(columns):
        some = train & (own.weight[:, column] > 0)
        if len(np.unique(own.truth[some, column])) < 2:
            continue
        model = LogisticRegression(C=STRENGTH, solver="liblinear", class_weight="balanced", tol=1e-3, max_iter=100, random_state=0)
        model.fit(features[some], own.truth[some, column], sample_weight=own.weight[some, column])
        slope[:, at], start[at] = model.coef_[0], model.intercept_[0]
    return slope, start


def best_threshold(chances: Any, truth: Any, *, recall: float = 1.0) -> float:
    """The threshold of the highest F-beta; `recall` is its beta, so that 2 weighs a miss four times a false alarm."""
    best = (-1.0, 0.5)
    for threshold in np.unique(np.round(chances, 3)):
        said = chances >= threshold
        hit = float((said & (truth > 0)).sum())
        score = (1 + recall**2) * hit / max(1e-9, float(said.sum()) + recall**2 * float(truth.sum()))
        best = max(best, (score, float(threshold)))
    return best[1]
