"""The language of a first text, as a table: told where it is clear, and left open where it is not."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from handoff.channels.sms import TextIn
from handoff.desk import texts_in
from handoff.desk.work import Desk
from handoff.language import TELLING, WEAK, language_of
from handoff.store import tables as t
from tests.fakes import FakeClock
from tests.twilio import ANA, OURS

BOTH = ("en", "es")
TABLE = {
    "es": [
        "hola, quiero hablar con una persona",
        "Hola",
        "HOLA!!",
        "buenas tardes",
        "Buenos días, me llamo Ana",
        "gracias",
        "¿Hablan español?",
        "sí",
        "muy bien",
        "la enfermera fue muy amable",
        "esperé tres horas y nadie me atendió",
        "Necesito ayuda",
        "no me gustó como me trataron",
        "quisiera que me llamen",
        "excelente",
        "mi mama tuvo una cita con el doctor ayer",
        "Hola, soy John Smith, tengo una queja",
        "todo bien",
        "mal",
        "¡No!",
        "alguien que hable español",
        "Hola. My doctor dijo que esperara pero nadie me llamó",
        "mi hijo se ha desmayado y no reacciona",
        "me cobraron dos veces y nadie me responde",
        "quiero una copia de mi historial medico",
        "estoy harta de que nadie me conteste",
        "me tome todas las pastillas de mi madre",
        "he bebido lejia",
        "me duele el pecho",
        "mi marido me pega",
        "me cobraron dos veces",
    ],
    "en": [
        "hello",
        "Hi",
        "hi there, I want to talk to a person",
        "The nurse was so kind",
        "thanks",
        "my name is Ana García",
        "I waited 3 hours",
        "it was fine",
        "good",
        "Dr. de la Cruz was very rude to me",
        "can somebody call me back",
        "not good",
        "hola, I would like to speak with someone please",
        "Do you speak Spanish?",
        "everything was great, thank you",
        "i hate this place",
        "please",
        "la Dra. Gomez was kind",
        "I drove from El Paso",
        "he was rude to me",
        "he told me and my mom to wait",
        "the clinic in Sierra Madre was fine",
        "we came from South Padre Island and it was closed",
        "she is from Sangre de Cristo",
        "ha ha, that was good",
    ],
    None: [
        "",
        "   ",
        "1",
        "10",
        "👍",
        "ok",
        "no",
        "No no no",
        "Ana",
        "Ana García",
        "María de la Cruz",
        "John Smith",
        "Juan de los Santos y Peña",
        "Dr. Martinez",
        "STOP",
        "Stop.",
        "START",
        "YES",
        "HELP",
        "info",
        "CANCEL",
        "END",
        "hola hello",
        "hola thanks",
        "gracias thank you",
        "555 0199",
        "Elm Street",
        "bonjour, je voudrais parler",
        "normal",
        "hospital",
        "a",
        "me",
        "Los Angeles",
        "El Paso",
        "la Dra. Gomez",
        "Sierra Madre",
        "El Niño",
        "ha",
    ],
}


@pytest.mark.parametrize(("text", "expected"), [(text, language) for language, texts in TABLE.items() for text in texts])
def test_the_language_of_a_first_text(text: str, expected: str | None) -> None:
    assert language_of(text, BOTH) == expected


def test_only_what_the_clinic_speaks_counts() -> None:
    assert language_of("hola, quiero hablar", ("en",)) is None
    assert language_of("hola, quiero hablar", ("es", "fr")) == "es"
    assert language_of("hello", ()) is None


def test_words_are_written_as_they_are_compared() -> None:
    for words in (*TELLING.values(), *WEAK.values()):
        assert all(word.isascii() and word == word.lower() for word in words)


class Phone:
    """Ana's, and what becomes of what she texts."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.sent = desk, 0

    async def texts(self, body: str) -> str:
        """Returns the conversation's language afterwards."""
        self.sent += 1
        await self.desk.do(texts_in.take_in, TextIn(f"SM{self.sent:032x}", ANA, OURS, body))
        return str(await self.desk.look(lambda db: db.execute(select(t.conversation.c.locale)).scalar_one()))

    async def said(self) -> list[str]:
        m = t.message.c
        return await self.desk.look(lambda db: list(db.execute(select(m.text).where(m.author == "service").order_by(m.seq)).scalars()))


async def test_a_spanish_text_begins_a_spanish_thread_and_nothing_said_later_in_it_turns_that(desk: Desk) -> None:
    phone = Phone(desk)
    assert await phone.texts("hola, quiero hablar con una persona") == "es"
    assert await phone.texts("thank you, that was nice of them") == "es"


async def test_a_name_begins_one_in_the_clinics_own_language(desk: Desk) -> None:
    assert await Phone(desk).texts("María de la Cruz") == "en"


async def test_danger_in_a_first_text_is_answered_in_its_language(desk: Desk) -> None:
    phone = Phone(desk)
    assert await phone.texts("no quiero vivir más, quiero matarme") == "es"
    assert any("llame" in sentence.lower() for sentence in await phone.said())


async def test_after_a_long_silence_the_language_may_be_another(desk: Desk, clock: FakeClock) -> None:
    phone = Phone(desk)
    await phone.texts("hola, todo bien")
    clock.forward(days=10)
    assert await phone.texts("12") == "es"  # not clear: as before
    clock.forward(days=10)
    assert await phone.texts("the nurse was so kind") == "en"


async def test_a_closed_thread_is_begun_again_in_the_language_of_its_next_text(desk: Desk) -> None:
    phone = Phone(desk)
    await phone.texts("the nurse was so kind")
    await desk.do(lambda work: work.db.execute(update(t.conversation).values(state="closed", owner="nobody")))
    assert await phone.texts("quiero hablar con una persona") == "es"
