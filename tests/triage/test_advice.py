"""No medical advice, and none is refused to who asked for none. On both databases."""

from __future__ import annotations

import pytest

from handoff import signals as sig
from tests.cast import Cast
from tests.triage.test_deciding import answers, texts

CLINICAL = "I can't give medical advice, I'm only here for feedback. A member of staff can help with that."


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("I will see a lawyer and sue you for what the doctor did", "Thank you for telling me. This is more than I can deal with well"),
        ("what dose of ibuprofen can I take with these tablets", CLINICAL),
        ("is it the left or the right one that hurts", CLINICAL),  # no rule knows it: the bot's word counts
    ],
)
async def test_no_advice_is_refused_where_none_was_asked_for(cast: Cast, words: str, said: str) -> None:
    await cast.writes(words)
    await answers(cast, CLINICAL, signals=(sig.WantsPerson("clinical", words),), intent="medical_question")
    assert (await texts(cast))[-2].startswith(said)
    assert await cast.state() == ("choosing", "bot")
