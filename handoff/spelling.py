"""What a patient wrote, as the rules read it: plain words, short forms spelled out, slips of important words forgiven. Pure."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from handoff.plain import plain

_END = re.compile(r"(?<=[.!?;…])\s+|\n+")
_PAUSE = re.compile(r"[,:()\"“”«»]|\s[-–—]\s")
_SYMBOLS = str.maketrans({"!": "i", "1": "i", "|": "i", "0": "o", "3": "e", "@": "a", "$": "s", "*": "i"})
_DISGUISED = re.compile(r"(?<=[a-zA-Z])[!1|03@$*]+(?=[a-zA-Z])")
_SPACED = re.compile(r"(?<= )(?:[a-z] ){3,}(?:[a-z])(?= )")
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
    def _short(self) -> re.Pattern[str]:
        longest_first = sorted(self.means, key=lambda form: (-len(form), form))
        return re.compile(f"(?<= )(?:{'|'.join(map(re.escape, longest_first))})(?= )" if longest_first else r"(?!)")

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
        return self._short.sub(lambda found: self.means[found.group()], f" {words} ")

    def forgive(self, word: str) -> str:
        """The important word that `word` is a slip of, or `word`."""
        if len(word) < SHORTEST or word in self.means or word in self.not_near or not word.isalpha():
            return word
        return next((right for right in self.near if is_near(word, right)), word)


@dataclass(frozen=True)
class Wording:
    """A text for the rules. `words`: all of it, a space at either end; `sentences`: as the patient wrote them; `starts`: where each
    begins in `words`; `pauses`: where each part between commas begins."""

    words: str
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
    return Wording(f"{words} ", tuple(sentences) or ("",), tuple(starts) or (0,), tuple(pauses) or (0,))


def _unmask(sentence: str) -> str:
    """Plain words: "su!cide", "k i l l" and "heeelp" are what they are meant to be."""
    shown = _DISGUISED.sub(lambda found: found.group().translate(_SYMBOLS), sentence)
    words = _SPACED.sub(lambda found: found.group().replace(" ", ""), f" {plain(shown)} ")
    return _DRAWN_OUT.sub(lambda found: found.group() if found.group(1).isdigit() else found.group(1) * 2, words).strip()


def is_near(word: str, right: str) -> bool:
    """Is `word` the word `right`, or that with one letter wrong, missing, doubled or swapped?"""
    if word == right:
        return True
    if abs(len(word) - len(right)) > 1:
        return False
    same = next((place for place, (one, other) in enumerate(zip(word, right, strict=False)) if one != other), min(len(word), len(right)))
    rest, right_rest = word[same:], right[same:]
    if len(word) == len(right):
        swapped = len(rest) > 1 and rest[1] + rest[0] + rest[2:] == right_rest
        return swapped or rest[1:] == right_rest[1:]
    return rest[1:] == right_rest if len(word) > len(right) else rest == right_rest[1:]
