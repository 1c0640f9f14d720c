"""Surveys: questions, which is next, what the answers so far amount to. Values in, values out.

Definitions come from config/surveys (handoff/surveys.py reads them); what a patient's words mean is handoff/reading.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Kind = Literal["scale", "choice", "zero_to_ten", "yes_no", "free_text"]
Mood = Literal["positive", "neutral", "negative"]
Ended = Literal["open", "completed", "stopped", "refused", "idle"]


@dataclass(frozen=True)
class Option:
    """`value`: the code that is stored; `number`: its place, for those who answer by number; `sentiment`: -2 .. 2, or None."""

    value: str
    number: int
    sentiment: int | None
    label: Mapping[str, str]
    synonyms: Mapping[str, tuple[str, ...]]
    emoji: tuple[str, ...] = ()


@dataclass(frozen=True)
class Condition:
    """Asked only if the answer to `question` passes every test that is not empty; numbers compare as numbers."""

    question: str
    any_of: tuple[str, ...] = ()
    none_of: tuple[str, ...] = ()
    at_least: int | None = None
    at_most: int | None = None


@dataclass(frozen=True)
class Question:
    id: str
    kind: Kind
    text: Mapping[str, str]
    again: Mapping[str, str]
    why: Mapping[str, str]
    skip: bool
    score: bool
    when: tuple[Condition, ...]
    options: tuple[Option, ...]

    def option(self, value: str | None) -> Option | None:
        return next((option for option in self.options if option.value == value), None)


@dataclass(frozen=True)
class Survey:
    id: str
    version: str
    title: Mapping[str, str]
    purpose: Literal["visit", "post_chat"]
    source: str
    thanks: Mapping[str, Mapping[Mood, str]]
    questions: tuple[Question, ...]

    def question(self, name: str) -> Question:
        """Raises KeyError where there is no such question."""
        found = next((question for question in self.questions if question.id == name), None)
        if found is None:
            raise KeyError(name)
        return found


@dataclass(frozen=True)
class Given:
    """What is known of one question: a value, or that it was passed over."""

    value: str | None
    state: Literal["answered", "skipped", "dont_know"] = "answered"


Progress = Mapping[str, Given]  # question id -> what was given, in the order of answering


class Disposition(StrEnum):
    """How far a response came, in the words of survey research (AAPOR, Standard Definitions)."""

    INVITED = "invited"  # shown, nothing said yet
    CONTACTED = "contacted"  # the patient was there, no answer yet
    REFUSED = "refused"  # does not want to
    STARTED = "started"  # has answered, not half of it
    BREAKOFF = "breakoff"  # ended with less than half answered
    INTERIM_PARTIAL = "interim_partial"  # at least half answered, not ended yet
    PARTIAL = "partial"  # ended with at least half answered
    COMPLETED = "completed"
    INELIGIBLE = "ineligible"
    UNRESPONSIVE = "unresponsive"  # ended without a word


def next_question(survey: Survey, progress: Progress) -> Question | None:
    """The first question that applies and was not given yet; None when there is none left."""
    return next((question for question in applying(survey, progress) if question.id not in progress), None)


def previous_question(survey: Survey, progress: Progress) -> Question | None:
    """The question that was given last, to go back to."""
    last = next(reversed(list(progress)), None)
    return None if last is None else next((question for question in survey.questions if question.id == last), None)


def applying(survey: Survey, progress: Progress) -> tuple[Question, ...]:
    """The questions that apply, given the answers so far."""
    return tuple(question for question in survey.questions if all(_holds(condition, progress) for condition in question.when))


def disposition(survey: Survey, progress: Progress, *, ended: Ended) -> Disposition:
    """What the response is now. Half of the applying questions answered makes a partial one."""
    asked = applying(survey, progress)
    answered = sum(1 for question in asked if question.id in progress and progress[question.id].state == "answered")
    half = bool(asked) and answered * 2 >= len(asked)
    if ended == "completed" or next_question(survey, progress) is None:
        return Disposition.COMPLETED
    if ended == "open":
        return Disposition.INTERIM_PARTIAL if half else Disposition.STARTED if progress else Disposition.CONTACTED
    if not answered:
        return Disposition.REFUSED if ended in ("refused", "stopped") else Disposition.UNRESPONSIVE
    return Disposition.PARTIAL if half else Disposition.BREAKOFF


def mood(survey: Survey, progress: Progress) -> Mood:
    """How it went, by the lowest and highest sentiment of the answers: one bad answer is enough to spare cheerful thanks."""
    felt = [value for question in survey.questions if (value := sentiment(question, progress.get(question.id))) is not None]
    if felt and min(felt) < 0:
        return "negative"
    return "positive" if felt and max(felt) > 0 else "neutral"


def low_score(survey: Survey, progress: Progress) -> bool:
    """Whether the headline question got a bad answer: then a person is offered."""
    return any(question.score and (sentiment(question, progress.get(question.id)) or 0) < 0 for question in survey.questions)


def sentiment(question: Question, given: Given | None) -> int | None:
    """-2 .. 2, or None where the answer says nothing; 0 to 10 reads 0-6 as bad and 9-10 as good, as NPS does."""
    if given is None or given.value is None:
        return None
    if question.kind == "zero_to_ten":
        number = int(given.value)
        return -2 if number <= 3 else -1 if number <= 6 else 0 if number <= 8 else 1
    option = question.option(given.value)
    return None if option is None else option.sentiment


def _holds(condition: Condition, progress: Progress) -> bool:
    given = progress.get(condition.question)
    if given is None or given.value is None:
        return False
    if condition.any_of and given.value not in condition.any_of:
        return False
    if condition.none_of and given.value in condition.none_of:
        return False
    if condition.at_least is not None and not (given.value.isdigit() and int(given.value) >= condition.at_least):
        return False
    return condition.at_most is None or (given.value.isdigit() and int(given.value) <= condition.at_most)
