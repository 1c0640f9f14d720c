"""Does this message speak of danger? Rules over plain words, so that it holds when the bot is down. Pure.

Recall comes before precision: a person who looks in vain costs a minute, a missed one may cost a life. So a phrase of the list
`always` holds whatever stands around it; one of the list `usually` can be held back by a rule that says why: it is over and was seen
to, it was denied, it was a question on a form. What is said by an idiom ("the wait was killing me") is not looked at, and holds back as
such a rule does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from handoff.phrases import NONE, Found, Phrases
from handoff.plain import Words
from handoff.spelling import Spelling, Wording, read_wording

AN_IDIOM = "idioms"  # what held words of danger back: they are said by an idiom, and by nothing else


@dataclass(frozen=True)
class Danger:
    """A safety matter: its class in config/routing.yml, the rule (the phrase), the patient's words around it, and the plain ones in it."""

    danger: str
    rule: str
    words: str
    score: float = 1.0
    said: str = ""


@dataclass(frozen=True)
class Phrased:
    """The phrases of one class of danger."""

    always: Phrases = NONE
    usually: Phrases = NONE


@dataclass(frozen=True)
class HoldBack:
    """When words of danger mean no danger now. `before` stands right before them, `near` in their sentence, `anywhere` in the message;
    each that is given must be there. It is lifted by `lifted_before` right before them, `lifted_near` in their sentence, and
    `lifted_by` anywhere in the message."""

    name: str
    classes: frozenset[str]
    before: Phrases = NONE
    near: Phrases = NONE
    anywhere: Phrases = NONE
    lifted_before: Phrases = NONE
    lifted_near: Phrases = NONE
    lifted_by: Phrases = NONE
    also_always: bool = False


@dataclass(frozen=True)
class SafetyRules:
    """`classes`: the phrases of each class; what always holds is looked for first, and of that the first class that is found is the one.
    `idioms` are blotted out before."""

    classes: Mapping[str, Phrased]
    spelling: Spelling = field(default_factory=lambda: Spelling({}))
    idioms: Phrases = NONE
    hold_back: tuple[HoldBack, ...] = ()


@dataclass(frozen=True)
class Look:
    """What was found. `held`: what was held back, with the name of the rule, or `AN_IDIOM`."""

    danger: Danger | None
    held: tuple[tuple[Danger, str], ...] = ()


def find_danger(text: str, rules: SafetyRules) -> Danger | None:
    """The first safety matter in `text` (any length, any script), or None."""
    return look_for_danger(read_wording(text, rules.spelling), rules).danger


def look_for_danger(wording: Wording, rules: SafetyRules) -> Look:
    """The first safety matter, and what was held back on the way to it: by a rule, or because an idiom says it."""
    words = rules.idioms.blot(wording.words)
    found = _look(wording, words, rules)
    if found.danger is not None or words == wording.words:
        return found
    hidden = _look(wording, wording.words, rules).danger
    return found if hidden is None else Look(None, (*found.held, (hidden, AN_IDIOM)))


def _look(wording: Wording, words: Words, rules: SafetyRules) -> Look:
    held: list[tuple[Danger, str]] = []
    for always in (True, False):
        for name, phrased in rules.classes.items():
            for found in (phrased.always if always else phrased.usually).find(words):
                place = found.start, found.end
                danger = Danger(name, found.rule, wording.around(*place), said=wording.said(*place))
                holding = _held_by(name, found, wording, words, rules, always=always)
                if holding is None:
                    return Look(danger, tuple(held))
                held.append((danger, holding.name))
    return Look(None, tuple(held))


def _held_by(name: str, found: Found, wording: Wording, words: str, rules: SafetyRules, *, always: bool) -> HoldBack | None:
    return next((rule for rule in rules.hold_back if (rule.also_always or not always) and _holds(rule, name, found, wording, words)), None)


def _holds(rule: HoldBack, name: str, found: Found, wording: Wording, words: str) -> bool:
    if name not in rule.classes:
        return False
    before, sentence = words[slice(*wording.before(found.start))], wording.sentence(found.start)
    places = ((rule.before, before), (rule.near, sentence), (rule.anywhere, wording.words))
    # What is said by an idiom ("a sign says call 911") lifts nothing.
    lifting = ((rule.lifted_before, before), (rule.lifted_near, sentence), (rule.lifted_by, words))
    there = all(phrases is NONE or phrases.first(place) is not None for phrases, place in places)
    return there and all(phrases.first(place) is None for phrases, place in lifting)
