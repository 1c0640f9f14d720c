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
from itertools import islice

from handoff.near import instead
from handoff.plain import Words, blotted, plain

Lists = Mapping[str, Sequence[str]]
Reader = Callable[[str, Lists, tuple[str, ...]], str]
_GAP_WORDS = 3
_GAP = rf"(?: \S+){{0,{_GAP_WORDS}}}"
_NEAR_WORDS = 8
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
    """`rule`: as it was written; `source`: what it means; `keys`: sets of words, of each of which a text that has the phrase has one;
    `longest`: of how many words it can be, 0 where it is looked for in all of a text; `sides`: of an `a & b`, which has no `source`."""

    rule: str
    source: str
    keys: tuple[frozenset[str], ...]
    longest: int = 0
    sides: tuple[Phrase, ...] = ()

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Compiled when it is first needed: a file has many phrases, and most texts need few of them."""
        return re.compile(self.source)

    def spans(self, words: Words, text: str) -> Iterator[tuple[int, int]]:
        """Where it stands in `text`, which is `words`, or these with some of them blotted out."""
        if self.sides:
            yield from self._near(words, text)
            return
        for begin, end in self._stretches(words):
            yield from (found.span() for found in self.pattern.finditer(text, begin, end))

    def _near(self, words: Words, text: str) -> Iterator[tuple[int, int]]:
        """Around each place of the rarest side, the other sides, one after the other."""
        rarest, *others = sorted(self.sides, key=lambda side: side.often(words))
        for span in rarest.spans(words, text):
            taken, rest = [span], others
            while rest:
                beside = ((side, near) for side in rest if (near := side.beside(taken, words, text)) is not None)
                if (nearest := next(beside, None)) is None:
                    break
                taken, rest = [*taken, nearest[1]], [side for side in rest if side is not nearest[0]]
            else:
                yield min(begin for begin, _ in taken), max(end for _, end in taken)

    def beside(self, taken: Sequence[tuple[int, int]], words: Words, text: str) -> tuple[int, int] | None:
        """Where it stands near what is `taken`, and not upon it."""
        first, last = words.number(min(begin for begin, _ in taken)), words.number(max(end for _, end in taken))
        lowest, highest = max(0, first - _NEAR_WORDS - self.longest), min(len(words.starts) - 1, last + _NEAR_WORDS + self.longest)
        for found in self.pattern.finditer(text, words.starts[lowest], words.starts[highest] + 1):
            begin, end = found.span()
            near = first - words.number(end) <= _NEAR_WORDS and words.number(begin) - last <= _NEAR_WORDS
            if near and all(end <= other[0] or begin >= other[1] for other in taken):
                return begin, end
        return None

    def often(self, words: Words) -> int:
        """How many places there are at most to look for it."""
        return min((sum(len(words.places.get(word, ())) for word in keys) for keys in self.keys), default=len(words))

    def _stretches(self, words: Words) -> Iterator[tuple[int, int]]:
        """Where it may stand: around its rarest word, so that a long text is not searched from end to end."""
        if not self.keys or not self.longest:
            yield 0, len(words)
            return
        numbers = min(([number for word in keys for number in words.places.get(word, ())] for keys in self.keys), key=len)
        begin, end = 0, -1
        for number in sorted(numbers):
            if number - self.longest > end:
                if end >= 0:
                    yield words.starts[begin], words.starts[end] + 1
                begin = max(0, number - self.longest)
            end = min(len(words.starts) - 1, number + self.longest)
        if end >= 0:
            yield words.starts[begin], words.starts[end] + 1


@dataclass(frozen=True)
class Phrases:
    """Phrases that are looked for together, in this order."""

    phrases: tuple[Phrase, ...]

    def find(self, words: str) -> Iterator[Found]:
        """Every place of every phrase in `words` (which begin and end with a space), phrase by phrase."""
        known = words if isinstance(words, Words) else Words(words)
        for phrase in self._possible(known):
            yield from (Found(phrase.rule, begin, end) for begin, end in phrase.spans(known, words))

    def first(self, words: str) -> Found | None:
        return next(self.find(words), None)

    def blot(self, words: str) -> Words:
        """`words` with each phrase replaced by as many dots: nothing is found in them any more, and places stay what they were."""
        known = words if isinstance(words, Words) else Words(words)
        for phrase in self._possible(known):
            for begin, end in list(phrase.spans(known, words)):
                words = blotted(words, begin, end)
        return Words(words)

    def _possible(self, words: Words) -> Iterator[Phrase]:
        """Those whose words are there at all, in their order: most phrases need no closer look."""
        leading, keyless = self._by_word
        numbers = {number for word in words.different if word in leading for number in leading[word]}
        for phrase in (self.phrases[number] for number in sorted(numbers.union(keyless))):
            if not any(keys.isdisjoint(words.different) for keys in phrase.keys):
                yield phrase

    @cached_property
    def _by_word(self) -> tuple[Mapping[str, list[int]], list[int]]:
        """The phrases by the words of their first set, by number, and those that have none."""
        leading: dict[str, list[int]] = {}
        for number, phrase in enumerate(self.phrases):
            for word in phrase.keys[0] if phrase.keys else ():
                leading.setdefault(word, []).append(number)
        return leading, [number for number, phrase in enumerate(self.phrases) if not phrase.keys]


NONE = Phrases(())


def read_phrase(phrase: str, lists: Lists, *, at_end: bool = False) -> Phrase:
    """One phrase; `at_end`: it must stand right before the end of what is searched. Raises `BadPhrase`."""
    written = list(split(phrase, "&"))
    if len(written) > 1 and not at_end:
        sides = tuple(read_phrase(side, lists) for side in written)
        return Phrase(phrase, "", tuple(sorted((keys for side in sides for keys in side.keys), key=_commonness)), 0, sides)
    pattern = _sequence(phrase, lists, ())
    if all(part == "..." or part.endswith(")?") for part in split(phrase, " ")):
        raise BadPhrase(f"'{phrase}' has no word that must be there")
    keys = tuple(sorted(_keys(phrase, lists), key=_commonness))
    return Phrase(phrase, pattern + (r" ?\Z" if at_end else r"(?= )"), keys, 0 if at_end else _longest(phrase, lists))


def _commonness(keys: frozenset[str]) -> tuple[int, int]:
    """Few words, and long ones, are seldom there."""
    return sum(len(word) <= 4 for word in keys), len(keys)


def _keys(phrase: str, lists: Lists) -> list[frozenset[str]]:
    """For each part of which this can be told: the words of which a text must have one to have the phrase."""
    return [keys for part in split(phrase, " ") if (keys := _keys_of_part(part, lists)) is not None]


def _keys_of_part(part: str, lists: Lists) -> frozenset[str] | None:
    if part == "..." or part.endswith(")?"):
        return None
    if part.startswith("("):
        return _keys_of_any([_fewest(choice, lists) for choice in split(part[1:-1], "|")])
    if part.startswith("<") and "|" not in part:
        return _keys_of_any([_fewest(choice, lists) for entry in lists.get(part[1:-1], ()) for choice in split(entry, "|")])
    if "|" in part:
        return _keys_of_any([_keys_of_part(choice, lists) for choice in split(part, "|")])
    return None if part.endswith("*") else frozenset({part})


def _fewest(phrase: str, lists: Lists) -> frozenset[str] | None:
    return min(_keys(phrase, lists), key=_commonness, default=None)


def _keys_of_any(choices: Sequence[frozenset[str] | None]) -> frozenset[str] | None:
    told = [keys for keys in choices if keys is not None]
    return frozenset().union(*told) if told and len(told) == len(choices) else None


def _longest(phrase: str, lists: Lists) -> int:
    """Of how many words it can be at most."""
    return sum(_longest_part(part, lists) for part in split(phrase, " "))


def _longest_part(part: str, lists: Lists) -> int:
    if part == "...":
        return _GAP_WORDS
    if part.startswith("("):
        return max(_longest(choice, lists) for choice in split(part.removesuffix("?")[1:-1], "|"))
    if part.startswith("<") and part != "<number>" and "|" not in part:
        return max((_longest(choice, lists) for entry in lists[part[1:-1]] for choice in split(entry, "|")), default=0)
    return max(_longest_part(choice, lists) for choice in split(part, "|")) if "|" in part else 1


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
