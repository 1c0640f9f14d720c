"""One reply is one text where it can be; where it cannot, it is cut where a reader would pause."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from handoff.gsm7 import segments
from handoff.splitting import MAX_SEGMENTS, as_text, split

SENTENCE = "Thank you for telling us how it went at the clinic today. "
URL = "https://clinic.example/feedback/answers?id=12345&from=text"


def test_a_reply_that_fits_is_one_text_without_a_number() -> None:
    assert split("  Thank you. \n") == ("Thank you.",)
    assert split("a" * 1530) == ("a" * 1530,)
    assert split(" ") == ()


def test_buttons_are_numbered_lines_of_the_same_text() -> None:
    assert as_text("How was it?", ["Very good", "Good"]) == "How was it?\n1 Very good\n2 Good"
    assert as_text("I’m here.", []) == "I'm here."


def test_a_long_reply_is_cut_at_the_end_of_a_sentence_and_numbered() -> None:
    parts = split((SENTENCE * 40).strip())
    assert len(parts) == 2
    assert [part[:11] for part in parts] == ["(1/2) Thank", "(2/2) Thank"]
    assert all(part.endswith("today.") for part in parts)


def test_a_long_sentence_is_cut_between_words_and_an_address_never() -> None:
    for shift in range(1400, 1560, 7):
        parts = split("word " * (shift // 5) + URL + " and more words" * 40)
        assert sum(URL in part for part in parts) == 1
        assert all(segments(part) <= MAX_SEGMENTS for part in parts)


def test_what_is_longer_than_a_text_is_cut_but_no_character_is() -> None:
    family = "👩\u200d👩\u200d👧"
    parts = split(family * 200)
    assert all(part.partition(" ")[2].replace(family, "") == "" for part in parts)
    assert all(segments(part) <= MAX_SEGMENTS for part in split("a" * 5000))


@settings(max_examples=150, deadline=None)
@given(st.text(st.sampled_from("ab. !?\n€😀ó\u200d\u0301-'“"), max_size=4000), st.integers(2, MAX_SEGMENTS))
def test_nothing_but_white_space_is_lost_and_every_part_fits(text: str, limit: int) -> None:
    parts = split(text, limit=limit)
    whole = "".join(re.sub(r"^\(\d+/\d+\) ", "", part) if len(parts) > 1 else part for part in parts)
    assert re.sub(r"\s", "", whole) == re.sub(r"\s", "", text)
    assert all(0 < segments(part) <= limit for part in parts)
    assert len(parts) < 100
