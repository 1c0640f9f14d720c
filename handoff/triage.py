"""From a message, what the bot understood of it, and what came before: does it need a person, why, and how soon? Pure.

The bot may be dead: then the rules decide alone. Its model may add a reason, never take one away.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from handoff.danger import Danger, Look, SafetyRules, look_for_danger
from handoff.history import History, Message
from handoff.language import TELLING, language_of
from handoff.phrases import NONE, Found, Phrases
from handoff.plain import blotted
from handoff.points import ComplexityRules, Evidence, FrustrationRules, complexity, frustration, matters
from handoff.question import is_question
from handoff.spelling import Wording, read_wording
from handoff.understanding import Understanding

NO_UNDERSTANDING = Understanding()
HEARD = frozenset({"model", "bot"})  # in place of a phrase: the safety model was certain enough, or the bot took it for danger outright
_NEVER = datetime.min.replace(tzinfo=UTC)


class Level(StrEnum):
    UNSAFE = "unsafe"  # words of danger: a person at once
    ASKED = "asked"  # asked for a person: the routes are shown
    OFFER = "offer"  # a person is offered, once for a cause
    WATCH = "watch"  # noted, nothing is said
    CALM = "calm"  # nothing speaks for a person


PRIORITY: Mapping[Level, int] = {Level.UNSAFE: 0, Level.ASKED: 1, Level.OFFER: 2, Level.WATCH: 3, Level.CALM: 3}


@dataclass(frozen=True)
class WishRules:
    """`say`: phrases of a wish; `alone`: whole messages; `unless`: the same words, but no wish; `declined`: a no to one,
    `declined_first`: a no where what stands between two commas begins with it. `model`: from this certainty on it is one.
    """

    say: Phrases = NONE
    alone: Phrases = NONE
    unless: Phrases = NONE
    declined: Phrases = NONE
    declined_first: Phrases = NONE
    model: float = 0.6


@dataclass(frozen=True)
class ModelSafety:
    """From which certainty the bot's model raises a safety matter; `held_back`: where a rule found a reason why it may be none."""

    at_least: float = 0.5
    held_back: float = 0.8
    classes: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Rules:
    """config/routing.yml, read. `version` is stored with each assessment."""

    version: str
    safety: SafetyRules
    wish: WishRules
    frustration: FrustrationRules
    complexity: ComplexityRules
    topics: Mapping[str, Phrases] = field(default_factory=dict)
    model_safety: ModelSafety = field(default_factory=ModelSafety)


@dataclass(frozen=True)
class Cause:
    """Why a person is needed: the reason (as in a handoff request) with all that speaks for it, the strongest first."""

    reason: str
    points: float
    evidence: tuple[Evidence, ...]

    @property
    def best(self) -> Evidence:
        return self.evidence[0]

    @property
    def unmodelled(self) -> float:
        """The points without what the model adds: who has just said no to a person is offered none on its word."""
        return sum(one.points for one in self.evidence if one.source != "model")

    @property
    def matters(self) -> frozenset[str]:
        return matters(self.reason, (one.rule for one in self.evidence))


@dataclass(frozen=True)
class Assessment:
    """`causes`: the first `enough` lead to something, the rest are only noted. `held`: words of danger that a rule held back.

    `declines`: by the clinic's words no person is wanted; `asks`: it is put as a question.
    """

    level: Level
    priority: int
    message: str
    causes: tuple[Cause, ...]
    topic: str
    topics: tuple[str, ...]
    language: str
    version: str
    enough: int = 0
    danger: Danger | None = None
    held: tuple[tuple[Danger, str], ...] = ()
    declines: bool = False
    asks: bool = False

    @property
    def offers(self) -> tuple[Cause, ...]:
        """The causes that have points enough for an offer."""
        return self.causes[: self.enough] if self.level is Level.OFFER else ()

    def as_reasons(self) -> list[dict[str, Any]]:
        """Every piece of evidence as JSON: reason, message, words, rule or model, score, points."""
        return [
            {
                "reason": cause.reason,
                "message": self.message,
                "rule": evidence.rule,
                "source": evidence.source,
                "words": evidence.words[:200],
                "score": evidence.score,
                "points": evidence.points,
            }
            for cause in self.causes
            for evidence in cause.evidence
        ]


def assess(
    message: Message, understanding: Understanding | None, history: History, rules: Rules, *, called: Danger | None = None
) -> Assessment:
    """What `message` calls for. `understanding` is None when the bot gave no answer; `called`: what the bot itself calls danger."""
    understood = understanding or NO_UNDERSTANDING
    wording = read_wording(message.text, rules.safety.spelling)
    look = look_for_danger(wording, rules.safety)
    danger = look.danger or _called(called, look, rules.model_safety) or _heard_by_model(message, understood, look, rules.model_safety)
    topics = find_topics(wording, rules.topics)
    wish = _wish(message, wording, understood, rules.wish)
    declines = not wish and _declines(wording, rules.wish)
    found = [*_danger(danger), *wish]
    noted: list[Cause] = []
    for cause, mark in _offers(message, wording, understood, history, len(topics), rules):
        (found if (cause.unmodelled if declines else cause.points) >= mark else noted).append(cause)
    level = _level(found, noted)
    return Assessment(
        level=level,
        priority=PRIORITY[level],
        message=message.id,
        causes=(*found, *noted),
        topic="safety" if danger else topics[0] if topics else "general",
        topics=topics,
        language=find_language(message.text, understood),
        version=rules.version,
        enough=len(found),
        danger=danger,
        held=look.held,
        declines=declines,
        asks=is_question(message.text),
    )


def look_for_wish(text: str, rules: Rules) -> Evidence | None:
    """What of `text` asks for a person, by the rules alone."""
    found = _wish(Message("", text, _NEVER), read_wording(text, rules.safety.spelling), NO_UNDERSTANDING, rules.wish)
    return found[0].best if found else None


