"""Reading an answer out of what a patient typed: labels, other words for them, numbers, emoji, typos, "not good". Pure.

Precision comes first on scales: what does not clearly name an option is no answer, and the question is asked again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Literal

from handoff.numbers import Rating, read_number, read_rating
from handoff.plain import plain
from handoff.survey import Given, Option, Progress, Question, Survey, next_question

Confidence = Literal["exact", "close", "none"]


@dataclass(frozen=True)
class Reading:
    """`value` and `label` of the answer (None when there is none), and how sure we are. `by_number`: worth repeating to the patient.

    `by_line`: it was a bare number or letter, of a line, which says nothing where no such lines were shown.
    """

    value: str | None
    label: str | None
    confidence: Confidence
    by_number: bool = False
    by_line: bool = False

    def __bool__(self) -> bool:
        return self.value is not None


NOTHING = Reading(None, None, "none")
SHORT = 12  # words; a longer text is a story, in which only its beginning or an "overall ..." can answer a scale
ALIKE = 0.84  # of difflib's ratio: "verry god" is "very good", "food" is not "good"
_SUMMING_UP = re.compile(r"\b(?:overall|all in all|in general|generally|to sum up|en general|en resumen|en conjunto)\b(.{0,60})")
_NOT = frozenset("not no never nothing nobody none isnt wasnt arent werent dont didnt hardly without nunca nada nadie".split())
# Where "good" rates nothing.
_FIGURES = re.compile(
    r"\b(?:for good|good for nothing|good (?:grief|riddance|luck|god|lord|heavens|old|while|few|deal|thing|idea)|so much for .*|as good as|"
    r"(?:did|does|do|done) \w+ (?:no|any|much) good|no good (?:came|comes|can come))\b"
)
_STRETCHED = re.compile(r"([^\W\d])\1{2,}")  # "gooood"
_INVISIBLE = re.compile("[\ufe0e\ufe0f\u200d\U0001f3fb-\U0001f3ff]")
_PIECES = re.compile(r"[,.;:!\n]+|\s+[-–—]\s+|\s+\b(?:and|because|but|since|as|y|porque|pero)\b\s+", re.IGNORECASE)
_POLITE = frozenset("thanks thank you please cheers ta muchas gracias por favor ok okay bye regards x xx".split())


def read_answer(question: Question, text: str, locale: str) -> Reading:
    """What `text` answers to `question`; `label` in the language of `locale`. Any words answer a free-text question."""
    if question.kind == "free_text":
        whole = text.strip()
        return Reading(whole, whole, "exact") if whole else NOTHING
    words = " ".join(_FIGURES.sub(" ", _STRETCHED.sub(r"\1\1", plain(text))).split())
    if question.kind == "zero_to_ten":
        return _read_zero_to_ten(words, text)
    return _by_emoji(question, text, locale) or _by_words(question, text, words, locale) or _by_number(question, words, text, locale)


def read_answers(survey: Survey, progress: Progress, question: Question, text: str, locale: str) -> dict[str, Reading]:
    """Every answer in one message, the asked question's first: "very good, the nurses were kind" answers two questions."""
    first, rest = _first_piece(question, text, locale)
    if not first:
        whole = read_answer(question, text, locale)
        return {question.id: whole} if whole else {}
    found = {question.id: first}
    known: dict[str, Given] = {**progress, question.id: Given(first.value)}
    while rest and (following := next_question(survey, known)) is not None:
        if following.kind == "free_text":
            if _says_something(rest):
                found[following.id] = Reading(rest, rest, "close")
            break
        reading, rest = _first_piece(following, rest, locale)
        if reading.confidence != "exact":
            break
        found[following.id] = reading
        known[following.id] = Given(reading.value)
    return found


def _first_piece(question: Question, text: str, locale: str) -> tuple[Reading, str]:
    """The answer in the first piece of `text`, and what follows it."""
    if question.kind == "free_text":
        return read_answer(question, text, locale), ""
    for cut in _PIECES.finditer(text):
        head, rest = text[: cut.start()], text[cut.end() :].strip()
        if plain(head) and (reading := read_answer(question, head, locale)):
            return reading, rest
        if len(plain(head).split()) > 3:
            break
    return read_answer(question, text, locale), ""


def _says_something(rest: str) -> bool:
    return len([word for word in plain(rest).split() if word not in _POLITE]) >= 2


def _read_zero_to_ten(words: str, text: str) -> Reading:
    rating = read_rating(words, text)
    number = read_number(words) if rating is None else (rating.value if rating.of == 10 else None)
    if number is None or not 0 <= number <= 10 or (_is_question(words, text)):
        return NOTHING
    exact = len(words.split()) <= 4
    return Reading(str(number), str(number), "exact" if exact else "close", by_number=not exact, by_line=rating is None)


def _by_emoji(question: Question, text: str, locale: str) -> Reading:
    bare = _INVISIBLE.sub("", text)
    named = {option.value: option for option in question.options for emoji in option.emoji if _INVISIBLE.sub("", emoji) in bare}
    if len(named) != 1 or len(plain(text).split()) > 3:
        return NOTHING
    return _reading(next(iter(named.values())), locale, "exact")


