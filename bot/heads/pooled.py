"""A small network over what the encoder makes of each word piece: attention and maximum over the pieces, then one hidden layer.

Where the mean of a long text blurs what one clause says, attention finds it; and the lower layers still know the words that the last one
has turned into a meaning. It learns all tasks of the two data sets at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from bot.encoder import WIDE

QUERIES, WIDTH, HIDDEN = 4, 96, 192
MEAN_SCALE = 2.0  # the mean of the states has length 1; its numbers are brought nearer to the size of the others


def forward(weights: Mapping[str, Any], states: Any, question: Any) -> Any:
    """The outputs (logits, float32) for one text: `states` pieces x encoder.WIDE, `question` rows x questions.SIZE -> rows x outputs."""
    if not len(states):
        states = np.zeros((1, WIDE), dtype=np.float32)
    pieces = gelu(states @ weights["p_w"] + weights["p_b"])
    marks = pieces @ weights["q_w"]
    marks = np.exp(marks - marks.max(axis=0))
    pooled = ((marks / marks.sum(axis=0)).T @ pieces).reshape(-1)
    mean = states.mean(axis=0)
    mean *= MEAN_SCALE / max(float(np.linalg.norm(mean)), 1e-6)
    length = np.array([np.log1p(len(states)) / 3])
    text = np.concatenate([pooled, pieces.max(axis=0), mean, length]).astype(np.float32)
    of_text, of_question = weights["h_w"][: len(text)], weights["h_w"][len(text) :]
    hidden = gelu(text @ of_text + question @ of_question + weights["h_b"])  # the text once, whatever the number of questions
    return np.hstack([hidden, question]) @ weights["o_w"] + weights["o_b"]


def gelu(x: Any) -> Any:
    """The usual approximation by tanh."""
    return 0.5 * x * (1 + np.tanh(0.7978845608 * (x + 0.044715 * x * x * x)))
