"""The wish for no more texts, as people write it; and all that looks like it and is none. Every row was written for this table."""

from __future__ import annotations

import pytest

from handoff.opt_out import CARRIERS, STOPS, Wish, read_wish

# Carriers' own words, however they are typed: Twilio knows these too.
KEYWORDS = [*sorted(STOPS), *sorted(word.lower() for word in STOPS), "  Stop ", "Stop\n", "uNsUbScRiBe"]

# The wish in other words: ours alone to understand.
WISHES = [
    *("stop!!", "Stop.", "STOP!!!", "stp", "sotp", "stpo", "stopp", "stoppppp", "STOOOOP", "stop please", "please stop", "Please STOP now"),
    *(
        "pls stop",
        "plz stop it",
        "stop stop stop",
        "ok stop",
        "stop all",
        "stop it",
        "stop this please",
        "stop now!",
        "stop texts",
        "Stop sms",
        "St0p",
        "fuck off stop",
        "stop this shit",
    ),
    *(
        "wrong number",
        "You have the wrong number",
        "sorry, wrong number",
        "Wrong person!",
        "número equivocado",
        "se ha equivocado de número",
    ),
    *("please stop texting me", "stop texting me", "Stop txting me", "can you stop texting me", "could you please stop texting me"),
    *("I want you to stop texting me", "I said stop texting me!!", "stop messaging me", "leave me alone, stop messaging", "leave me alone"),
    *("please leave me alone", "stop sending me messages", "stop sending me these", "stop sending texts", "stop sending me surveys"),
    *("stop these messages", "Stop the texts", "please stop all texts to this number", "quit texting me", "quit sending me texts"),
    *("no more texts", "no more messages please", "No more text messages", "no more", "no texts please", "no more sms", "dont text me"),
    *("don't text me again", "do not text me anymore", "please do not text this number", "never text me again", "do not contact me again"),
    *("don't message me", "dont send me texts", "don't send me any more messages", "do not send me messages", "stop contacting me"),
    *("stop bothering me", "stop spamming me", "stop harassing me", "take me off your list", "Take me off this list please"),
    *("remove me from your list", "remove me from your texting list", "please remove my number", "delete my number", "lose my number"),
    *(
        "take my number off your list",
        "remove me",
        "remove me from these texts",
        "get me off this list",
        "opt out",
        "opt-out",
        "Opt me out",
    ),
    *(
        "I want to opt out",
        "i'd like to opt out of these texts",
        "opting out",
        "OPT OUT please",
        "unsubcribe",
        "unsuscribe",
        "unsubscibe me",
    ),
    *("Unsubscribe me please", "please unsubscribe", "unsubscribe from this", "i wish to unsubscribe", "unsubsribe", "cancel please"),
    *("cancel my subscription", "cancel these texts", "end these messages", "end please", "quit please", "revoke my consent"),
    *("I revoke consent to be texted", "i withdraw my consent", "I don't want these texts", "i do not want any more messages from you"),
    *("I no longer want to receive texts", "i no longer wish to get these messages", "I don't want to be texted", "i dont want your texts"),
    *("I never asked for these messages", "wrong number, stop texting", "This is not Maria, please stop texting me", "turn off texts"),
    *(
        "The nurse was lovely but please stop texting me",
        "I have told you already. Stop sending me texts.",
        "discontinue texts",
        "yes stop",
    ),
    *("alto", "¡Alto!", "basta", "Basta ya", "basta por favor", "alto por favor", "no más mensajes", "No mas mensajes por favor", "no más"),
    *(
        "dejen de escribirme",
        "deje de mandarme mensajes",
        "por favor dejen de enviarme mensajes",
        "dejen de molestarme",
        "deja de escribirme",
    ),
    *("paren de mandar mensajes", "paren los mensajes", "no me escriban más", "no me manden más mensajes", "no me envíen más textos"),
    *(
        "no me escriban",
        "por favor no me molesten más",
        "no quiero más mensajes",
        "no quiero recibir mensajes",
        "ya no quiero recibir sus mensajes",
    ),
    *(
        "no deseo recibir más textos",
        "cancelar suscripción",
        "cancelar",
        "cancelen mi suscripción",
        "cancelar los mensajes",
        "quiero darme de baja",
    ),
    *("denme de baja", "deme de baja por favor", "borren mi número", "eliminen mi número de teléfono", "quítenme de su lista"),
    *(
        "sáquenme de la lista",
        "déjenme en paz",
        "parar",
        "desuscribirme",
        "no quiero que me escriban",
        "basta de mensajes",
        "stop por favor",
    ),
]

