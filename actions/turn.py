"""One turn as the actions see it, and the answer they build. Pure: a turn in, replies and signals out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from actions.words import BotWords
from handoff import signals as sig
from handoff.survey import Given, Progress, Question, Survey, next_question
from handoff.understanding import Understanding

FOLLOW_UP = "follow_up"
NOT_TOLD = Understanding()
FIRST_TEXT = "first_text"  # among `meanwhile`: the patient wrote before anybody greeted them
_UNSEEN = re.compile(
    r"^[\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\x00-\x1f\x7f-\x9f]+"
)
_SLASHES = ("/", "\uff0f", "\u2044", "\u2215", "\u29f8", "\u2571", "\u1735", "\u3033")


def is_command(text: str) -> bool:
    """Does `text` begin like a command to Rasa, behind whatever cannot be seen? Such a text is words, never an intent or a choice."""
    return _UNSEEN.sub("", text).startswith(_SLASHES)


@dataclass(frozen=True)
class Button:
    title: str
    payload: str


@dataclass(frozen=True)
class Turn:
    """What was said, what Rasa made of it, and how far the survey is. The service holds the truth; this is a copy for one turn."""

    kind: str  # opened | text | button | returned | listen
    text: str
    payload: str
    intent: str
    confidence: float
    language: str
    clinic: str
    phone: str
    meanwhile: tuple[str, ...]
    survey: Survey
    progress: Progress
    asked: str | None
    attempt: int
    state: str  # not_started | open | completed | stopped | refused
    words: BotWords
    by_text: bool = False  # the patient has no buttons to press
    meant: Understanding = NOT_TOLD  # what the heads make of the words; of a button nothing
    offered: bool = False  # a person was offered for a low score in this survey

    @property
    def question(self) -> Question | None:
        """The question now before the patient, if it is one of the survey's."""
        open_one = next_question(self.survey, self.progress)
        if self.state in ("not_started", "open") and self.asked is not None and self.asked != FOLLOW_UP:
            asked = next((question for question in self.survey.questions if question.id == self.asked), None)
            return asked if asked is not None and asked.id not in self.progress else open_one
        return open_one if self.state in ("not_started", "open") else None

    def say(self, key: str, **facts: object) -> str:
        return self.words.say(self.language, key, by_text=self.by_text, clinic=self.clinic, phone=self.phone, **facts)

    def with_progress(self, progress: Progress, *, state: str = "open", attempt: int = 1, asked: str | None = None) -> Turn:
        return replace(self, progress=progress, state=state, attempt=attempt, asked=asked)


@dataclass
class Answer:
    """What the bot says and asks of the service. Sentences that belong together become one reply; buttons go on the last."""

    replies: list[str] = field(default_factory=list)
    buttons: list[Button] = field(default_factory=list)
    signals: list[sig.Signal] = field(default_factory=list)

    def say(self, *sentences: str) -> Answer:
        """Add one reply of these sentences."""
        text = " ".join(sentence for sentence in sentences if sentence)
        if text:
            self.replies.append(text)
        return self

    def signal(self, *signals: sig.Signal) -> Answer:
        self.signals.extend(signals)
        return self


def read_turn(
    metadata: Mapping[str, Any],
    intent: Mapping[str, Any],
    surveys: Mapping[str, Survey],
    words: BotWords,
    phone: str,
    *,
    meant: Understanding = NOT_TOLD,
    offered: bool = False,
) -> Turn:
    """The connector's request as a `Turn`. Raises `KeyError` for a survey that there is no file of."""
    told = metadata["survey"]
    return Turn(
        kind=metadata["kind"],
        text=metadata.get("text") or "",
        payload=metadata.get("payload") or "",
        intent=intent.get("name") or "nlu_fallback",
        confidence=float(intent.get("confidence") or 0),
        language=metadata["locale"],
        clinic=metadata["clinic"],
        phone=phone,
        meanwhile=tuple(metadata.get("meanwhile") or ()),
        survey=surveys[told["id"]],
        progress={name: Given(given["value"], given["state"]) for name, given in told["progress"].items()},
        asked=told.get("asked"),
        attempt=int(told.get("attempt") or 1),
        state=told["state"],
        words=words,
        by_text=not (metadata.get("abilities") or {}).get("buttons", True),
        meant=meant if metadata["kind"] == "text" else NOT_TOLD,
        offered=offered and told["state"] != "not_started",
    )
