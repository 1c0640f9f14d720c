"""How many segments a text takes, and how to keep it cheap: the GSM 7-bit alphabet (3GPP TS 23.038, section 6.2.1), else UCS-2. Pure.

One segment holds 160 septets or 70 UTF-16 units; of several, each holds 153 or 67, and neither an escaped character nor a
surrogate pair is cut in two between them.
"""

from __future__ import annotations

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("\f^{}\\[~]|€")  # two septets each: an escape and the character

ONE, MANY = {True: 160, False: 70}, {True: 153, False: 67}

# Typographic characters that have a plain twin; one of them alone would halve what a segment holds.
_TWINS = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u00b4\u02bc", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
        **dict.fromkeys("\u00a0\u2002\u2003\u2007\u2009\u202f", " "),
        **dict.fromkeys("\u2022\u00b7", "*"),
        **dict.fromkeys("\u200b\u2060\ufeff\u00ad", ""),
        "\u2026": "...",
        "\t": " ",
    }
)


def plain(text: str) -> str:
    """`text` with typographic quotes, dashes, dots and spaces made plain; letters stay as they are."""
    return text.translate(_TWINS)


def is_gsm7(text: str) -> bool:
    """Does every character stand in the GSM 7-bit alphabet or its extension?"""
    return all(char in BASIC or char in EXTENSION for char in text)


def width(text: str) -> int:
    """Septets of a GSM text, UTF-16 units of any other."""
    return sum(_units(text))


def segments(text: str) -> int:
    """How many segments `text` is sent and paid as; an empty text is none."""
    gsm, units = is_gsm7(text), _units(text)
    if not units:
        return 0
    if sum(units) <= ONE[gsm]:
        return 1
    count, room = 1, MANY[gsm]
    for unit in units:
        if unit > room:
            count, room = count + 1, MANY[gsm]
        room -= unit
    return count


def _units(text: str) -> list[int]:
    if is_gsm7(text):
        return [2 if char in EXTENSION else 1 for char in text]
    return [2 if ord(char) > 0xFFFF else 1 for char in text]
