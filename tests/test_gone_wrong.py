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
10 for never listening
un 10 por tratarme como a un perro
Genial, cita cancelada otra vez
un 10 por hacerme llorar
Perfecto. Sin avisar, como siempre.
Excelente, perdieron mis análisis
Muy bien, cuatro horas esperando
10 si le gusta esperar bajo la lluvia
estupendo, nadie me llamó
Great, sat in A&E all night and was sent away
Oh brilliant, they gave me somebody else's results
Perfect score for the world's slowest reception
10 for leaving my dad on the floor
Wonderful, phoned forty times and no answer
Superb. Booked for the wrong day again
Excellent work, you broke my tooth
five stars, would be ignored again
Amazing how you managed to lose a whole file
great job misplacing my urine sample
10/10 would wait nine hours again
very good at cancelling
Lovely, my referral never arrived
10 if being shouted at is your thing
nice, I was left bleeding in the waiting room
outstanding, the heating was broken and nobody cared
perfect, the doctor did not even look at me
Excelente, cinco horas para nada
un 10 por dejarme tirada en el pasillo
Muy bien, se olvidaron de mí
Estupendo, la recepcionista me colgó
maravillosa espera de seis horas
10 por no contestar nunca al teléfono
awesome, my appointment got moved for the third time
loved it, being told off in front of everyone
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
10/10 for not making me wait
10 for never giving up on me
un 10 por tratarme tan bien
Excellent, the nurse was gentle and explained everything
Very good, seen on time
10/10 for making my daughter laugh
Great, they called me back within the hour
wonderful staff, never felt rushed
perfect, no waiting at all
9, friendly and clean
Excellent, I was worried but they put me at ease
very good, open late which helps with my job
amazing, they stayed two hours after closing to see me
brilliant, phoned me before I even asked
Good, short wait and kind people
10 because nobody made me feel small
great, the doctor listened for half an hour
excellent care after my surgery was moved forward
Very good, 24 hours a day someone was there
10 for keeping us informed all the way
superb, they never gave up on me
fantastic, lost weight thanks to the dietitian
good, I got lost but the porter walked me there
Muy buena, todo rápido y sin esperas
Excelente, la doctora me escuchó
un 10 por el trato
Muy bien, llegué tarde y me atendieron igual
perfecta, me llamaron por la tarde
buena, nunca tuve que esperar
genial, me explicaron todo sin prisas
estupenda, nadie me metió prisa
excellent, my mum cried with relief
Great, they caught a mistake in my prescription
""".strip().splitlines()


@pytest.mark.parametrize("text", WRONG)
def test_what_went_wrong_is_seen(text: str) -> None:
    assert has_gone_wrong(text)


@pytest.mark.parametrize("text", MEANT)
def test_what_did_not_or_was_put_right_is_praise(text: str) -> None:
    assert not has_gone_wrong(text)
