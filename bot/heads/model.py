"""The heads in use: a text and its question in, everything that was understood out. numpy only; about a millisecond beside the encoder.

1. The first stage is linear: sparse words and runs, the sentence vector and the question give a score for every class of every task.
2. The second stage is linear over those scores, crossed with the question: what a word means for criticality depends on what was asked.
3. A small network reads the encoder's states, and its probabilities are averaged with those of the second stage.
4. A class is chosen by its probability, raised for rare classes by a power that was tuned for macro-F1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from bot.encoder import SIZE, WIDE, Encoder, layers
from bot.heads import pooled, questions, sparse, store
from bot.heads.cues import cues
from bot.heads.layout import OWN, Layout, label_part, lengths, own_chances, second, sigmoid, softmax
from bot.heads.loudest import is_read, louder, most_alarming


@dataclass(frozen=True)
class Reading:
    """What one message shows. Probabilities by class; the head's own choice beside them."""

    theme: str
    themes: Mapping[str, float]
    labels: tuple[str, ...]
    label_chances: Mapping[str, float]
    criticality: int
    criticalities: Mapping[str, float]
    sentiment: int
    sentiments: Mapping[str, float]
    own: Mapping[str, float]  # wants_person, frustration, complexity and each class of danger
    marked: tuple[str, ...]  # those of `own` that reach their threshold

    @property
    def serious(self) -> float:
        """How likely criticality is -3 or worse."""
        return sum(chance for step, chance in self.criticalities.items() if int(step) <= -3)


