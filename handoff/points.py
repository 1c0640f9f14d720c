"""Points for a cause: phrases, signs and the bot's model add up. From one mark on a person is offered; from a lower one it is noted.

Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from handoff.history import History, Message, signs
from handoff.phrases import NONE, Phrases
from handoff.spelling import Wording
from handoff.understanding import Understanding

ALSO: Mapping[str, str] = {"wrong_charge": "money", "own_records": "records", "astray": "records"}  # kinds of one matter
GENERAL = frozenset({"model", "long", "many_topics", "several_issues", "long_story"})  # they say that it is complex, not what it is about


@dataclass(frozen=True)
class Evidence:
    """One thing that speaks for a cause. `source`: rule | history | model; `score`: how sure, or how often; `points`: what it adds.

    `phrase`: as it is written in the file, where a phrase was found, and `said`: what it was found in.
    """

    rule: str
    source: str
    words: str
    score: float
    points: float
    phrase: str = ""
    said: str = ""


@dataclass(frozen=True)
class Group:
    """Phrases that are worth `points` together, however many of them are found."""

    points: float
    phrases: Phrases


@dataclass(frozen=True)
class FrustrationRules:
    """`unless`: the same words, but no frustration; what they stand for is not read at all."""

    offer_at: float
    watch_at: float
    words: Mapping[str, Group] = field(default_factory=dict)
    unless: Phrases = NONE
    signs: Mapping[str, float] = field(default_factory=dict)
    corrections: Phrases = NONE
    model: float = 0.0
    at_least: float = 0.5
    sentiment: Mapping[int, float] = field(default_factory=dict)


@dataclass(frozen=True)
class ComplexityRules:
    """`unless`: as for frustration."""

    offer_at: float
    watch_at: float
    kinds: Mapping[str, Group] = field(default_factory=dict)
    unless: Phrases = NONE
    long_words: int = 120
    long_points: float = 0.0
    topics_many: int = 3
    topics_points: float = 0.0
    model: float = 0.0
    at_least: float = 0.5


def frustration(
    message: Message, wording: Wording, understanding: Understanding, history: History, rules: FrustrationRules
) -> Iterator[Evidence]:
    """What speaks for frustration, in the message and before it."""
    yield from _phrases("frustration", wording, rules.words)
    for sign in signs(message, history, rules.corrections, words=wording.words):
        if points := rules.signs.get(sign.name, 0):
            yield Evidence(f"frustration.{sign.name}", "history", sign.words[:200], sign.times, points * sign.times)
    if (sure := understanding.frustration) is not None and sure >= rules.at_least:
        yield Evidence("frustration.model", "model", message.text[:200], sure, round(rules.model * sure, 2))
    if understanding.sentiment is not None and (points := rules.sentiment.get(round(understanding.sentiment), 0)):
        yield Evidence("frustration.sentiment", "model", message.text[:200], understanding.sentiment, points)


def complexity(message: Message, wording: Wording, understanding: Understanding, topics: int, rules: ComplexityRules) -> Iterator[Evidence]:
    """What speaks for a matter that the bot cannot deal with. `topics`: how many are touched."""
    yield from _phrases("complexity", wording, rules.kinds)
    length = len(wording.words.split())
    if rules.long_points and length >= rules.long_words:
        yield Evidence("complexity.long", "rule", message.text[:200], length, rules.long_points)
    if rules.topics_points and topics >= rules.topics_many:
        yield Evidence("complexity.many_topics", "rule", message.text[:200], topics, rules.topics_points)
    if (sure := understanding.complexity) is not None and sure >= rules.at_least:
        yield Evidence("complexity.model", "model", message.text[:200], sure, round(rules.model * sure, 2))


def _phrases(cause: str, wording: Wording, groups: Mapping[str, Group]) -> Iterator[Evidence]:
    for name, group in groups.items():
        if found := group.phrases.first(wording.words):
            place = found.start, found.end
            yield Evidence(f"{cause}.{name}", "rule", wording.around(*place), 1.0, group.points, found.rule, wording.said(*place))


def matters(reason: str, rules: Iterable[str]) -> frozenset[str]:
    """What a cause is about, by the rules that spoke for it: each kind of complexity is a cause of its own, all else goes by its reason."""
    kinds = (rule.removeprefix("complexity.") for rule in rules if rule.startswith("complexity."))
    named = frozenset(f"{reason}.{ALSO.get(kind, kind)}" for kind in kinds if kind not in GENERAL)
    return named or frozenset({reason})
