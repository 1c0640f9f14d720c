"""The heads over the public comments: learn them, measure them on what they did not see, write their files.

1. Five folds, no text in two of them: learn from four, note what is said of the fifth. From those notes come the numbers and the
   thresholds; a threshold is measured on one fold and tuned on the others.
2. Learn from everything, and keep that. Once with the encoder and once, smaller, with sparse features alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bot.encoder import Encoder
from bot.heads import data, measure, ridge, sparse, stages, store
from bot.heads.data import Comment
from bot.heads.measure import Measured
from bot.heads.model import choose
from bot.heads.table import Rows, Table, featurize, tabulate

POWERS = tuple(step / 20 for step in range(-2, 17))


@dataclass(frozen=True)
class Sizes:
    """How much is learned: words and runs in each vocabulary, folds, networks and their epochs."""

    words: int = 12000
    runs: int = 16000
    folds: int = 5
    nets: int = 3
    epochs: int = 12
    seed: int = 0


@dataclass
class Notes:
    """What was said of rows by what had not seen them. `chances`: task -> rows x classes."""

    chances: dict[str, Any]
    fold: Any


def train(comments: list[Comment], encoder: Encoder, folder: Path, sizes: Sizes, say: Callable[[str], None]) -> None:
    """Writes all files of `folder` but that of own_train.py, the numbers (`measured` in heads.json) included."""
    table = tabulate(comments)
    vocabulary = sparse.learn([one.text for one in comments], words=sizes.words, runs=sizes.runs)
    say(f"{len(comments)} comments, {len(vocabulary.places)} terms")
    settings: dict[str, Any] = {"layout": table.layout.as_dict(), "nets": sizes.nets, "measured": {}}
    rows = featurize([one.text for one in comments], vocabulary, encoder)
    say("the texts are read")
    for name, with_encoder in (("with_encoder", True), ("sparse_only", False)):
        seen, nets = (rows, sizes.nets) if with_encoder else (rows.without_encoder(), 0)
        fitted, settings[name], numbers = _learn(table, seen, sizes, say, nets=nets)
        settings["measured"][name] = [one.as_dict() for one in numbers]
        store.save(folder / f"{name}.npz", _weights(fitted))
        if with_encoder:
            named = {f"{number}_{key}": value.astype(np.float16) for number, net in enumerate(fitted.nets) for key, value in net.items()}
            store.save(folder / "pooled.npz", named)
    store.save(folder / "vocabulary.npz", sparse.packed(vocabulary))
    store.save_settings(folder / "heads.json", settings)


def _learn(
    table: Table, rows: Rows, sizes: Sizes, say: Callable[[str], None], *, nets: int
) -> tuple[stages.Fitted, dict[str, Any], list[Measured]]:
    gram = ridge.kernel(rows.sparse, rows.dense(table.asked))
    notes = _cross_validate(rows, table, gram, sizes, say, nets=nets)
    fitted = stages.fit(rows, table, gram, np.ones(len(rows.texts), bool), nets=nets, epochs=sizes.epochs, seed=sizes.seed)
    say("learned from everything")
    return fitted, *_settle(table, notes)


def _cross_validate(rows: Rows, table: Table, gram: Any, sizes: Sizes, say: Callable[[str], None], *, nets: int) -> Notes:
    fold = data.folds(table.groups, sizes.folds, sizes.seed)
    chances = {task: np.zeros((len(fold), table.net[:, table.layout.net_spans[task]].shape[1])) for task in stages.TASKS}
    for number in range(sizes.folds):
        fitted = stages.fit(rows, table, gram, fold != number, nets=nets, epochs=sizes.epochs, seed=sizes.seed)
        left_out = np.flatnonzero(fold == number)
        for task, said in stages.with_nets(fitted, rows, table, left_out).items():
            chances[task][left_out] = said
        say(f"fold {number + 1} of {sizes.folds}")
    return Notes(chances, fold)


def _settle(table: Table, notes: Notes) -> tuple[dict[str, Any], list[Measured]]:
    """The powers and the threshold from all notes, and the numbers with those tuned on the other folds."""
    settings: dict[str, Any] = {}
    numbers: list[Measured] = []
    floors = {"themes": 0.66, "criticality": 0.57, "sentiment": 0.59}
    for task, floor in floors.items():
        known = table.known[task]
        truth = table.net[:, table.layout.net_spans[task]][known].argmax(1)
        chances, fold = notes.chances[task][known], notes.fold[known]
        said = np.zeros_like(truth)
        for number in np.unique(fold):
            said[fold == number] = choose(chances[fold == number], _tune(truth[fold != number], chances[fold != number]))
        settings[task] = _tune(truth, chances)
        numbers.append(measure.measured(f"{task}, macro-F1", measure.macro_f1, truth, said, floor=floor))
        numbers.append(measure.measured(f"{task}, accuracy", measure.accuracy, truth, said))
        if task == "criticality":
            numbers += _serious(table, truth, said, chances)
    known = table.known["labels"]
    truth, chances, fold = table.net[:, table.layout.net_spans["labels"]][known], notes.chances["labels"][known], notes.fold[known]
    flags = np.zeros_like(truth)
    for number in np.unique(fold):
        flags[fold == number] = chances[fold == number] >= _threshold(truth[fold != number], chances[fold != number])
    settings["labels"] = {"threshold": _threshold(truth, chances)}
    numbers.append(measure.measured("labels, micro-F1", measure.micro_f1, truth, flags, floor=0.71))
    return settings, numbers


def _serious(table: Table, truth: Any, said: Any, chances: Any) -> list[Measured]:
    steps = np.array([int(step) for step in table.layout.criticality])
    serious = (steps[truth] <= -3).astype(float)
    return [
        measure.measured("seriously critical, AP", measure.average_precision, serious, chances[:, steps <= -3].sum(1), floor=0.72),
        measure.measured("seriously critical, F1", measure.micro_f1, serious, (steps[said] <= -3).astype(float)),
    ]


def _tune(truth: Any, chances: Any) -> dict[str, Any]:
    """The power of the classes' shares with the best macro-F1, averaged with its neighbours, since the curve is rough."""
    shares = np.maximum(np.bincount(truth, minlength=chances.shape[1]), 1) / len(truth)
    scores = [measure.macro_f1(truth, choose(chances, {"power": power, "shares": shares})) for power in POWERS]
    smooth = np.convolve(np.pad(scores, 2, mode="edge"), np.ones(5) / 5, mode="valid")
    return {"power": POWERS[int(smooth.argmax())], "shares": [round(float(share), 5) for share in shares]}


def _threshold(truth: Any, chances: Any) -> float:
    steps = np.arange(0.15, 0.6, 0.01)
    return round(float(steps[int(np.argmax([measure.micro_f1(truth, (chances >= step).astype(float)) for step in steps]))]), 2)


def _weights(fitted: stages.Fitted) -> dict[str, Any]:
    """All of one kind, as they are stored: the big matrix with 8 bits, the rest with 16."""
    small = {name: value for name, value in fitted.weights.items() if name != "first"}
    packed = store.pack("first", fitted.weights["first"])
    return packed | {name: value.astype(np.float32 if name.startswith("second") else np.float16) for name, value in small.items()}
