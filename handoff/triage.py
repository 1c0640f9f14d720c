"""Does this message speak of danger? Fixed phrases over plain words, so that it holds when the bot is down.

Recall comes before precision: a person who looks in vain costs a minute, a missed one may cost a life.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from handoff.plain import plain


@dataclass(frozen=True)
class Danger:
    """A safety matter: its class in config/routing.yml, the rule (the phrase), and the patient's words around it."""

    danger: str
    rule: str
    words: str


@dataclass(frozen=True)
class SafetyRules:
    """`phrases`: class -> phrases, both as `plain` makes them; the first class in the file that matches is the one."""

    phrases: Mapping[str, tuple[str, ...]]


def find_danger(text: str, rules: SafetyRules) -> Danger | None:
    """The first safety matter in `text` (any length, any script), or None."""
    words = f" {plain(text)} "
    for danger, phrases in rules.phrases.items():
        for phrase in phrases:
            at = words.find(f" {phrase} ")
            if at >= 0:
                return Danger(danger, phrase, words[max(0, at - 60) : at + len(phrase) + 60].strip())
    return None
