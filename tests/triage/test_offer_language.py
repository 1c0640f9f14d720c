"""Who writes in another language of the clinic is offered a person in it. On both databases."""

from __future__ import annotations

import pytest

from handoff import signals as sig
from handoff.store import tables as t
from tests.cast import Cast
from tests.triage.test_deciding import answers, texts

FRUSTRATED = "Siento que esté resultando tan frustrante."
COMPLEX = "Gracias por contármelo."


@pytest.mark.parametrize(
    ("locale", "words", "offer", "spoken"),
    [
        ("en", "me cobraron dos veces y nadie me responde", COMPLEX, "es"),
        ("en", "estoy harta, son unos inútiles y esto es una vergüenza, nadie me contesta", FRUSTRATED, "es"),
        ("es", "you people are a joke", "I'm sorry, this has been frustrating.", "en"),
        ("en", "you people are a joke", "I'm sorry, this has been frustrating.", "en"),
    ],
)
async def test_an_offer_is_made_in_the_language_of_the_message(cast: Cast, locale: str, words: str, offer: str, spoken: str) -> None:
    await cast.desk.do(lambda work: work.db.execute(t.conversation.update().values(locale=locale)))
    await cast.writes(words)
    await answers(cast, "And why was that?")
    assert (await texts(cast))[-2].startswith(offer)
    assert [row["locale"] for row in await cast.rows(t.conversation)] == [spoken]


async def test_so_is_one_that_the_bot_makes(cast: Cast) -> None:
    await cast.writes("nadie me responde")
    await answers(cast, "I'm sorry, I'm not getting this right.", signals=(sig.WantsPerson("frustrated", "nadie me responde"),))
    assert (await texts(cast))[-2].startswith(FRUSTRATED)
    assert "I'm sorry, I'm not getting this right." not in await texts(cast)
