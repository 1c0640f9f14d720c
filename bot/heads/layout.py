"""Which column of the first stage is what, and what the second stage sees of it. The same for training and for use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np

from bot.heads import questions

CRITICALITY = tuple(str(step) for step in range(-5, 6))
SENTIMENT = ("1", "2", "3", "4", "5")
DANGERS = ("self_harm", "overdose", "emergency", "abuse", "harm_by_others", "violence", "other_in_danger")  # as in config/routing.yml
OWN = ("wants_person", "frustration", "complexity", *DANGERS)
ANY = "danger"  # any of them
OWN_HEADS = ("wants_person", "frustration", "complexity", ANY, *DANGERS)  # what is learned; a class of danger among messages of danger


@dataclass(frozen=True)
class Layout:
    """The classes of each task, in the order of their columns: first stage = themes, parts, criticality + 3, sentiment + 2, labels."""

    themes: tuple[str, ...]
    parts: tuple[str, ...]
    criticality: tuple[str, ...]
    sentiment: tuple[str, ...]
    labels: tuple[str, ...]

    @property
    def spans(self) -> dict[str, slice]:
        """Where each task stands; behind criticality its value, "serious" and "negative", behind sentiment its value and "negative"."""
        sizes = {
            "themes": len(self.themes),
            "parts": len(self.parts),
            "criticality": len(self.criticality) + 3,
            "sentiment": len(self.sentiment) + 2,
            "labels": len(self.labels),
        }
        spans, at = {}, 0
        for name, size in sizes.items():
            spans[name] = slice(at, at + size)
            at += size
        return spans

    @property
    def width(self) -> int:
        return int(self.spans["labels"].stop)

    @property
    def net_spans(self) -> dict[str, slice]:
        """The same for the network, whose outputs are the classes alone."""
        spans, at = {}, 0
        for field in fields(self):
            size = len(getattr(self, field.name))
            spans[field.name] = slice(at, at + size)
            at += size
        return spans

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def one_hot(values: Sequence[str], classes: Sequence[str]) -> Any:
    return np.array([[float(value == one) for one in classes] for value in values], dtype=np.float32).reshape(len(values), len(classes))


def lengths(text: str) -> Any:
    """How long a text is, in characters and in words, as the logarithm."""
    return np.log1p(np.array([len(text), len(text.split())], dtype=np.float32))


def second(layout: Layout, scores: Any, asked: Any, length: Any) -> Any:
    """What the second stage sees (rows x ...): first-stage scores, question, length, and the scores of each task under each question."""
    spans = layout.spans
    kinds = asked[:, len(questions.KNOWN) :]
    crossed = [
        np.einsum("ij,ik->ijk", by, scores[:, spans[name]]).reshape(len(scores), -1)
        for by, name in ((asked, "themes"), (asked, "criticality"), (kinds, "sentiment"))
    ]
    return np.hstack([scores, asked, length, *crossed, asked * length[:, :1]]).astype(np.float32)


def label_part(layout: Layout, seen: Any) -> Any:
    """Of that, what the labels are told from: the scores of labels and sentiment, question and length."""
    spans, more = layout.spans, np.s_[layout.width : layout.width + questions.SIZE + 2]
    return np.hstack([seen[:, spans["sentiment"]], seen[:, spans["labels"]], seen[:, more]])


def own_chances(logits: Any) -> Any:
    """Of the scores of OWN_HEADS (... x heads) the chances of OWN: the likeliest class of danger is as certain as that there is any."""
    at = OWN_HEADS.index(ANY)
    chances = sigmoid(logits)
    which = chances[..., at + 1 :] / chances[..., at + 1 :].max(axis=-1, keepdims=True)
    return np.concatenate([chances[..., :at], chances[..., at : at + 1] * which], axis=-1)


def softmax(logits: Any) -> Any:
    raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return raised / raised.sum(axis=-1, keepdims=True)


def sigmoid(logits: Any) -> Any:
    return 1 / (1 + np.exp(-np.clip(logits, -30, 30)))
