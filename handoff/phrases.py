"""Phrases as a clinic manager writes them, and where they stand in what a patient wrote. Pure.

A phrase is plain words with a few marks: `a|b` is either word, `(a|b c)` is one of these, `(a)?` may be missing, `...` is up to
three words, `a & b` is both, in any order and with up to eight words between them, `bleed*` is any ending, `<number>` is a number of two
digits or more, and `<name>` is any entry of the word list of that name. The entries of a list, like what stands in brackets, are
alternatives of one word or more, with bars between them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, permutations

from handoff.plain import plain

Lists = Mapping[str, Sequence[str]]
Reader = Callable[[str, Lists, tuple[str, ...]], str]
_GAP_WORDS = 3
_GAP = rf"(?: \S+){{0,{_GAP_WORDS}}}"
_NEAR_WORDS = 8
_NEAR = rf"(?: \S+){{0,{_NEAR_WORDS}}}"
_NUMBER = r" \d{2,}"
_A_WORD = re.compile(r"\S+")


class BadPhrase(ValueError):
    """A phrase that cannot be read; the message is a sentence for whoever wrote it."""


@dataclass(frozen=True)
class Found:
    """A phrase in a text: its rule as it was written, and where it begins and ends in the plain words."""

    rule: str
    start: int
    end: int


class Words(str):
    """Plain words with a space at either end, which know where each of them stands."""

    @cached_property
    def starts(self) -> list[int]:
        """Where the space before each word is, and at last where the text ends."""
        return [*(found.start() - 1 for found in _A_WORD.finditer(self)), len(self)]

    @cached_property
    def places(self) -> dict[str, list[int]]:
        """Each word, with its numbers: 0 is the first word of the text."""
        places: dict[str, list[int]] = {}
        for number, word in enumerate(self.split()):
            places.setdefault(word, []).append(number)
        return places


@dataclass(frozen=True)
class Phrase:
    """`rule`: as it was written; `source`: what it means; `keys`: sets of words, of each of which a text that has the phrase has one;
    `longest`: of how many words it can be, 0 where it is looked for in all of a text."""

    rule: str
    source: str
    keys: tuple[frozenset[str], ...]
    longest: int = 0

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Compiled when it is first needed: a file has many phrases, and most texts need few of them."""
        return re.compile(self.source)

    def stretches(self, words: Words) -> Iterator[tuple[int, int]]:
        """Where in `words` it may stand: around its rarest word, so that a long text is not searched from end to end."""
        there = [keys & words.places.keys() for keys in self.keys]
        if not all(there):
            return
        if not there or not self.longest:
            yield 0, len(words)
            return
        numbers = min(([number for word in keys for number in words.places[word]] for keys in there), key=len)
        begin, end = 0, -1
        for number in sorted(numbers):
            if number - self.longest > end:
                if end >= 0:
                    yield words.starts[begin], words.starts[end] + 1
                begin = max(0, number - self.longest)
            end = min(len(words.starts) - 1, number + self.longest)
        yield words.starts[begin], words.starts[end] + 1


@dataclass(frozen=True)
class Phrases:
    """Phrases that are looked for together, in this order."""

    phrases: tuple[Phrase, ...]

    def find(self, words: str) -> Iterator[Found]:
        """Every place of every phrase in `words` (which begin and end with a space), phrase by phrase."""
        known = words if isinstance(words, Words) else Words(words)
        for phrase in self.phrases:
            for begin, end in phrase.stretches(known):
                yield from (Found(phrase.rule, found.start(), found.end()) for found in phrase.pattern.finditer(words, begin, end))

    def first(self, words: str) -> Found | None:
        return next(self.find(words), None)

    def blot(self, words: str) -> Words:
        """`words` with each phrase replaced by as many dots: nothing is found in them any more, and places stay what they were."""
        known = words if isinstance(words, Words) else Words(words)
        for phrase in self.phrases:
            for begin, end in phrase.stretches(known):
                for found in phrase.pattern.finditer(words, begin, end):
                    dots = "." * (found.end() - found.start() - 1)
                    words = f"{words[: found.start()]} {dots}{words[found.end() :]}"
        return Words(words)


NONE = Phrases(())


def read_phrase(phrase: str, lists: Lists, *, at_end: bool = False) -> Phrase:
    """One phrase; `at_end`: it must stand right before the end of what is searched. Raises `BadPhrase`."""
    pattern = _sequence(phrase, lists, ())
    if all(part in ("...", "&") or part.endswith(")?") for part in split(phrase, " ")):
        raise BadPhrase(f"'{phrase}' has no word that must be there")
    keys = tuple(sorted(_keys(phrase, lists), key=len))
    return Phrase(phrase, pattern + (r" ?\Z" if at_end else r"(?= )"), keys, 0 if at_end else _longest(phrase, lists))


def _keys(phrase: str, lists: Lists) -> list[frozenset[str]]:
    """For each part of which this can be told: the words of which a text must have one to have the phrase."""
    return [keys for part in split(phrase, " ") if (keys := _keys_of_part(part, lists)) is not None]


