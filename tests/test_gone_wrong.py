"""Which messages that begin with praise speak of something that went wrong."""

from __future__ import annotations

import pytest

from handoff.gone_wrong import has_gone_wrong

WRONG = """
10/10 for making me cry in public
10 out of 10 if you like waiting in the rain
a solid 10 for ignoring me
Excellent! Another cancelled appointment!
Perfect. Cancelled again with no notice.
good one. you cancelled my surgery twice
Brilliant, lost my notes
Fantastic, the wrong knee
great, six hours on a trolley
Wonderful. The receptionist was rude as ever.
ten out of ten for keeping me waiting
excellent, nobody told me anything
very good, never called me back
Awesome, left in the corridor again
5 stars for not turning up
Genial, cita cancelada otra vez
un 10 por hacerme llorar
Perfecto. Sin avisar, como siempre.
Excelente, perdieron mis análisis
Muy bien, cuatro horas esperando
10 si le gusta esperar bajo la lluvia
estupendo, nadie me llamó
""".strip().splitlines()
MEANT = """
Very good, they fixed what another hospital got wrong
excellent, waited only 5 minutes
10/10 for making me feel at ease
a solid 10 for keeping me informed
great, nothing went wrong
excellent, not late at all
very good, never had to wait
perfect, no delays
wonderful, she noticed the mistake of my old clinic
brilliant, they found my lost ring
excellent, they held my hand when I cried and calmed me
good, I cried with joy
muy buena, no hubo retrasos
excelente, me ayudaron cuando estaba perdida
Muy bien, por la tarde me llamaron
un 10 por escucharme
buenas tardes
""".strip().splitlines()


@pytest.mark.parametrize("text", WRONG)
def test_what_went_wrong_is_seen(text: str) -> None:
    assert has_gone_wrong(text)


@pytest.mark.parametrize("text", MEANT)
def test_what_did_not_or_was_put_right_is_praise(text: str) -> None:
    assert not has_gone_wrong(text)