def _by_number(question: Question, words: str, text: str, locale: str) -> Reading:
    """ "4" is the fourth of the list; "four out of five" is a mark, and a high one."""
    if _is_question(words, text):
        return NOTHING
    rating = read_rating(words, text)
    if rating is not None:
        option = _nearest(question, rating)
        return _reading(option, locale, "close", by_number=True) if option else NOTHING
    if re.fullmatch(r"\(?[a-h][).:]?", text.strip().lower()) and ord(words) - ord("a") < len(question.options):
        return replace(_reading(question.options[ord(words) - ord("a")], locale, "close", by_number=True), by_line=True)
    number = read_number(words) if len(words.split()) <= 4 else None
    chosen = next((option for option in question.options if option.number == number), None)
    return replace(_reading(chosen, locale, "exact", by_number=True), by_line=True) if chosen else NOTHING


def _nearest(question: Question, rating: Rating) -> Option | None:
    felt = [option for option in question.options if option.sentiment is not None]
    if len(felt) < 3 or not 0 <= rating.value <= rating.of:
        return None
    low, high = min(option.sentiment or 0 for option in felt), max(option.sentiment or 0 for option in felt)
    share = (rating.value - 1) / (rating.of - 1) if rating.of <= 5 else rating.value / rating.of
    target = low + max(0.0, share) * (high - low)
    return min(felt, key=lambda option: abs((option.sentiment or 0) - target))


def _by_words(question: Question, text: str, words: str, locale: str) -> Reading:
    if not words or _is_question(words, text):
        return NOTHING
    whole = next((option for option, phrase in _phrases(question) if phrase == words), None)
    if whole is not None:
        return _reading(whole, locale, "exact")
    summed = _SUMMING_UP.search(words)
    if summed is not None and (option := _named_first(question, summed.group(1))) is not None:
        return _reading(option, locale, "close")
    listed = words.split()
    option = _named_alone(question, words) if len(listed) <= SHORT else None
    if option is None:
        option = _named_first(question, " ".join(listed[:3]))  # "good, but ..." is an answer; "the nurses were good but ..." is a story
    if option is None:
        option = _misspelt(question, words)
    return _reading(option, locale, "close") if option else NOTHING


def _phrases(question: Question) -> Iterator[tuple[Option, str]]:
    for option in question.options:
        for label in option.label.values():
            yield option, plain(label)
        for synonyms in option.synonyms.values():
            for synonym in synonyms:
                yield option, plain(synonym)


def _matches(question: Question, words: str) -> list[tuple[int, int, Option]]:
    """(start, end, option) of every phrase found as whole words, longest first, none inside a longer one; "not ..." already turned."""
    padded = f" {words} "
    found: list[tuple[int, int, Option]] = []
    for option, phrase in sorted(_phrases(question), key=lambda pair: -len(pair[1])):
        start = padded.find(f" {phrase} ")
        while start >= 0:
            end = start + len(phrase) + 1
            if not any(start < other_end and other_start < end for other_start, other_end, _ in found):
                turned = _turned(question, option, padded[:start].split())
                if turned is not None:
                    found.append((start, end, turned))
            start = padded.find(f" {phrase} ", start + 1)
    return sorted(found, key=lambda match: match[0])


def _turned(question: Question, option: Option, before: list[str]) -> Option | None:
    """ "not wonderful" is poor and "not terrible" is middling; None where a "not" makes no sense of the option."""
    if question.kind == "yes_no" or not any(word in _NOT for word in before[-2:]):
        return option
    if option.sentiment is None:
        return None
    wanted = -1 if option.sentiment > 0 else 0
    return next((other for other in question.options if other.sentiment == wanted), None)


def _named_alone(question: Question, words: str) -> Option | None:
    """The one option that a short text names; None when it names several that disagree."""
    named = [option for _, _, option in _matches(question, words)]
    if question.kind == "yes_no":
        return named[0] if named and _matches(question, words)[0][0] <= 12 else None
    if not named:
        return None
    signs = {(option.sentiment or 0) > 0 for option in named if option.sentiment}
    if len({option.value for option in named}) > 1 and len(signs) > 1:
        return None
    return max(named, key=lambda option: abs(option.sentiment or 0))


def _named_first(question: Question, words: str) -> Option | None:
    matches = _matches(question, words)
    return matches[0][2] if matches else None


def _misspelt(question: Question, words: str) -> Option | None:
    """The option whose phrase the whole short text resembles."""
    if not 3 <= len(words) <= 24 or len(words.split()) > 4:
        return None
    bare = re.sub(r"^(?:it was|it is|its|was|fue|i think|i thought) ", "", words)
    scored = [
        (SequenceMatcher(None, bare, phrase).ratio(), option) for option, phrase in _phrases(question) if abs(len(phrase) - len(bare)) <= 2
    ]
    best = max(scored, key=lambda pair: pair[0], default=(0.0, None))
    return best[1] if best[0] >= ALIKE else None


def _is_question(words: str, text: str) -> bool:
    return "?" in text and len(words.split()) > 2


def _reading(option: Option, locale: str, confidence: Confidence, *, by_number: bool = False) -> Reading:
    label = option.label.get(locale.split("-")[0]) or next(iter(option.label.values()))
    return Reading(option.value, label, confidence, by_number)
