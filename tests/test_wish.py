"""The words that ask for a person are no answer to whatever question was open; what stands beside them may be."""

from __future__ import annotations

import pytest

from actions.people import without_wish


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("I want to talk to a person", ""),
        ("Can I speak to someone?", ""),
        ("Hello, I would really like to talk to a real person please, thank you", "Hello"),
        ("I waited two hours, let me talk to someone", "I waited two hours"),
        ("I waited two hours and nobody told me why. Can I talk to someone?", "I waited two hours and nobody told me why."),
        ("Can I talk to someone? I waited two hours", "I waited two hours"),
        ("It was fine. Can I talk to a nurse, please? The food was cold.", "It was fine. The food was cold."),
        ("very good thank you but I would still like to speak to a nurse about my bill", "very good thank you"),
        ("esperé dos horas y nadie me dijo nada, quisiera hablar con un encargado", "esperé dos horas y nadie me dijo nada"),
        ("they did talk to a doctor for me", "they did talk to a doctor for me"),
        ("", ""),
    ],
)
def test_what_a_text_says_beside_its_wish(text: str, rest: str) -> None:
    assert without_wish(text) == rest
