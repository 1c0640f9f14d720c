"""Phrases as a clinic manager writes them, and where they stand in what a patient wrote. Pure.

A phrase is plain words with a few marks: `a|b` is either word, `(a|b c)` is one of these, `(a)?` may be missing, `...` is up to
three words, `bleed*` is any ending, `<number>` is a number of two digits or more, and `<name>` is any entry of the word list of that
name. The entries of a list, like what stands in brackets, are alternatives of one word or more, with bars between them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from handoff.near import instead
from handoff.plain import plain

Lists = Mapping[str, Sequence[str]]
Reader = Callable[[str, Lists, tuple[str, ...]], str]
_GAP = r"(?: \S+){0,3}"
_NUMBER = r" \d{2,}"


class BadPhrase(ValueError):
    """A phrase that cannot be read; the message is a sentence for whoever wrote it."""


@dataclass(frozen=True)
class Found:
    """A phrase in a text: its rule as it was written, and where it begins and ends in the plain words."""

    rule: str
    start: int
    end: int


@dataclass(frozen=True)
class Phrase:
    """`rule`: as it was written; `source`: what it means; `keys`: words of which a text that has it has one, where such can be told."""

    rule: str
    source: str
    keys: frozenset[str] | None = None

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Compiled when it is first needed: a file has many phrases, and most texts need few of them."""
        return re.compile(self.source)


@dataclass(frozen=True)
class Phrases:
    """Phrases that are looked for together, in this order."""

    phrases: tuple[Phrase, ...]

    def find(self, words: str) -> Iterator[Found]:
        """Every place of every phrase in `words` (which begin and end with a space), phrase by phrase."""
        for phrase in self._possible(words):
            yield from (Found(phrase.rule, found.start(), found.end()) for found in phrase.pattern.finditer(words))

    def first(self, words: str) -> Found | None:
        return next(self.find(words), None)

    def blot(self, words: str) -> str:
        """`words` with each phrase replaced by as many dots: nothing is found in them any more, and places stay what they were."""
        for phrase in self._possible(words):
            words = phrase.pattern.sub(lambda found: " " + "." * (len(found.group()) - 1), words)
        return words

    def _possible(self, words: str) -> Iterator[Phrase]:
        """Those whose words are there at all: most phrases need no closer look."""
        there = frozenset(words.split())
        return (phrase for phrase in self.phrases if phrase.keys is None or not phrase.keys.isdisjoint(there))


NONE = Phrases(())


def read_phrase(phrase: str, lists: Lists, *, at_end: bool = False) -> Phrase:
    """One phrase; `at_end`: it must stand right before the end of what is searched. Raises `BadPhrase`."""
    pattern = _sequence(phrase, lists, ())
    if all(part == "..." or part.endswith(")?") for part in split(phrase, " ")):
        raise BadPhrase(f"'{phrase}' has no word that must be there")
    return Phrase(phrase, pattern + (r" ?\Z" if at_end else r"(?= )"), _keys(phrase, lists))


def _keys(phrase: str, lists: Lists) -> frozenset[str] | None:
    """The fewest words of which a text must have one to have the phrase; None where no such words can be told."""
    found = [keys for part in split(phrase, " ") if (keys := _keys_of_part(part, lists)) is not None]
    return min(found, key=len, default=None)


def _keys_of_part(part: str, lists: Lists) -> frozenset[str] | None:
    if part == "..." or part.endswith(")?"):
        return None
    if part.startswith("("):
        return _keys_of_any([_keys(choice, lists) for choice in split(part[1:-1], "|")])
    if part.startswith("<") and "|" not in part:
        choices = [choice for entry in lists.get(part[1:-1], ()) for choice in split(entry, "|")]
        return _keys_of_any([_keys(choice, lists) for choice in choices])
    if "|" in part:
        return _keys_of_any([_keys_of_part(choice, lists) for choice in split(part, "|")])
    return None if part.endswith("*") else frozenset({part})


def _keys_of_any(choices: Sequence[frozenset[str] | None]) -> frozenset[str] | None:
    told = [keys for keys in choices if keys is not None]
    return frozenset().union(*told) if told and len(told) == len(choices) else None


def _sequence(phrase: str, lists: Lists, inside: tuple[str, ...]) -> str:
    parts = list(split(phrase, " "))
    if not parts:
        raise BadPhrase("a phrase is empty")
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
    if not word:
        raise BadPhrase("a word is missing before or behind a bar")
    if plain(stem) != stem or " " in stem or not stem:
        write = f"; write {plain(stem)}" if plain(stem) else ""
        raise BadPhrase(f"'{word}' is not a plain word: small letters, no accents, no punctuation{write}")
    return f" {re.escape(stem)}" + (r"\S*" if word.endswith("*") else "")


def _list(name: str, lists: Lists, inside: tuple[str, ...]) -> str:
    if name not in lists:
        raise BadPhrase(f"there is no word list <{name}>{instead(name, lists)}")
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
            yield {"...": "", "<number>": "20"}.get(word, word.removesuffix("*"))


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
