"""`heard train heads --data DIR`: learn all heads anew, measure them on what they did not see, write the files and the card.

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

from bot.encoder import SIZE, WIDE, Encoder
from bot.heads import cues, data, measure, own, questions, ridge, sparse, stages, store
from bot.heads.data import Data, Message
from bot.heads.layout import OWN
from bot.heads.measure import Measured
from bot.heads.model import choose
from bot.heads.table import Rows, Table, featurize, tabulate

POWERS = tuple(step / 20 for step in range(-2, 17))


@dataclass(frozen=True)
class Sizes:
    """How much is learned: words and runs in the vocabulary, folds, networks and their epochs."""

    words: int = 12000
    runs: int = 16000
    folds: int = 5
    nets: int = 2
    epochs: int = 12
    seed: int = 0


@dataclass
class Notes:
    """What was said of rows by what had not seen them. `chances`: task -> rows x classes."""

    chances: dict[str, Any]
    fold: Any


def train(found: Data, encoder: Encoder, folder: Path, sizes: Sizes, say: Callable[[str], None]) -> dict[str, list[Measured]]:
    """Writes the files to `folder`; the numbers of `with_encoder` and `sparse_only`."""
    table = tabulate(found.comments)
    texts = [one.text for one in found.comments] + [one.text for one in found.messages]
    vocabulary = sparse.learn(texts, words=sizes.words, runs=sizes.runs)
    say(f"{len(found.comments)} comments, {len(found.messages)} messages, {len(vocabulary.places)} terms")
    settings: dict[str, Any] = {"layout": table.layout.as_dict(), "nets": sizes.nets}
    numbers: dict[str, list[Measured]] = {}
    rows, messages = (featurize([one.text for one in some], vocabulary, encoder) for some in (found.comments, found.messages))
    say("the texts are read")
    for name, by in (("with_encoder", encoder), ("sparse_only", None)):
        if by is None:
            rows, messages = rows.without_encoder(), messages.without_encoder()
        weights, nets, settings[name], numbers[name] = _learn(found, table, rows, messages, sizes, say, nets=sizes.nets if by else 0)
        store.save(folder / f"{name}.npz", weights)
        if by is not None:
            named = {f"{number}_{key}": value.astype(np.float16) for number, net in enumerate(nets) for key, value in net.items()}
            store.save(folder / "pooled.npz", named)
    terms = np.frombuffer(sparse.to_lines(vocabulary).encode(), dtype=np.uint8)
    store.save(folder / "vocabulary.npz", {"terms": terms, "idf": vocabulary.idf.astype(np.float16)})
    store.save_settings(folder / "heads.json", settings)
    return numbers


def _learn(
    found: Data, table: Table, rows: Rows, messages: Rows, sizes: Sizes, say: Callable[[str], None], *, nets: int
) -> tuple[dict[str, Any], list[dict[str, Any]], dict[str, Any], list[Measured]]:
    gram = ridge.kernel(rows.sparse, rows.dense(table.asked))
    notes = _cross_validate(rows, table, gram, sizes, say, nets=nets)
    fitted = stages.fit(rows, table, gram, np.ones(len(rows.texts), bool), nets=nets, epochs=sizes.epochs, seed=sizes.seed)
    del gram
    settings, numbers = _settle(table, notes)
    say("learned from everything; now our own labels")
    mine = _own_rows(found, table, rows, messages, fitted, sizes.seed)
    thresholds, more = _settle_own(found.messages, mine)
    keep = _not_for_validation(found.messages, len(mine.rows.texts))
    slope, start = own.fit(mine, keep, range(len(OWN)))
    return _weights(fitted, slope, start, table), fitted.nets, settings | {"own": thresholds}, numbers + more


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


def _own_rows(found: Data, table: Table, rows: Rows, messages: Rows, fitted: stages.Fitted, seed: int) -> own.OwnRows:
    """Messages, read under a general question, and borrowed comments."""
    asked = questions.views("", sentiment=False).mean(0)[None].repeat(len(messages.texts), 0)
    linear = messages.sparse @ fitted.weights["first"] + messages.means[:, -SIZE:] @ fitted.weights["first_mean"]
    picked = own.borrow(found.comments, seed)
    truth, weight = own.labels(found.messages, [found.comments[row] for row in picked])
    from scipy.sparse import vstack

    both = Rows(
        messages.texts + [rows.texts[row] for row in picked],
        vstack([messages.sparse, rows.sparse[picked]]).tocsr(),
        [],
        np.vstack([messages.means, rows.means[picked]]),
        np.vstack([messages.lengths, rows.lengths[picked]]),
    )
    return own.OwnRows(both, np.vstack([linear + asked @ fitted.weights["first_asked"], fitted.scores[picked]]), truth, weight)


def _not_for_validation(messages: list[Message], count: int) -> Any:
    """Half of our own messages is never trained on."""
    return np.array([one.fold != "validation" for one in messages] + [True] * (count - len(messages)))


def _settle_own(messages: list[Message], mine: own.OwnRows) -> tuple[dict[str, float], list[Measured]]:
    """Thresholds from the parts that are trained on, by folds; numbers from what was left out."""
    count = len(mine.rows.texts)
    source = np.array([one.source for one in messages] + ["borrowed"] * (count - len(messages)))
    keep = _not_for_validation(messages, count)
    fold = np.array(
        [int(one.fold) if one.source == "nlu++" else row % 20 for row, one in enumerate(messages)] + [-1] * (count - len(messages))
    )
    chances = np.zeros((count, len(OWN)))
    for columns, parts in (((0,), 10), (range(1, len(OWN)), 5)):  # NLU++'s twenty folds two at a time
        for number in range(parts):
            slope, start = own.fit(mine, keep & (fold % parts != number), columns)
            left_out = np.flatnonzero((fold >= 0) & (fold % parts == number) & keep)
            chances[np.ix_(left_out, columns)] = _said(mine, left_out, slope, start)
    inside = keep & (fold >= 0)
    thresholds, numbers = {}, []
    for column, name in enumerate(OWN):
        some = inside & (mine.weight[:, column] > 0)
        beta = 2.0 if column >= 3 else 1.0  # a missed danger is worse than a false alarm
        thresholds[name] = own.best_threshold(chances[some, column], mine.truth[some, column], recall=beta)
    banks = source == "nlu++"
    if banks.any():
        said = np.zeros(count)
        for number in range(20):
            rest = banks & (fold != number)
            tuned = own.best_threshold(chances[rest, 0], mine.truth[rest, 0])
            said[banks & (fold == number)] = chances[banks & (fold == number), 0] >= tuned
        numbers.append(measure.measured("wants a person (NLU++), F1", measure.micro_f1, mine.truth[banks, 0], said[banks], floor=0.90))
        numbers.append(measure.measured("wants a person (NLU++), AP", measure.average_precision, mine.truth[banks, 0], chances[banks, 0]))
    shop = source == "shop"
    if shop.any():
        numbers.append(
            measure.measured("wants a person (shop chat), AP", measure.average_precision, mine.truth[shop, 0], chances[shop, 0], floor=0.78)
        )
    slope, start = own.fit(mine, keep, range(len(OWN)))
    held = np.flatnonzero(~keep)
    if len(held):
        numbers += _own_numbers(mine.truth[held], _said(mine, held, slope, start), thresholds)
    return thresholds, numbers


def _own_numbers(truth: Any, chances: Any, thresholds: dict[str, float]) -> list[Measured]:
    """On the half of our own messages that is kept for validation."""
    said = (chances >= np.array([thresholds[name] for name in OWN])).astype(float)
    numbers = []
    for column, name in enumerate(OWN[:3]):
        numbers.append(measure.measured(f"own messages: {name}, F1", measure.micro_f1, truth[:, column], said[:, column]))
        numbers.append(measure.measured(f"own messages: {name}, AP", measure.average_precision, truth[:, column], chances[:, column]))
    danger, flagged, worst = truth[:, 3:].max(1), said[:, 3:].max(1), chances[:, 3:].max(1)
    numbers.append(measure.measured("own messages: any danger, recall", measure.recall, danger, flagged))
    numbers.append(measure.measured("own messages: any danger, false alarms", measure.false_alarms, danger, flagged))
    numbers.append(measure.measured("own messages: any danger, AP", measure.average_precision, danger, worst))
    for column, name in enumerate(OWN[3:], 3):
        numbers.append(measure.measured(f"own messages: {name}, AP", measure.average_precision, truth[:, column], chances[:, column]))
    return numbers


def _said(mine: own.OwnRows, which: Any, slope: Any, start: Any) -> Any:
    return 1 / (1 + np.exp(-(mine.features[which] @ slope + start)))


def _weights(fitted: stages.Fitted, slope: Any, start: Any, table: Table) -> dict[str, Any]:
    """All of one kind, as they are stored: the big matrices with 8 bits, the rest with 16."""
    terms = fitted.weights["first"].shape[0]
    packed = {**store.pack("first", fitted.weights["first"]), **store.pack("own", slope[:terms])}
    small = {name: value for name, value in fitted.weights.items() if name != "first"}
    mean, scores, shown = np.split(slope[terms:], (WIDE, len(slope) - terms - cues.SIZE))
    small |= {"own_mean": own.scales()[:, None] * mean, "own_scores": scores, "own_cues": shown, "own_start": start}
    return packed | {name: value.astype(np.float32 if name.startswith("second") else np.float16) for name, value in small.items()}
