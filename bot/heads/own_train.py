"""The heads over our own labels: learn them over the stored first stage, measure them on what they did not see, write their file.

They have a vocabulary of their own, so that a message more changes nothing of the heads over the public comments. Danger is told in two
steps: is there any, of which all seven classes are learned together, and which one is it. It is looked for in the whole message and once
more in its most alarming part by itself, which the heads without an encoder choose (clauses.py). Its certainty is shifted so that 0.5 is
where `ALARMS` of the comments that were not learned from are taken for danger: a number that config/routing.yml can name once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bot.encoder import SIZE, WIDE, Encoder
from bot.heads import cues, measure, own, questions, sparse, store
from bot.heads.data import Data
from bot.heads.layout import ANY, DANGERS, OWN, OWN_HEADS, sigmoid
from bot.heads.loudest import is_read, louder, most_alarming
from bot.heads.measure import Measured
from bot.heads.own import OwnRows
from bot.heads.table import Rows, featurize

WORDS, RUNS = 12000, 12000
ALARMS, LISTENED = 0.005, 4000  # the share of comments taken for danger, and on how many that is set
DANGER = OWN_HEADS.index(ANY)
FILE = "own.npz"


@dataclass(frozen=True)
class Texts:
    """Some texts as the heads see them: rows over our own vocabulary, and over that of the first stage (sparse alone)."""

    rows: Rows
    public: Any


@dataclass(frozen=True)
class Parts:
    """The most alarming part of each text that has several: `of` are the numbers of those texts."""

    of: Any
    texts: Texts


def train(found: Data, encoder: Encoder, folder: Path, say: Callable[[str], None], *, seed: int = 0) -> None:
    """Reads the first stage's files of `folder`, writes own.npz there, and thresholds and numbers into heads.json."""
    settings = store.load_settings(folder / "heads.json")
    lessons, others = own.lessons(found.messages, found.comments, seed)
    others = [others[at] for at in np.random.RandomState(seed).permutation(len(others))[:LISTENED]]
    learned = [one.text for one in lessons if one.fold != "validation" and (one.source != "comment" or one.weight[0])]
    vocabulary = sparse.learn(learned, words=WORDS, runs=RUNS)
    public = sparse.unpacked(store.load(folder / "vocabulary.npz"))
    say(f"{len(lessons)} lessons, {len(others)} comments beside them, {len(vocabulary.places)} terms")

    def texts(some: list[str], by: Encoder | None) -> Texts:
        return Texts(featurize(some, vocabulary, by).rounded(), featurize(some, public, None).sparse)

    whole = texts([one.text for one in lessons] + others, encoder)
    say("the texts are read")
    arrays, settings["measured_own"] = sparse.packed(vocabulary), {}
    parts: Parts | None = None
    quick: Any = None  # what the first says of the parts
    for name in ("sparse_only", "with_encoder"):  # the first chooses the parts for both
        seen = whole if name == "with_encoder" else Texts(whole.rows.without_encoder(), whole.public)
        scores = first_stage(store.load(folder / f"{name}.npz"), seen)
        mine = OwnRows(lessons, seen.rows.some(slice(len(lessons))), scores[: len(lessons)])
        kept = np.array([one.source == "own" and one.fold == "validation" for one in lessons])
        slope, start = own.fit(mine, ~kept, range(len(OWN_HEADS)))
        if parts is None:
            weights = store.ready(pack(slope, start, len(vocabulary.places)))
            listened = [*np.flatnonzero(kept), *range(len(lessons), len(lessons) + len(others))]
            chosen = {at: part for at in listened if (part := most_alarming(whole.rows.texts[at], vocabulary, weights)) is not None}
            parts = Parts(np.array(list(chosen), dtype=int), texts(list(chosen.values()), encoder))
            say("the most alarming parts are read")
        part_rows = parts.texts.rows if name == "with_encoder" else parts.texts.rows.without_encoder()
        said = own.features(seen.rows, scores) @ slope + start
        if len(parts.of):
            alone = own.features(part_rows, np.zeros((len(parts.of), scores.shape[1]), dtype=np.float32)) @ slope + start
            if name == "with_encoder":
                pairs = zip((whole.rows.texts[at] for at in parts.of), parts.texts.rows.texts, strict=True)
                read = np.array([is_read(text, len(encoder.pieces(text)), len(encoder.pieces(part))) for text, part in pairs])
                alone = np.where(read[:, None], alone, quick)
            said[parts.of] = louder(said[parts.of], alone)
        shift = float(np.quantile(said[len(lessons) :, DANGER], 1 - ALARMS)) if others else 0.0
        start[DANGER] -= shift
        said[:, DANGER] -= shift
        if name == "sparse_only" and len(parts.of):
            quick = alone - shift * (np.arange(len(OWN_HEADS)) == DANGER)
        noted = _notes(mine, ~kept)
        thresholds, numbers = _settle(mine, noted, np.flatnonzero(kept), sigmoid(said))
        settings[name]["own"] = thresholds
        alarms = (said[len(lessons) :, DANGER] >= 0).astype(float)
        numbers += [measure.measured("comments not learned from: taken for danger", np.mean, alarms)] if others else []
        settings["measured_own"][name] = [one.as_dict() for one in numbers]
        arrays |= {f"{name}_{key}": value for key, value in pack(slope, start, len(vocabulary.places)).items()}
        say(f"learned {name.replace('_', ' ')}")
    store.save(folder / FILE, arrays)
    store.save_settings(folder / "heads.json", settings)


