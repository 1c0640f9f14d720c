"""What makes a history quick without changing it: pure functions remember their answers, and no console's row is drawn after each deed."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import Any
from unittest.mock import patch

from handoff import danger, triage
from handoff.desk import views
from handoff.phrases import Found, Phrases
from handoff.spelling import Spelling, Wording, read_wording

_find, _blot = Phrases.find, Phrases.blot
_known: dict[tuple[int, str, str], Any] = {}


def _remembered_find(self: Phrases, words: str) -> Iterator[Found]:
    key = (id(self), "find", words)
    if key not in _known:
        _known[key] = tuple(_find(self, words))
    return iter(_known[key])


def _remembered_blot(self: Phrases, words: str) -> str:
    key = (id(self), "blot", words)
    if key not in _known:
        _known[key] = _blot(self, words)
    return str(_known[key])


@cache
def _wording(text: str, spelling: int) -> Wording:
    return read_wording(text, _spellings[spelling])


_spellings: dict[int, Spelling] = {}


def _remembered_wording(text: str, spelling: Spelling) -> Wording:
    _spellings[id(spelling)] = spelling
    return _wording(text, id(spelling))


@contextmanager
def quick() -> Iterator[None]:
    """While this holds. The rules that are read are those of one house, which lives as long as the process."""
    collects = gc.isenabled()
    with ExitStack() as stack:
        stack.enter_context(patch.object(Phrases, "find", _remembered_find))
        stack.enter_context(patch.object(Phrases, "blot", _remembered_blot))
        for module in (danger, triage):
            stack.enter_context(patch.object(module, "read_wording", _remembered_wording))
        stack.enter_context(patch.object(views, "item", lambda *_: {}))
        gc.disable()
        try:
            yield
        finally:
            if collects:
                gc.enable()