# Stories, answers, wishes of other kinds.
STORIES = [
    *("the bleeding would not stop", "I had to cancel my appointment", "at the end of the visit", "please stop keeping patients waiting"),
    *("they called the wrong number", "the wrong number of pills", "I was given the wrong person's results", "yes please", "start please"),
    *("quit smoking clinic", "yes the nurse was kind", "stop waiting", "I'd like to stop waiting", "the pain won't stop", "make it stop"),
    *("please make the pain stop", "they would not stop talking", "nothing stopped the itching", "I stopped taking the pills"),
    *("Should I stop taking my tablets?", "can I stop the antibiotics", "the bus stop is too far away", "they told me to stop smoking"),
    *("I quit smoking last year", "I quit my job because of the pain", "I ended up waiting three hours", "in the end it was fine"),
    *("end of the day appointments would help", "it was good at the end", "my appointment was cancelled", "you cancelled on me twice"),
    *(
        "cancel my appointment",
        "please cancel my callback",
        "can you cancel the call",
        "how do I cancel an appointment",
        "cancel the call please",
    ),
    *(
        "I never got the text message about my appointment",
        "no text reminder came",
        "I got no message from you",
        "nobody sent me a message",
    ),
    *(
        "the text messages were helpful",
        "I like getting texts",
        "please don't stop texting me",
        "they did not stop messaging until I answered",
    ),
    *("you don't text me back", "they don't text me the results", "the doctor was texting the whole time", "the receptionist kept texting"),
    *(
        "staff should stop texting and look at patients",
        "the nurse would not stop texting on her phone",
        "why did you not send me a message",
    ),
    *("take me off the waiting list for surgery", "they took me off the list", "I was removed from the list", "take me off these tablets"),
    *("they left me alone for two hours", "I was left alone in the corridor", "the nurses would leave me alone for hours", "help me"),
    *("don't leave me alone with that doctor again", "I could not opt out of the student being there", "I had to opt out of the trial"),
    *(
        "more information please",
        "no information was given",
        "I need help with my bill",
        "yes",
        "Yes.",
        "start",
        "yes please",
        "starting next week",
    ),
    *(
        "to start with, parking was awful",
        "2",
        "good",
        "poor",
        "no",
        "never",
        "not at all",
        "no thanks",
        "all good",
        "ok",
        "no more pain since then",
    ),
    *("no more waiting than usual", "I don't want to complain", "I do not want to see him again", "dont worry", "do not call me at work"),
    *(
        "I withdrew consent and they went on",
        "nobody asked for my consent",
        "the stop sign outside is broken",
        "shop",
        "top",
        "step up your game",
    ),
    *(
        "nonstop ringing phones",
        "it was stop and go",
        "stop asking me questions",
        "can we skip the survey",
        "the end",
        "full stop, it was awful",
    ),
    *(
        "la espera no paró",
        "tuve que cancelar mi cita",
        "quiero cancelar mi cita",
        "al final de la visita",
        "el doctor es alto",
        "muy alto el ruido",
    ),
    *(
        "la tensión alta",
        "me dieron de baja en el trabajo",
        "necesito la baja médica",
        "no me dejaron pasar",
        "dejen de hacer esperar a la gente",
    ),
    *(
        "no me enviaron los resultados",
        "no me mandaron ningún mensaje",
        "no recibí el mensaje",
        "el dolor no para",
        "con eso basta para mí",
    ),
    *("dejé de fumar", "me dejaron en paz por fin", "no quiero volver", "no quiero más dolor", "sí", "bien", "no me escribieron nunca"),
    *(
        "ayúdeme con la factura",
        "para mí estuvo bien",
        "paré de tomar las pastillas",
        "pasé una noche mala",
        "el servicio de mensajes funciona bien",
    ),
]


@pytest.mark.parametrize("text", KEYWORDS)
def test_a_word_of_the_carriers_alone_is_theirs(text: str) -> None:
    wish = read_wish(text)
    assert wish is not None
    assert (wish.wish, wish.keyword) == (Wish.STOP, True)


@pytest.mark.parametrize("text", WISHES)
def test_the_wish_for_no_more_texts_is_understood_in_other_words(text: str) -> None:
    wish = read_wish(text)
    assert wish is not None
    assert (wish.wish, wish.keyword) == (Wish.STOP, False)


@pytest.mark.parametrize("text", STORIES)
def test_a_story_is_no_wish(text: str) -> None:
    wish = read_wish(text)
    assert wish is None or wish.wish is not Wish.STOP


@pytest.mark.parametrize(
    ("text", "wish", "keyword"),
    [
        ("START", Wish.START, True),
        (" unstop", Wish.START, True),
        ("yes", Wish.START, True),
        ("Yes.", Wish.START, False),
        ("opt in", Wish.START, False),
        ("HELP", Wish.HELP, True),
        ("info", Wish.HELP, True),
        ("help!", Wish.HELP, False),
        ("help please", Wish.HELP, False),
        ("Info, please", Wish.HELP, False),
        ("ayuda", Wish.HELP, False),
    ],
)
def test_start_and_help(text: str, wish: Wish, keyword: bool) -> None:
    found = read_wish(text)
    assert found is not None
    assert (found.wish, found.keyword) == (wish, keyword)


def test_recall_and_false_alarms_over_the_whole_table(capsys: pytest.CaptureFixture[str]) -> None:
    missed = [text for text in WISHES if (found := read_wish(text)) is None or found.wish is not Wish.STOP]
    alarms = [text for text in STORIES if (found := read_wish(text)) is not None and found.wish is Wish.STOP]
    with capsys.disabled():
        print(f"\nopt-out: {len(WISHES)} wishes, {len(missed)} missed; {len(STORIES)} stories, {len(alarms)} taken for wishes")
    assert len(WISHES) + len(STORIES) >= 150
    assert (missed, alarms) == ([], [])


def test_the_carriers_words_are_thirteen() -> None:
    assert len(CARRIERS) == 13
    assert all(read_wish(word) is not None for word in CARRIERS)
