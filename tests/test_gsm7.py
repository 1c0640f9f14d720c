"""Segments as a carrier counts them; vectors after 3GPP TS 23.038 and what Twilio's segment calculator shows."""

from __future__ import annotations

import pytest

from handoff.gsm7 import BASIC, EXTENSION, is_gsm7, plain, segments, width


@pytest.mark.parametrize(
    ("text", "gsm", "units", "count"),
    [
        ("", True, 0, 0),
        ("Hello", True, 5, 1),
        ("a" * 160, True, 160, 1),
        ("a" * 161, True, 161, 2),
        ("a" * 306, True, 306, 2),
        ("a" * 307, True, 307, 3),
        ("a" * 1530, True, 1530, 10),
        ("a" * 1531, True, 1531, 11),
        ("€" * 80, True, 160, 1),
        ("€" * 81, True, 162, 2),
        ("a" * 152 + "€" * 5, True, 162, 2),  # the escape of the first € must not be cut from it
        ("€" * 153, True, 306, 3),  # 76 of them and one septet to spare in each
        ("[~]{}|\\^\f", True, 18, 1),
        ("¿Cómo fue? ñÑüÜ¡àèéìòù", False, 22, 1),  # ó is not in it
        ("¿Como fue? ñÑüÜ¡àèéìòù", True, 22, 1),
        ("ç", False, 1, 1),  # Ç is, ç is not
        ("Ç", True, 1, 1),
        ("ó" * 70, False, 70, 1),
        ("ó" * 71, False, 71, 2),
        ("ó" * 134, False, 134, 2),
        ("ó" * 135, False, 135, 3),
        ("😀" * 35, False, 70, 1),
        ("😀" * 36, False, 72, 2),
        ("ó" * 66 + "😀" * 3, False, 72, 2),  # no pair is cut in two
        ("ó" + "😀" * 66, False, 133, 2),
        ("😀" * 67, False, 134, 3),  # 33 in each, one unit to spare
        ("`", False, 1, 1),
        ("ΔΦΓΛΩΠΨΣΘΞ", True, 10, 1),
        ("αβγ", False, 3, 1),
        ("\n\r", True, 2, 1),
    ],
)
def test_segments(text: str, gsm: bool, units: int, count: int) -> None:
    assert (is_gsm7(text), width(text), segments(text)) == (gsm, units, count)


def test_the_alphabet_is_whole() -> None:
    assert not BASIC & EXTENSION
    assert (len(BASIC), len(EXTENSION)) == (127, 10)  # 128 places, one of them the escape


@pytest.mark.parametrize(
    ("typographic", "as_plain"),
    [
        ("I’m “fine” – really…", 'I\'m "fine" - really...'),
        ("a\u00a0b\u2009c\ufeff", "a b c"),
        ("• one", "* one"),
        ("«sí»", '"sí"'),
        ("€5 [ok]", "€5 [ok]"),
        ("ñ ó 😀", "ñ ó 😀"),
    ],
)
def test_typographic_characters_with_a_plain_twin_are_made_plain(typographic: str, as_plain: str) -> None:
    assert plain(typographic) == as_plain
