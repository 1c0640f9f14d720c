"""Each country's numbers as the sentence names them: called or texted as they can be, in the language of the patient alone."""

from __future__ import annotations

import pytest

from handoff.desk.lifelines import crisis
from handoff.routing_file import load_routing
from handoff.settings import ROOT
from handoff.words import load_words

WORDS = load_words(ROOT / "config" / "messages", default="en")


@pytest.mark.parametrize(
    ("country", "en", "es"),
    [
        ("US", "call or text 988", "llame o envíe un SMS al 988"),
        ("GB", "call 116 123 (Samaritans) or 111", "llame al 116 123 (Samaritans) o al 111"),
        ("IE", "call 116 123 (Samaritans), or text 50808", "llame al 116 123 (Samaritans) o envíe un SMS al 50808"),
        ("ES", "call 024", "llame al 024"),
    ],
)
def test_whom_to_call(country: str, en: str, es: str) -> None:
    numbers = load_routing(ROOT / "config" / "routing.yml", country=country).numbers
    assert (crisis(WORDS, "en", numbers), crisis(WORDS, "es", numbers)) == (en, es)


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "Please call 024, any time, day or night."), ("es", "Por favor, llame al 024, a cualquier hora.")],
)
def test_the_fixed_words_name_them(language: str, said: str) -> None:
    numbers = load_routing(ROOT / "config" / "routing.yml", country="ES").numbers
    assert said in WORDS.say(language, "safety.self_harm", emergency="112", crisis=crisis(WORDS, language, numbers))
