"""What a patient wrote, as the rules read it: plain words, short forms spelled out, slips of important words forgiven. Pure."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from handoff.plain import Words, plain

_END = re.compile(r"(?<=[.!?;…])\s+|\n+")
_PAUSE = re.compile(r"[,:()\"“”«»]|\s[-–—]\s")
_SYMBOLS = str.maketrans({"!": "i", "1": "i", "|": "i", "0": "o", "3": "e", "@": "a", "$": "s", "*": "i"})
_DISGUISED = re.compile(r"(?<=[a-zA-Z])[!1|03@$*]+(?=[a-zA-Z])")
_SPACED = re.compile(r"(?<= )(?:[a-z] ){3,}(?:[a-z])(?= )")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_DRAWN_OUT = re.compile(r"(.)\1{2,}")
SHORTEST = 5  # letters; a shorter word is too easily another one
BEFORE = 200  # characters: no phrase about what stands before is longer, and without a comma a text may go on for thousands


@dataclass(frozen=True)
class Spelling:
    """`means`: short forms and slips, with what they stand for; `near`: words of which one wrong letter is forgiven, but in `not_near`."""

    means: Mapping[str, str]
    near: tuple[str, ...] = ()
    not_near: frozenset[str] = frozenset()

    @cached_property
    def _short(self) -> Mapping[str, list[list[str]]]:
        """The short forms, as words, by their first word; the longest first."""
        by_first: dict[str, list[list[str]]] = {}
        for form in sorted(self.means, key=lambda form: (-len(form), form)):
            by_first.setdefault(form.split(" ")[0], []).append(form.split(" "))
        return by_first

    @cached_property
    def _slips(self) -> Mapping[str, str]:
        """Every word that is one letter away from one of `near`."""
        return {slip: right for right in reversed(self.near) for slip in slips_of(right)}

    @cached_property
    def _clipped(self) -> re.Pattern[str]:
        forms = [re.escape(form) for form in self.means if "'" in form]
        return re.compile(rf"(?<!\w)(?:{'|'.join(forms)})(?!\w)" if forms else r"(?!)")

    def unclip(self, sentence: str) -> str:
        """What has an apostrophe, while it still has it: "he'll" is not "hell"."""
        return self._clipped.sub(lambda found: self.means[found.group()], sentence.lower().replace("’", "'"))

    def spell_out(self, words: str) -> str:
        """`words` with a space at either end, as the rules read them."""
        spelled = " ".join(map(self.forgive, words.split()))
        return self.write_out(spelled)

    def write_out(self, words: str) -> str:
        """Short forms as what they stand for, and a space at either end."""
        given, told, number = words.split(" "), [], 0
        while number < len(given):
            forms = self._short.get(given[number], ())
            form = next((form for form in forms if given[number : number + len(form)] == form), None)
            told.append(given[number] if form is None else self.means[" ".join(form)])
            number += 1 if form is None else len(form)
        return f" {' '.join(told)} "

    def forgive(self, word: str) -> str:
        """The important word that `word` is a slip of, or `word`."""
        if len(word) < SHORTEST or word in self.means or word in self.not_near or not word.isalpha():
            return word
        return self._slips.get(word, word)


@dataclass(frozen=True)
class Wording:
    """A text for the rules. `words`: all of it, a space at either end; `sentences`: as the patient wrote them; `starts`: where each
    begins in `words`; `pauses`: where each part between commas begins."""

    words: Words
    sentences: tuple[str, ...]
    starts: tuple[int, ...]
    pauses: tuple[int, ...]

    def said(self, start: int, end: int) -> str:
        """The plain words of a place."""
        return self.words[start:end].strip()

    def around(self, start: int, end: int) -> str:
        """The evidence for what was found there: the patient's own sentence, or the words around it where that is long."""
        sentence = self.sentences[self._at(start + 1)].strip()
        return sentence if len(sentence) <= 200 else self.words[max(0, start - 80) : end + 80].strip()

    def sentence(self, start: int) -> str:
        """The plain words of the sentence that has `start` in it, a space at either end."""
        number = self._at(start + 1)
        end = self.starts[number + 1] if number + 1 < len(self.starts) else len(self.words)
        return f"{self.words[self.starts[number] : end].rstrip()} "

    def before(self, start: int) -> tuple[int, int]:
        """What stands before a place, back to the last comma or full stop, or a line's length: from where to where."""
        pause = self.pauses[max(0, bisect_right(self.pauses, start) - 1)]
        return max(pause, self.words.rfind(" ", 0, max(1, start - BEFORE + 1))), start

    def _at(self, place: int) -> int:
        return max(0, bisect_right(self.starts, place) - 1)


def read_wording(text: str, spelling: Spelling) -> Wording:
    """Read `text` (any length, any script). Sentences without a word in them are left out."""
    words, sentences, starts, pauses = "", [], [], []
    for sentence in _END.split(text):
        parts = [told for part in _PAUSE.split(spelling.unclip(sentence)) if (told := spelling.spell_out(_unmask(part)).strip())]
        if parts:
            starts.append(len(words))
            sentences.append(sentence)
        for part in parts:
            pauses.append(len(words))
            words += f" {part}"
    return Wording(Words(f"{words} "), tuple(sentences) or ("",), tuple(starts) or (0,), tuple(pauses) or (0,))


def _unmask(sentence: str) -> str:
    """Plain words: "su!cide", "k i l l" and "heeelp" are what they are meant to be."""
    shown = _DISGUISED.sub(lambda found: found.group().translate(_SYMBOLS), sentence)
    words = _SPACED.sub(lambda found: found.group().replace(" ", ""), f" {plain(shown)} ")
    return _DRAWN_OUT.sub(lambda found: found.group() if found.group(1).isdigit() else found.group(1) * 2, words).strip()


def slips_of(word: str) -> Iterator[str]:
    """`word`, and it with one letter wrong, missing, too many or swapped with the next."""
    for place in range(len(word) + 1):
        before, after = word[:place], word[place:]
        yield from (before + after[1:], before + after[1:2] + after[:1] + after[2:])
        for letter in _LETTERS:
            yield from (before + letter + after, before + letter + after[1:])
