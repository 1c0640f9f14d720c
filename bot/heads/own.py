"""What the heads over our own labels learn from: wants a person, frustration, complexity, any danger, and which danger. Training only.

Our own messages are few, so comments of patients stand in where their meaning is plain: a very positive one is neither frustrated nor
complex, and none of them is in danger now, nor is any sentence of one; a very negative one is frustrated, at a third of the weight.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from bot.encoder import LOWER, SIZE
from bot.heads.clauses import clauses
from bot.heads.cues import cues
from bot.heads.data import Comment, Message
from bot.heads.layout import ANY, DANGERS, OWN_HEADS
from bot.heads.table import Rows

BORROWED, HARMLESS = 500, 5000  # comments for every head; more of them, as a whole and by sentences, for danger alone
STRENGTH, DANGER_STRENGTH = 1.0, 2.0
WEAK, NO_DANGER, OURS = 0.3, 0.9, 2.0  # how much a borrowed comment counts, as one without danger, and one of our own
LOWER_LAYERS = 1.5  # beside the last one


@dataclass(frozen=True)
class Lesson:
    """One row: its text, who wrote it, its part or fold, and of each head what is true and how much that counts (0: not known)."""

    text: str
    source: str  # own | bot | nlu++ | shop | comment
    fold: str = ""
    truth: Sequence[float] = ()
    weight: Sequence[float] = ()


@dataclass
class OwnRows:
    """`lessons` as features; `scores`: the first stage's of each. `truth` and `weight`: rows x OWN_HEADS."""

    lessons: Sequence[Lesson]
    rows: Rows
    scores: Any
    truth: Any = field(init=False)
    weight: Any = field(init=False)

    def __post_init__(self) -> None:
        self.truth = np.array([one.truth for one in self.lessons], dtype=np.float32)
        self.weight = np.array([one.weight for one in self.lessons], dtype=np.float32)

    @cached_property
    def features(self) -> Any:
        return features(self.rows, self.scores)

    @cached_property
    def features_of_danger(self) -> Any:
        """Without the first stage's scores, so that a sentence can be read again by itself without them."""
        return features(self.rows, np.zeros_like(self.scores))


def features(rows: Rows, scores: Any) -> Any:
    from scipy.sparse import csr_matrix, hstack

    shown = np.stack([cues(text) for text in rows.texts])
    return hstack([rows.sparse, csr_matrix(scales() * rows.means), csr_matrix(scores), csr_matrix(shown)]).tocsr()


def scales() -> Any:
    """How much each number of the encoder's means counts beside words and runs of length 1 (WIDE)."""
    return np.repeat(np.array([LOWER_LAYERS] * len(LOWER) + [1.0], dtype=np.float32), SIZE)


def lessons(messages: Sequence[Message], comments: Sequence[Comment], seed: int) -> tuple[list[Lesson], list[str]]:
    """All lessons, and the comments that are none of them, each once: on those it is seen how often danger is heard where none is."""
    shuffle = np.random.RandomState(seed)
    drawn = shuffle.permutation(len(comments))
    felt = [row for row in drawn if comments[row].sentiment]
    some = {*felt[:BORROWED], *(row for row in felt if comments[row].sentiment == "5")}
    more = [row for row in drawn if row not in some][:HARMLESS]
    found = [of_message(one) for one in messages]
    found += [of_comment(comments[row]) for row in sorted(some)]
    harmless = [comments[row].text for row in more]
    harmless += [clause for text in harmless[: HARMLESS // 2] for clause in clauses(text)]
    found += [Lesson(text, "comment", "", *_harmless()) for text in harmless]
    seen = {one.text for one in found}
    return found, sorted({one.text for one in comments} - seen)


def of_message(one: Message) -> Lesson:
    said = [one.wants_person, one.frustration, one.complexity]
    known = one.danger is not None or one.source == "nlu++"
    truth = [float(bool(value)) for value in said] + [float(bool(one.danger))] + [float(name == one.danger) for name in DANGERS]
    weight = [float(value is not None) for value in said] + [float(known)] + [float(bool(one.danger))] * len(DANGERS)
    times = OURS if one.source in ("own", "bot") else 1
    return Lesson(one.text, one.source, one.fold, truth, [times * value for value in weight])


def of_comment(one: Comment) -> Lesson:
    happy, furious = one.sentiment == "1", one.sentiment == "5"
    truth, weight = _harmless()
    truth[1] = float(furious)
    weight[:3] = [WEAK, WEAK * (happy or furious), WEAK * happy]
    return Lesson(one.text, "comment", "", truth, weight)


def _harmless() -> tuple[list[float], list[float]]:
    """No danger, and nothing known of the other heads."""
    return [0.0] * len(OWN_HEADS), [NO_DANGER * (name == ANY) for name in OWN_HEADS]


def fit(own: OwnRows, train: Any, columns: Sequence[int]) -> tuple[Any, Any]:
    """Slopes (features x columns) and starts of the heads `columns`, from the rows `train` (a mask)."""
    from sklearn.linear_model import LogisticRegression

    slope, start = np.zeros((own.features.shape[1], len(columns)), dtype=np.float32), np.full(len(columns), -6.0, dtype=np.float32)
    for at, column in enumerate(columns):
        some = train & (own.weight[:, column] > 0)
        if len(np.unique(own.truth[some, column])) < 2:
            continue
        danger = column >= OWN_HEADS.index(ANY)
        model = LogisticRegression(
            C=DANGER_STRENGTH if danger else STRENGTH,
            solver="liblinear",
            class_weight="balanced",
            tol=1e-2 if danger else 1e-3,
            max_iter=100,
            random_state=0,
        )
        model.fit(
            (own.features_of_danger if danger else own.features)[some], own.truth[some, column], sample_weight=own.weight[some, column]
        )
        slope[:, at], start[at] = model.coef_[0], model.intercept_[0]
    return slope, start


def best_threshold(chances: Any, truth: Any) -> float:
    """The threshold of the highest F1."""
    best = (-1.0, 0.5)
    for threshold in np.unique(np.round(chances, 3)):
        said = chances >= threshold
        hit = float((said & (truth > 0)).sum())
        best = max(best, (2 * hit / max(1e-9, float(said.sum()) + float(truth.sum())), float(threshold)))
    return best[1]