def find_topics(wording: Wording, topics: Mapping[str, Phrases]) -> tuple[str, ...]:
    """What it is about, the topic with most hits first."""
    hits = {name: len({found.start for found in phrases.find(wording.words)}) for name, phrases in topics.items()}
    return tuple(sorted((name for name in hits if hits[name]), key=lambda name: -hits[name]))


def find_language(text: str, understanding: Understanding) -> str:
    """The language that the words of `text` tell, else the one that the bot said, else nothing."""
    return language_of(text, TELLING) or understanding.language


def _called(called: Danger | None, look: Look, rules: ModelSafety) -> Danger | None:
    """The bot's word counts by itself, recall first; where a rule found a reason why it may be none, only if the bot is as sure as its
    model must be."""
    return called if called is not None and (not look.held or called.score >= rules.held_back) else None


def _heard_by_model(message: Message, understanding: Understanding, look: Look, rules: ModelSafety) -> Danger | None:
    floor = rules.held_back if look.held else 0.0
    sure = [(score, name) for name, score in understanding.safety.items() if score >= max(floor, rules.classes.get(name, rules.at_least))]
    return Danger(max(sure)[1], "model", message.text[:200], max(sure)[0]) if sure else None


def evidence_of(danger: Danger) -> Evidence:
    """What speaks for a safety matter: the phrase, or which model heard it and how sure it was."""
    source, phrase = ("model", "") if danger.rule in HEARD else ("rule", danger.rule)
    return Evidence(f"safety.{danger.danger}: {danger.rule}", source, danger.words, danger.score, 0, phrase, danger.said)


def _danger(danger: Danger | None) -> list[Cause]:
    return [] if danger is None else [Cause("unsafe", 0, (evidence_of(danger),))]


def _wish(message: Message, wording: Wording, understanding: Understanding, rules: WishRules) -> list[Cause]:
    """Where the clinic's words say that it is none, the model alone does not make it one: it takes "I don't want to talk to anybody" for a
    wish."""
    found = []
    words = _meant(_without_refusals(wording, rules), rules.unless).words
    wish = rules.say.first(words)
    alone = () if wish else (one for one in rules.alone.find(words) if one.start == 0 and one.end == len(words) - 1)
    if (said := wish or next(iter(alone), None)) is not None:
        place = said.start, said.end
        around = wording.around(*place) if wish else message.text[:200]
        found.append(Evidence(f"wants_person: {said.rule}", "rule", around, 1.0, 0, said.rule, wording.said(*place)))
    if _declines(wording, rules) and not found:
        return []
    if understanding.wants_person is not None and understanding.wants_person >= rules.model:
        found.append(Evidence("wants_person.model", "model", message.text[:200], understanding.wants_person, 0))
    if understanding.intent == "wants_person" and (understanding.confidence or 1.0) >= rules.model and not found:
        found.append(Evidence("wants_person.intent", "model", message.text[:200], understanding.confidence or 1.0, 0))
    return [Cause("asked", 0, tuple(found))] if found else []


def _declines(wording: Wording, rules: WishRules) -> bool:
    return rules.declined.first(wording.words) is not None or any(
        _begins(wording, found) for found in rules.declined_first.find(wording.words)
    )


def _begins(wording: Wording, found: Found) -> bool:
    """Does a part of a sentence begin with it, and hold all of it?"""
    return [pause for pause in wording.pauses if found.start <= pause < found.end] == [found.start]


def _without_refusals(wording: Wording, rules: WishRules) -> Wording:
    """What is said beside a no to a person."""
    words = rules.declined.blot(wording.words)
    for found in rules.declined_first.find(wording.words):
        if _begins(wording, found):
            words = blotted(words, found.start, found.end)
    return replace(wording, words=words)


def _meant(wording: Wording, unless: Phrases) -> Wording:
    """`wording` without what is known for no cause: the nurse whose name is Sue, praise with a swear word, how long a call took."""
    return replace(wording, words=unless.blot(wording.words))


def _offers(
    message: Message, wording: Wording, understanding: Understanding, history: History, topics: int, rules: Rules
) -> list[tuple[Cause, float]]:
    """Frustration and complexity, with the points from which each leads to an offer. Below the lower mark there is nothing to note."""
    cross = tuple(frustration(message, _meant(wording, rules.frustration.unless), understanding, history, rules.frustration))
    hard = tuple(complexity(message, _meant(wording, rules.complexity.unless), understanding, topics, rules.complexity))
    by_reason = (
        ("frustrated", cross, rules.frustration.offer_at, rules.frustration.watch_at),
        ("clinical" if _is_clinical(hard) else "complex", hard, rules.complexity.offer_at, rules.complexity.watch_at),
    )
    return [
        (Cause(reason, sum(one.points for one in evidence), tuple(sorted(evidence, key=lambda one: -one.points))), offer_at)
        for reason, evidence, offer_at, watch_at in by_reason
        if sum(one.points for one in evidence) >= watch_at and _is_said_now(evidence)
    ]


def _is_said_now(evidence: tuple[Evidence, ...]) -> bool:
    """What came before makes a sign in this message weigh more, and is none by itself."""
    return any(one.source != "history" or one.words for one in evidence)


def _is_clinical(evidence: tuple[Evidence, ...]) -> bool:
    return any(one.rule == "complexity.clinical_question" for one in evidence)


def _level(found: list[Cause], noted: list[Cause]) -> Level:
    reasons = {cause.reason for cause in found}
    if "unsafe" in reasons:
        return Level.UNSAFE
    if "asked" in reasons:
        return Level.ASKED
    return Level.OFFER if found else Level.WATCH if noted else Level.CALM