class Heads:
    def __init__(self, encoder: Encoder | None, folder: Path = store.FOLDER) -> None:
        """With an encoder or without, each with weights of its own. Raises `BadSetting` where a file cannot be read."""
        settings = store.load_settings(folder / "heads.json")
        # For the whole process. The matrices are small: on a busy machine the first of two threads waits ten times as long for the second.
        threadpool_limits(limits=1, user_api="blas")
        self.encoder = encoder
        self.layout = Layout(**{name: tuple(classes) for name, classes in settings["layout"].items()})
        self.settings = settings["with_encoder" if encoder else "sparse_only"]
        kind = "with_encoder" if encoder else "sparse_only"
        self.vocabulary = sparse.unpacked(store.load(folder / "vocabulary.npz"))
        self.weights = store.ready(store.load(folder / f"{kind}.npz"))
        held = store.load(folder / "own.npz")
        self.own_vocabulary = sparse.unpacked(held)
        by_kind = {
            kind: store.ready({name.removeprefix(f"{kind}_"): held[name] for name in held if name.startswith(f"{kind}_")})
            for kind in ("with_encoder", "sparse_only")
        }
        self.own_weights, self.quick_weights = by_kind[kind], by_kind["sparse_only"]
        self.nets: list[dict[str, Any]] = []
        if encoder is not None:
            held = store.load(folder / "pooled.npz")
            for number in range(int(settings["nets"])):
                mark = f"{number}_"
                self.nets.append({name.removeprefix(mark): held[name].astype(np.float32) for name in held if name.startswith(mark)})

    def read(self, text: str, question: str = "", states: Any | None = None) -> Reading:
        """`question`: its words, or a name of the training data's; `states`: the encoder's, where somebody has them already."""
        if states is None:
            states = self.encoder.states(text) if self.encoder is not None else np.zeros((0, WIDE), dtype=np.float32)
        means = layers(states)
        terms = sparse.terms(text)
        length = lengths(text)[None]
        base = sparse.times([self.vocabulary.row(terms)], self.weights["first"])[0] * self.weights["first_scale"]
        base = base + means[-SIZE:] @ self.weights["first_mean"] if self.encoder is not None else base
        about, felt = (questions.views(question, sentiment=either) for either in (False, True))
        scores = base + about @ self.weights["first_asked"]
        chances = self._classes(second(self.layout, scores, about, np.repeat(length, len(about), 0)), ("themes", "criticality"))
        scores_felt = base + felt @ self.weights["first_asked"]
        chances |= self._classes(second(self.layout, scores_felt, felt, np.repeat(length, len(felt), 0)), ("sentiment", "labels"))
        if self.nets and len(states):
            chances = self._mixed(chances, states, about, felt)
        neutral = base + questions.views("", sentiment=False).mean(0) @ self.weights["first_asked"]  # as they were trained
        return self._reading(chances, self._own(text, terms, means, neutral, pieces=len(states)))

    def _own(self, text: str, terms: sparse.Terms, means: Any, scores: Any, *, pieces: int) -> Any:
        """The chances of OWN; those of danger from the message, or from its most alarming part where that alone sounds worse."""
        said = self._own_scores(text, terms, means, self.own_weights) + scores @ self.own_weights["scores"]
        part = most_alarming(text, self.own_vocabulary, self.quick_weights)
        if part is not None:
            states, weights = np.zeros((0, WIDE), dtype=np.float32), self.quick_weights
            if self.encoder is not None and is_read(text, pieces, len(self.encoder.pieces(part))):
                states, weights = self.encoder.states(part), self.own_weights
            said = louder(said, self._own_scores(part, sparse.terms(part), layers(states), weights))
        return own_chances(said)

    def _own_scores(self, text: str, terms: sparse.Terms, means: Any, weights: Mapping[str, Any]) -> Any:
        linear = sparse.times([self.own_vocabulary.row(terms)], weights["terms"])[0] * weights["terms_scale"]
        return linear + means @ weights["mean"] + cues(text) @ weights["cues"] + weights["start"]

    def _classes(self, seen: Any, tasks: tuple[str, ...]) -> dict[str, Any]:
        """The mean over the views of the question."""
        found = {}
        for task in tasks:
            part = label_part(self.layout, seen) if task == "labels" else seen
            logits = part @ self.weights[f"second_{task}"] + self.weights[f"second_{task}_start"]
            found[task] = (sigmoid(logits) if task == "labels" else softmax(logits)).mean(0)
        return found

    def _mixed(self, chances: dict[str, Any], states: Any, about: Any, felt: Any) -> dict[str, Any]:
        both = np.vstack([about, felt])
        outs = [pooled.forward(net, states, both) for net in self.nets]
        mixed = {}
        for task, chance in chances.items():
            rows = slice(None, len(about)) if task in ("themes", "criticality") else slice(len(about), None)
            squash = sigmoid if task == "labels" else softmax
            net = np.mean([squash(out[rows, self.layout.net_spans[task]]).mean(0) for out in outs], axis=0)
            mixed[task] = mix(chance, net, one=task != "labels")
        return mixed

    def _reading(self, chances: Mapping[str, Any], own: Any) -> Reading:
        named = {task: dict(zip(getattr(self.layout, task), map(float, chance), strict=True)) for task, chance in chances.items()}
        chosen = {task: choose(chances[task], self.settings[task]) for task in ("themes", "criticality", "sentiment")}
        own_chances = dict(zip(OWN, map(float, own), strict=True))
        return Reading(
            theme=self.layout.themes[chosen["themes"]],
            themes=named["themes"],
            labels=tuple(label for label, chance in named["labels"].items() if chance >= self.settings["labels"]["threshold"]),
            label_chances=named["labels"],
            criticality=int(self.layout.criticality[chosen["criticality"]]),
            criticalities=named["criticality"],
            sentiment=int(self.layout.sentiment[chosen["sentiment"]]),
            sentiments=named["sentiment"],
            own=own_chances,
            marked=tuple(name for name, chance in own_chances.items() if chance >= self.settings["own"][name]),
        )


def mix(linear: Any, net: Any, *, one: bool) -> Any:
    """Of probabilities over classes the geometric mean, brought back to a sum of 1; of single ones the mean."""
    if not one:
        return (linear + net) / 2
    both = np.sqrt(linear * net)
    return both / both.sum(axis=-1, keepdims=True)


def choose(chances: Any, tuned: Mapping[str, Any]) -> Any:
    """The class (or, of rows, the classes) with the highest probability over its share in the data to the power that was tuned."""
    return (np.log(chances + 1e-9) - tuned["power"] * np.log(np.array(tuned["shares"]))).argmax(axis=-1)