def _keys_of_part(part: str, lists: Lists) -> frozenset[str] | None:
    if part in ("...", "&") or part.endswith(")?"):
        return None
    if part.startswith("("):
        return _keys_of_any([_fewest(choice, lists) for choice in split(part[1:-1], "|")])
    if part.startswith("<") and "|" not in part:
        return _keys_of_any([_fewest(choice, lists) for entry in lists.get(part[1:-1], ()) for choice in split(entry, "|")])
    if "|" in part:
        return _keys_of_any([_keys_of_part(choice, lists) for choice in split(part, "|")])
    return None if part.endswith("*") else frozenset({part})


def _fewest(phrase: str, lists: Lists) -> frozenset[str] | None:
    return min(_keys(phrase, lists), key=len, default=None)


def _keys_of_any(choices: Sequence[frozenset[str] | None]) -> frozenset[str] | None:
    told = [keys for keys in choices if keys is not None]
    return frozenset().union(*told) if told and len(told) == len(choices) else None


def _longest(phrase: str, lists: Lists) -> int:
    """Of how many words it can be at most."""
    return sum(_longest_part(part, lists) for part in split(phrase, " "))


def _longest_part(part: str, lists: Lists) -> int:
    if part in ("...", "&"):
        return {"...": _GAP_WORDS, "&": _NEAR_WORDS}[part]
    if part.startswith("("):
        return max(_longest(choice, lists) for choice in split(part.removesuffix("?")[1:-1], "|"))
    if part.startswith("<") and part != "<number>" and "|" not in part:
        return max((_longest(choice, lists) for entry in lists[part[1:-1]] for choice in split(entry, "|")), default=0)
    return max(_longest_part(choice, lists) for choice in split(part, "|")) if "|" in part else 1


def _sequence(phrase: str, lists: Lists, inside: tuple[str, ...]) -> str:
    parts = list(split(phrase, " "))
    if not parts:
        raise BadPhrase("a phrase is empty")
    if "&" in parts:
        sides = [_sequence(side, lists, inside) for side in split(phrase, "&")]
        return f"(?:{'|'.join(_NEAR.join(order) for order in permutations(sides))})"
    return "".join(_part(part, lists, inside) for part in parts)


def _part(part: str, lists: Lists, inside: tuple[str, ...]) -> str:
    if part == "...":
        return _GAP
    if part.startswith("(") and part.endswith((")", ")?")):
        bare = part.removesuffix("?")
        return _either(split(bare[1:-1], "|"), lists, inside) + ("?" if bare != part else "")
    return _either(split(part, "|"), lists, inside, _word)


def _either(choices: Iterable[str], lists: Lists, inside: tuple[str, ...], read: Reader | None = None) -> str:
    return f"(?:{'|'.join((read or _sequence)(choice, lists, inside) for choice in choices)})"


def _word(word: str, lists: Lists, inside: tuple[str, ...]) -> str:
    if word == "<number>":
        return _NUMBER
    if word.startswith("<") and word.endswith(">"):
        return _list(word[1:-1], lists, inside)
    stem = word.removesuffix("*")
    if plain(stem) != stem or " " in stem or not stem:
        raise BadPhrase(f"'{word}' is not a plain word: small letters, no accents, no punctuation")
    return f" {re.escape(stem)}" + (r"\S*" if word.endswith("*") else "")


def _list(name: str, lists: Lists, inside: tuple[str, ...]) -> str:
    if name not in lists:
        raise BadPhrase(f"there is no word list <{name}>")
    if name in inside:
        raise BadPhrase(f"the word list <{name}> is made of itself")
    choices = [choice for entry in lists[name] for choice in split(entry, "|")]
    return _either(choices, lists, (*inside, name))


def examples(phrase: str, lists: Lists, most: int = 200) -> Iterator[str]:
    """Texts that have `phrase`: each of its alternatives at least once, but not each with each. Of a word list, which is looked at by
    itself, the first entry. At most `most` of them."""
    yield from islice(_examples(phrase, lists), most)


def _examples(phrase: str, lists: Lists) -> Iterator[str]:
    parts = [list(_examples_of_part(part, lists)) for part in split(phrase, " ")]
    for number, part in enumerate(parts):
        for choice in part if number == 0 else part[1:]:
            yield " ".join(filter(None, [*(other[0] for other in parts[:number]), choice, *(other[0] for other in parts[number + 1 :])]))


def _examples_of_part(part: str, lists: Lists) -> Iterator[str]:
    if part.startswith("("):
        for choice in split(part.removesuffix("?")[1:-1], "|"):
            yield from _examples(choice, lists)
        yield from ("",) * part.endswith("?")
        return
    for word in split(part, "|"):
        entries = lists[word[1:-1]] if word.startswith("<") and word != "<number>" else ()
        yield from islice((example for entry in entries for choice in split(entry, "|") for example in _examples(choice, lists)), 1)
        if not entries:
            yield {"...": "", "&": "", "<number>": "20"}.get(word, word.removesuffix("*"))


def split(phrase: str, mark: str) -> Iterator[str]:
    """The parts of `phrase` between the marks that stand outside brackets; with a space as the mark, empty parts are left out."""
    depth, part = 0, ""
    for char in phrase:
        depth += (char == "(") - (char == ")")
        if depth < 0:
            break
        if char == mark and depth == 0:
            if part or mark != " ":
                yield part.strip()
            part = ""
        else:
            part += char
    if depth != 0:
        raise BadPhrase(f"a bracket is missing in '{phrase}'")
    if part or mark != " ":
        yield part.strip()
