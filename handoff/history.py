"""What came before a message, and which signs of trouble it holds: how it is written, how often something went wrong. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from difflib import SequenceMatcher
from typing import Any

from handoff.phrases import NONE, Phrases
from handoff.plain import plain

SWIFT = timedelta(seconds=30)  # three messages within so long
_MARKS = re.compile(r"[!?¡¿]{3,}|(?:[!?]\s?){4,}")
_LETTERS = re.compile(r"[^\W\d_]")


@dataclass(frozen=True)
class Message:
    """One message of a patient."""

    id: str
    text: str
    at: datetime


@dataclass(frozen=True)
class History:
    """`earlier`: the patient's messages of this episode, oldest first. The rest are counts in this episode, but `came_before`."""

    earlier: tuple[Message, ...] = ()
    asked: int = 1  # how often the open question was put
    not_understood: int = 0  # messages that the bot made nothing of
    low_score: bool = False  # a low answer in this survey
    came_before: int = 0  # handoff requests of earlier episodes that reached a person
    bot_failed: int = 0  # turns without an answer of the bot
    offered: frozenset[str] = frozenset()  # reasons for which a person was offered in this episode, and matters of them: "complex.money"

    def counts(self) -> dict[str, Any]:
        """Everything but the words, as JSON: enough to assess the message again, with its text and those before it."""
        return {**asdict(self), "earlier": len(self.earlier), "offered": sorted(self.offered)}


@dataclass(frozen=True)
class Sign:
    """One sign of trouble that no phrase tells. `times`: how often its points count."""

    name: str
    times: int
    words: str


def signs(message: Message, history: History, corrections: Phrases = NONE, *, words: str = "") -> Iterator[Sign]:
    """The signs of a message; `words` are its plain words as the rules read them."""
    if is_shouted(message.text):
        yield Sign("capitals", 1, message.text)
    if marks := _MARKS.search(message.text):
        yield Sign("marks", 1, marks.group())
    if is_swift(message, history):
        yield Sign("swift", 1, message.text)
    if again := said_again(message, history):
        yield Sign("said_again", 1, again)
    if corrected := corrections.first(words):
        yield Sign("corrected", 1, words[corrected.start : corrected.end].strip())
    for name in ("not_understood", "bot_failed"):
        if times := getattr(history, name):
            yield Sign(name, times, "")
    if history.asked > 1:
        yield Sign("asked_again", history.asked - 1, "")
    if history.low_score:
        yield Sign("low_score", 1, "")
    if history.came_before:
        yield Sign("came_before", 1, "")


def is_shouted(text: str) -> bool:
    """Mostly capitals, in more than a word or two: "NHS" and "OK" are not shouted."""
    letters = "".join(_LETTERS.findall(text))
    return len(letters) >= 12 and sum(letter.isupper() for letter in letters) >= 0.7 * len(letters)


def is_swift(message: Message, history: History) -> bool:
    """The third message within half a minute."""
    return len(history.earlier) >= 2 and message.at - history.earlier[-2].at <= SWIFT


def said_again(message: Message, history: History) -> str:
    """The earlier message whose words are nearly these, if there is one; short ones such as "yes" are not told apart."""
    words = plain(message.text)
    if len(words) < 12:
        return ""
    alike = (earlier.text for earlier in history.earlier[-5:] if SequenceMatcher(None, words, plain(earlier.text)).ratio() >= 0.85)
    return next(alike, "")
