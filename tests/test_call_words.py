"""Who asks outright to be phoned; and stories and jokes that only sound like it."""

from __future__ import annotations

import pytest

from handoff.call_words import asks_for_call

ASKS = (
    *(
        "call me",
        "Call me please",
        "phone me",
        "just call me tomorrow",
        "call me on 202-555-0199",
        "call me tomorrow at 10",
        "callback please",
    ),
    *("can somebody phone me please", "please can you call me back about my bill", "hi can a nurse ring me", "I want someone to call me"),
    *("I'd like a phone call", "give me a call", "could you give me a ring tomorrow", "can i have a call back", "need a call"),
    *("llámenme por favor", "me pueden llamar mañana", "quiero que me llamen", "que me llamen mañana a las 10"),
)
TELLS = (
    *("nobody called me", "they never call me back", "you said you would call me", "they should call me", "I waited for a call"),
    *("call me a liar", "call me crazy but it was good", "they call me names", "the call was good", "a call would have been nice"),
    *("don't call me", "no need to call me", "please do not call me", "no me llamen", "call center was rude", ""),
)


@pytest.mark.parametrize("text", ASKS)
def test_who_asks_to_be_phoned(text: str) -> None:
    assert asks_for_call(text)


@pytest.mark.parametrize("text", TELLS)
def test_who_tells_of_calls_or_wants_none(text: str) -> None:
    assert not asks_for_call(text)