def first_stage(weights: dict[str, Any], seen: Texts) -> Any:
    """The scores of the first stage under a general question, as model.py makes them of a message."""
    asked = questions.views("", sentiment=False).mean(0).astype(np.float32) @ weights["first_asked"].astype(np.float32)
    linear = (seen.public @ weights["first"].astype(np.float32)) * weights["first_scale"]
    return (linear + seen.rows.means[:, -SIZE:] @ weights["first_mean"].astype(np.float32) + asked).astype(np.float32)


def _settle(mine: OwnRows, noted: Any, kept: Any, chances: Any) -> tuple[dict[str, float], list[Measured]]:
    thresholds = {}
    for column, name in enumerate(OWN_HEADS[:DANGER]):
        some = np.flatnonzero((noted[:, column] >= 0) & (mine.weight[:, column] > 0))
        thresholds[name] = own.best_threshold(noted[some, column], mine.truth[some, column])
    thresholds |= dict.fromkeys(DANGERS, 0.5)
    return thresholds, _of_others(mine, noted) + _of_ours(mine, kept, chances, thresholds)


def _notes(mine: OwnRows, train: Any) -> Any:
    """What is said of each message by heads that did not learn from it (rows x heads before danger); -1 where it was not asked."""
    noted = np.full((len(mine.lessons), DANGER), -1.0)
    fold = np.array([_fold(at, one) for at, one in enumerate(mine.lessons)])
    for columns, parts in (((0,), 10), ((1, 2), 5)):  # NLU++'s twenty folds two at a time
        for number in range(parts):
            without = (fold >= 0) & (fold % parts == number)
            slope, start = own.fit(mine, train & ~without, columns)
            which = np.flatnonzero(without & train)
            noted[np.ix_(which, columns)] = sigmoid(mine.features[which] @ slope + start)
    return noted


def _fold(at: int, one: own.Lesson) -> int:
    if one.source == "comment":
        return -1
    return int(one.fold) if one.source == "nlu++" else at % 20


def _of_others(mine: OwnRows, noted: Any) -> list[Measured]:
    """On the callers of a bank and the customers of a shop."""
    source, fold = (np.array([getattr(one, name) for one in mine.lessons]) for name in ("source", "fold"))
    truth, chances, numbers = mine.truth[:, 0], noted[:, 0], []
    banks, shop = source == "nlu++", source == "shop"
    if banks.any():
        said = np.zeros(len(truth))
        for number in set(fold[banks]):
            rest = banks & (fold != number)
            said[banks & (fold == number)] = chances[banks & (fold == number)] >= own.best_threshold(chances[rest], truth[rest])
        numbers.append(measure.measured("wants a person (NLU++), F1", measure.micro_f1, truth[banks], said[banks], floor=0.90))
        numbers.append(measure.measured("wants a person (NLU++), AP", measure.average_precision, truth[banks], chances[banks]))
    if shop.any():
        numbers.append(
            measure.measured("wants a person (shop chat), AP", measure.average_precision, truth[shop], chances[shop], floor=0.78)
        )
    return numbers


def _of_ours(mine: OwnRows, kept: Any, all_chances: Any, thresholds: dict[str, float]) -> list[Measured]:
    """On the part of our own messages that is kept for validation; of frustration and the like, where that is labelled."""
    numbers: list[Measured] = []
    if not len(kept):
        return numbers
    for column, name in enumerate(OWN[:DANGER]):
        labelled = kept[mine.weight[kept, column] > 0]
        truth, chances = mine.truth[labelled, column], all_chances[labelled, column]
        said = (chances >= thresholds[name]).astype(float)
        numbers.append(measure.measured(f"own messages: {name}, F1", measure.micro_f1, truth, said))
        numbers.append(measure.measured(f"own messages: {name}, AP", measure.average_precision, truth, chances))
    danger, chances = mine.truth[kept, DANGER], all_chances[kept]
    flagged = (chances[:, DANGER] >= 0.5).astype(float)
    numbers.append(measure.measured("own messages: any danger, recall", measure.recall, danger, flagged))
    numbers.append(measure.measured("own messages: any danger, false alarms", measure.false_alarms, danger, flagged))
    numbers.append(measure.measured("own messages: any danger, AP", measure.average_precision, danger, chances[:, DANGER]))
    there = np.flatnonzero(danger > 0)
    which, told = mine.truth[kept[there], DANGER + 1 :].argmax(1), chances[there, DANGER + 1 :].argmax(1)
    numbers.append(measure.measured("own messages: which danger, accuracy", measure.accuracy, which, told))
    for number, name in enumerate(DANGERS):
        if (which == number).any():
            numbers.append(measure.measured(f"own messages: {name}, found as danger", np.mean, flagged[there][which == number]))
    return numbers


def pack(slope: Any, start: Any, terms: int) -> dict[str, Any]:
    """As they are stored: the big matrix with 8 bits, the rest with 16."""
    mean, scores, shown = np.split(slope[terms:], (WIDE, len(slope) - terms - cues.SIZE))
    small = {"mean": own.scales()[:, None] * mean, "scores": scores, "cues": shown, "start": start}
    return store.pack("terms", slope[:terms]) | {name: value.astype(np.float16) for name, value in small.items()}
