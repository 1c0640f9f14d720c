"""A small network over what the encoder makes of each word piece: attention and maximum over the pieces, then one hidden layer.

Where the mean of a long text blurs what one clause says, attention finds it. It learns all tasks of the two data sets at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

QUERIES, WIDTH, HIDDEN = 8, 128, 128
MEAN_SCALE = 4.0  # the sentence vector has length 1; its numbers are brought to the size of the others


def forward(weights: Mapping[str, Any], states: Any, mean: Any, question: Any) -> Any:
    """The outputs (logits, float32) for one text: `states` pieces x 384, `mean` 384, `question` rows x questions.SIZE -> rows x outputs."""
    if not len(states):
        states = np.zeros((1, len(mean)), dtype=np.float32)
    pieces = gelu(states @ weights["p_w"] + weights["p_b"])
    marks = pieces @ weights["q_w"]
    marks = np.exp(marks - marks.max(axis=0))
    pooled = ((marks / marks.sum(axis=0)).T @ pieces).reshape(-1)
    length = np.array([np.log1p(len(states)) / 3])
    text = np.concatenate([pooled, pieces.max(axis=0), MEAN_SCALE * mean, length]).astype(np.float32)
    both = np.hstack([np.repeat(text[None], len(question), axis=0), question])
    hidden = gelu(both @ weights["h_w"] + weights["h_b"])
    return np.hstack([hidden, question]) @ weights["o_w"] + weights["o_b"]


def gelu(x: Any) -> Any:
    """The usual approximation by tanh."""
    return 0.5 * x * (1 + np.tanh(0.7978845608 * (x + 0.044715 * x * x * x)))
