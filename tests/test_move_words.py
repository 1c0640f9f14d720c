"""What a patient writes to go on by text, to agree, and to give a code; and stories that only sound like it."""

from __future__ import annotations

import pytest

from handoff.move_words import has_agreed, read_code, veiled, wants_another_code, wants_texts


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        *((text, True) for text in ("text me", "Text me instead!", "can you text me please", "continue by text", "could we go on by text")),
        *((text, True) for text in ("SMS", "by text", "please text me", "switch to text", "I'd like to continue by text")),
        *((text, True) for text in ("por mensaje de texto", "mándenme un mensaje de texto", "seguir por SMS", "por favor envíeme un sms")),
        *((text, False) for text in ("they never text me back", "text messages came too late", "I got a text message about it")),
        *((text, False) for text in ("sms reminders are good", "don't text me", "no me manden mensajes", "the text was small")),
    ],
)
def test_the_wish_for_texts(text: str, wish: bool) -> None:
    assert wants_texts(text) is wish


@pytest.mark.parametrize(
    ("text", "agreed"),
    [
        *((text, True) for text in ("yes", "Yes please", "OK", "sure", "Sí", "vale", "de acuerdo", "yes, text me", "that's fine")),
        *((text, False) for text in ("no", "No, thanks", "stay here", "no gracias")),
        *((text, None) for text in ("yes the ward was clean", "no idea who that was", "why?", "how much is it")),
    ],
)
def test_consent(text: str, agreed: bool | None) -> None:
    assert has_agreed(text) is agreed


@pytest.mark.parametrize(
    ("text", "code"),
    [
        *((text, "123456") for text in ("123456", "123 456", "it's 123-456", "the code is 123456.", "mi clave es 123456", "1 2 3 4 5 6")),
        *(
            (text, None)
            for text in ("12345", "1234567", "hello", "at 12:30 on 4 May I waited for 56 minutes with my mother in the corridor")
        ),
    ],
)
def test_a_code(text: str, code: str | None) -> None:
    assert read_code(text) == code
    assert not any(char.isdigit() for char in veiled(text))


@pytest.mark.parametrize(
    "text", ["new code", "Send it again", "send me a new code please", "no code came", "I didn't get it", "otra clave", "no llega"]
)
def test_another_code(text: str) -> None:
    assert wants_another_code(text)


def test_a_complaint_about_codes_is_none() -> None:
    assert not wants_another_code("the door code of the ward did not work")
