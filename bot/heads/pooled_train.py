"""Training of the network of pooled.py with TensorFlow, which Rasa brings; seeded, on one core."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bot.encoder import WIDE
from bot.heads import questions
from bot.heads.pooled import HIDDEN, MEAN_SCALE, QUERIES, WIDTH

BATCH, RATE, DECAY, DROP = 32, 1.5e-3, 0.02, 0.2
WARM = 0.15  # of the steps, the rate rises; it falls over the others
LONGEST = 1.0  # of a step's slopes, all taken together


@dataclass(frozen=True)
class Task:
    """Columns `start`..`stop` of the targets are one task. `one`: exactly one of them is true (softmax), else each for itself (sigmoid)."""

    start: int
    stop: int
    one: bool
    weight: float


def train(states: Sequence[Any], asked: Any, targets: Any, known: Any, tasks: Sequence[Task], *, seed: int, epochs: int) -> dict[str, Any]:
    """Weights for `pooled.forward`.

    `states`: each text's pieces x encoder.WIDE; `asked`: rows x questions.SIZE; `known`: rows x tasks, 1 where there is a label.
    """
    import tensorflow as tf

    tf.config.experimental.enable_op_determinism()
    tf.random.set_seed(seed)
    shuffle = np.random.RandomState(seed)
    weights = {name: tf.Variable(value) for name, value in _start(targets.shape[1], shuffle).items()}
    lengths = np.array([max(1, len(one)) for one in states])
    steps = epochs * sum(1 for _ in _batches(lengths, np.random.RandomState(0)))
    first = {name: tf.Variable(tf.zeros_like(one)) for name, one in weights.items()}
    second = {name: tf.Variable(tf.zeros_like(one)) for name, one in weights.items()}

    @tf.function(  # type: ignore[untyped-decorator]
        autograph=False,
        reduce_retracing=True,
        input_signature=[
            tf.TensorSpec(shape, tf.float32)
            for shape in (
                (None, None, WIDE),
                (None, None),
                (None, questions.SIZE),
                (None, targets.shape[1]),
                (None, len(tasks)),
                (),
                (),
            )
        ],
    )
    def step(x: Any, mask: Any, asked: Any, wanted: Any, known: Any, rate: Any, number: Any) -> None:
        with tf.GradientTape() as tape:
            loss = _loss(tf, _forward(tf, weights, x, mask, asked), wanted, known, tasks)
        found = tape.gradient(loss, weights)
        slopes, _ = tf.clip_by_global_norm(list(found.values()), LONGEST)
        for name, slope in zip(found, slopes, strict=True):
            first[name].assign(0.9 * first[name] + 0.1 * slope)
            second[name].assign(0.999 * second[name] + 0.001 * slope * slope)
            size = (first[name] / (1 - 0.9**number)) / (tf.sqrt(second[name] / (1 - 0.999**number)) + 1e-8)
            weights[name].assign_sub(rate * (size + (DECAY * weights[name] if name.endswith("_w") else 0.0)))

    done = 0
    for _ in range(epochs):
        for batch in _batches(lengths, shuffle):
            done += 1
            rate = RATE * min(done / (WARM * steps), (steps - done + 1) / ((1 - WARM) * steps))
            x, mask = _pad([states[i] for i in batch])
            step(x, mask, asked[batch], targets[batch], known[batch], np.float32(rate), np.float32(done))
    return {name: one.numpy() for name, one in weights.items()}


def _start(outputs: int, shuffle: Any) -> dict[str, Any]:
    wide = QUERIES * WIDTH + WIDTH + WIDE + 1 + questions.SIZE
    sizes = {"p": (WIDE, WIDTH), "q": (WIDTH, QUERIES), "h": (wide, HIDDEN), "o": (HIDDEN + questions.SIZE, outputs)}
    start = {}
    for name, (rows, columns) in sizes.items():
        start[f"{name}_w"] = shuffle.uniform(-1, 1, (rows, columns)).astype(np.float32) / np.float32(np.sqrt(rows))
        if name != "q":
            start[f"{name}_b"] = np.zeros(columns, dtype=np.float32)
    return start


def _batches(lengths: Any, shuffle: Any) -> Iterator[Any]:
    """Texts of like length together, so that little is padding; batches in any order."""
    order = shuffle.permutation(len(lengths))
    batches: list[Any] = []
    for at in range(0, len(order), 16 * BATCH):
        some = order[at : at + 16 * BATCH]
        batches += np.array_split(some[np.argsort(lengths[some], kind="stable")], max(1, len(some) // BATCH))
    for at in shuffle.permutation(len(batches)):
        yield batches[at]


def _pad(some: Sequence[Any]) -> tuple[Any, Any]:
    longest = max(1, *(len(one) for one in some)) if len(some) > 1 else max(1, len(some[0]))
    x = np.zeros((len(some), longest, WIDE), dtype=np.float32)
    mask = np.zeros((len(some), longest), dtype=np.float32)
    for at, one in enumerate(some):
        x[at, : len(one)] = one
        mask[at, : max(1, len(one))] = 1
    return x, mask


def _forward(tf: Any, weights: dict[str, Any], x: Any, mask: Any, asked: Any) -> Any:
    """As pooled.forward does it, for a batch and with dropout."""
    pieces = tf.nn.gelu(tf.nn.dropout(x, DROP) @ weights["p_w"] + weights["p_b"], approximate=True)
    hide = -1e4 * (1 - mask)[..., None]
    pooled = tf.reshape(tf.einsum("btq,btw->bqw", tf.nn.softmax(pieces @ weights["q_w"] + hide, axis=1), pieces), (-1, QUERIES * WIDTH))
    mean = MEAN_SCALE * tf.math.l2_normalize(tf.reduce_sum(x * mask[..., None], axis=1), axis=1)
    length = tf.math.log1p(tf.reduce_sum(mask, axis=1, keepdims=True)) / 3
    text = tf.concat([pooled, tf.reduce_max(pieces + hide, axis=1), mean, length, asked], axis=1)
    hidden = tf.nn.gelu(tf.nn.dropout(text, DROP) @ weights["h_w"] + weights["h_b"], approximate=True)
    return tf.concat([tf.nn.dropout(hidden, DROP), asked], axis=1) @ weights["o_w"] + weights["o_b"]


def _loss(tf: Any, out: Any, wanted: Any, known: Any, tasks: Sequence[Task]) -> Any:
    """The mean over the labelled rows of each task, weighted."""
    total = 0.0
    for at, task in enumerate(tasks):
        logits, truth = out[:, task.start : task.stop], wanted[:, task.start : task.stop]
        if task.one:
            each = tf.nn.softmax_cross_entropy_with_logits(labels=truth, logits=logits)
        else:
            each = tf.reduce_sum(tf.nn.sigmoid_cross_entropy_with_logits(labels=truth, logits=logits), axis=1)
        total += task.weight * tf.reduce_sum(each * known[:, at]) / tf.maximum(tf.reduce_sum(known[:, at]), 1.0)
    return total
