"""Whom to call in danger, as part of a sentence: each country's numbers for somebody in despair, called or texted as they can be."""

from __future__ import annotations

from collections.abc import Sequence

from handoff.routing_file import Numbers
from handoff.words import Words


def crisis(words: Words, locale: str, numbers: Numbers) -> str:
    """ "call or text 988"; "call 116 123 or 111" where neither takes a text."""
    call, text = _either(words, locale, numbers.call), _either(words, locale, numbers.text)
    key = "call" if not text else "call_or_text" if text == call else "call_or_text_another"
    return words.say(locale, f"crisis.{key}", to_call=call, to_text=text)


def _either(words: Words, locale: str, numbers: Sequence[str]) -> str:
    said = ""
    for number in numbers:
        said = words.say(locale, "crisis.or", one=said, other=number) if said else number
    return said
