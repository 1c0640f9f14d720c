"""People: a person is wanted or needed. The bot says at most a word; what is true next, the service says."""

from __future__ import annotations

from actions.turn import Answer, Turn
from handoff import signals as sig


def want_person(turn: Turn) -> Answer:
    return Answer().say(turn.say("person")).signal(sig.WantsPerson("asked", turn.text[:200]))


def calm(turn: Turn) -> Answer:
    return Answer().say(turn.say("frustrated")).signal(sig.WantsPerson("frustrated", turn.text[:200]))


def unsafe(turn: Turn) -> Answer:
    """The fixed words are the service's, and they come first."""
    return Answer().signal(sig.Unsafe("emergency", turn.text[:200]))


def clinical(turn: Turn) -> Answer:
    """Never advice."""
    return Answer().say(turn.say("clinical")).signal(sig.WantsPerson("clinical", turn.text[:200]))
