"""Fitting the two stages and the networks on some rows, and what they say of all rows. Training only; scikit-learn and SciPy are in it."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bot.encoder import SIZE
from bot.heads import pooled, ridge
from bot.heads.layout import Layout, label_part, second, sigmoid, softmax
from bot.heads.model import mix
from bot.heads.pooled_train import Task
from bot.heads.table import QUESTION, SENTENCE, Rows, Table

PENALTY, STRENGTH = 2.0, 0.003  # of the ridge; of the second stage's logistic regression (its C, on standardised columns)
LABEL_STRENGTH = 0.03
TASKS = ("themes", "criticality", "sentiment", "labels")
FIRST = {"themes": ("themes", "parts"), "criticality": ("criticality",), "sentiment": ("sentiment", "labels")}  # solved together
# Labels are a sum over 34 binary losses, and the small data set needs more of the pull.
NET_WEIGHTS = {"themes": 1.0, "parts": 0.4, "criticality": 1.0, "sentiment": 0.5, "labels": 1.0}


@dataclass
class Fitted:
    """What was learned, ready to be stored. `scores` and `chances` are of all rows; a trained row's scores are by what did not see it."""

    weights: dict[str, Any]
    nets: list[dict[str, Any]]
    scores: Any
    chances: dict[str, Any]


def fit(rows: Rows, table: Table, gram: Any, train: Any, *, nets: int, epochs: int, seed: int) -> Fitted:
    """Learn from the rows `train` (a mask). `gram`: the kernel of all rows."""
    weights, scores = _fit_first(rows, table, gram, train)
    seen = second(table.layout, scores, table.asked, rows.lengths)
    chances = {}
    for task in TASKS:
        some = train & table.known[task]
        truth = table.net[:, table.layout.net_spans[task]][some]
        part = label_part(table.layout, seen) if task == "labels" else seen
        slope, start = (_logistic_each if task == "labels" else _logistic)(part[some], truth)
        weights |= {f"second_{task}": slope, f"second_{task}_start": start}
        logits = part @ slope + start
        chances[task] = sigmoid(logits) if task == "labels" else softmax(logits)
    trained = [_fit_net(rows, table, train, seed=seed + number, epochs=epochs) for number in range(nets)]
    return Fitted(weights, trained, scores, chances)


def with_nets(fitted: Fitted, rows: Rows, table: Table, which: Any) -> dict[str, Any]:
    """The chances of the rows `which` (numbers), the networks' part mixed in."""
    if not fitted.nets:
        return {task: chances[which] for task, chances in fitted.chances.items()}
    said: list[list[Any]] = [[] for _ in fitted.nets]
    for row in which:
        states = rows.states[row].astype(np.float32)
        for net, outs in zip(fitted.nets, said, strict=True):
            outs.append(pooled.forward(net, states, table.asked[row][None])[0])
    mixed = {}
    for task in TASKS:
        squash = sigmoid if task == "labels" else softmax
        net = np.mean([squash(np.array(outs)[:, table.layout.net_spans[task]]) for outs in said], axis=0)
        mixed[task] = mix(fitted.chances[task][which], net, one=task != "labels")
    return mixed


def _fit_first(rows: Rows, table: Table, gram: Any, train: Any) -> tuple[dict[str, Any], Any]:
    layout, dense = table.layout, rows.dense(table.asked)
    words = np.zeros((rows.sparse.shape[1], layout.width), dtype=np.float32)
    rest = np.zeros((dense.shape[1], layout.width), dtype=np.float32)
    start = np.zeros(layout.width, dtype=np.float32)
    left_out = {}
    for task, names in FIRST.items():
        some = np.flatnonzero(train & table.known[task])
        columns = np.concatenate([np.arange(layout.width)[layout.spans[name]] for name in names])
        wanted = table.first[np.ix_(some, columns)]
        start[columns] = wanted.mean(0)
        dual, alone = ridge.solve(gram[np.ix_(some, some)], wanted - start[columns], table.groups[some], penalty=PENALTY)
        words[:, columns] = rows.sparse[some].T @ dual
        rest[:, columns] = dense[some].T @ dual
        left_out[task] = (some, columns, alone + start[columns])
    scores = rows.sparse @ words + dense @ rest + start
    for some, columns, alone in left_out.values():
        scores[np.ix_(some, columns)] = alone
    weights = {"first": words, "first_mean": SENTENCE * rest[:SIZE], "first_asked": QUESTION * rest[SIZE:] + start / 2}
    return weights, scores.astype(np.float32)


def _logistic(seen: Any, truth: Any) -> tuple[Any, Any]:
    """Slopes and starts of a multinomial regression over standardised columns, written for the columns as they are."""
    from sklearn.linear_model import LogisticRegression

    middle, spread = seen.mean(0), np.maximum(seen.std(0), 1e-6)
    there = np.flatnonzero(truth.sum(0) > 0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it could go on: it is stopped early, which is enough
        model = LogisticRegression(C=STRENGTH, max_iter=60).fit((seen - middle) / spread, truth.argmax(1))
    slope = np.zeros((seen.shape[1], truth.shape[1]))
    start = np.full(truth.shape[1], -20.0)
    rows = np.vstack([-model.coef_, model.coef_]) / 2 if len(there) == 2 else model.coef_  # of two classes one row is given
    slope[:, there] = rows.T
    start[there] = np.array([-model.intercept_[0], model.intercept_[0]]) / 2 if len(there) == 2 else model.intercept_
    return _unscaled(slope, start, middle, spread)


def _logistic_each(seen: Any, truth: Any) -> tuple[Any, Any]:
    """One regression a column."""
    from sklearn.linear_model import LogisticRegression

    middle, spread = seen.mean(0), np.maximum(seen.std(0), 1e-6)
    slope, start = np.zeros((seen.shape[1], truth.shape[1])), np.full(truth.shape[1], -20.0)
    for column in np.flatnonzero(truth.sum(0) > 0):
        model = LogisticRegression(C=LABEL_STRENGTH, max_iter=60).fit((seen - middle) / spread, truth[:, column] > 0)
        slope[:, column], start[column] = model.coef_[0], model.intercept_[0]
    return _unscaled(slope, start, middle, spread)


def _unscaled(slope: Any, start: Any, middle: Any, spread: Any) -> tuple[Any, Any]:
    slope = slope / spread[:, None]
    return slope.astype(np.float32), (start - middle @ slope).astype(np.float32)


def _fit_net(rows: Rows, table: Table, train: Any, *, seed: int, epochs: int) -> dict[str, Any]:
    from bot.heads.pooled_train import train as train_net

    some = np.flatnonzero(train)
    tasks = net_tasks(table.layout)
    known = np.stack([table.known["themes" if name == "parts" else name] for name in NET_WEIGHTS], axis=1).astype(np.float32)
    states = [rows.states[row] for row in some]
    return train_net(states, table.asked[some], table.net[some], known[some], tasks, seed=seed, epochs=epochs)


def net_tasks(layout: Layout) -> Sequence[Task]:
    spans = layout.net_spans
    return [Task(spans[name].start, spans[name].stop, name != "labels", weight) for name, weight in NET_WEIGHTS.items()]
