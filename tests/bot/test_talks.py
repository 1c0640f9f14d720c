"""Whole conversations with the trained bot: what a patient does, what the service is told, what the patient reads.

A step: `open`, `back` or `back:<what happened meanwhile>`, `press:<button title>`, else the patient's words; then the signals of that turn,
word for word; then a piece of what the bot says (`-`: it says nothing).
"""

from __future__ import annotations

import pytest

from tests.bot.running import Running

Step = tuple[str, list[str], str]
OPEN: Step = ("open", ["survey_started", "asked overall 1"], "Overall, how was your experience")
ABRIR: Step = ("open", ["survey_started", "asked overall 1"], "¿cómo fue su experiencia")
GOOD: Step = ("good", ["answered overall=good", "asked why 1"], "why you gave your answer")
DONE = ["survey_completed", "asked follow_up 1"]
ENDED = ["asked nothing 1"]
NOT_ANY = ["asked nothing 1"]
WHY = "waited a bit, but the nurses were kind"

TALKS: dict[str, tuple[str, str, list[Step]]] = {
    "happy": ("en", "fft", [
        ("open", ["survey_started", "asked overall 1"], "I'm a computer program"),
        ("very good", ["answered overall=very_good", "asked why 1"], "good to hear"),
        ("the nurses were kind", ["answered why=the nurses were kind", *DONE], "good to know what went well"),
        ("no thanks", ["follow_up no", *ENDED], "Thank you for your time"),
    ]),
    "a complaint after a good score: no cheerful thanks either": ("en", "fft", [
        OPEN, GOOD,
        ("I waited four hours in the corridor, it was awful and dirty and nobody cared", ["answered why=I waited four hours in the corridor, it was awful and dirty and nobody cared", *DONE], "Thank you for telling us."),
    ]),
    "sarcasm is no score": ("en", "fft", [
        OPEN, ("Oh wonderful, another survey from the people who lost my bloods. Bravo.", ["asked overall 2"], "which of these fits best?"),
        ("press:Very poor", ["answered overall=very_poor", "wants_person low_score"], "sorry"),
    ]),
    "distress after a good score": ("en", "fft", [
        OPEN, GOOD, ("I've been really down and don't see a way forward", ["answered why=I've been really down and don't see a way forward", *DONE], "Thank you for telling us.\nWould"),
    ]),
    "a death, and praise": ("en", "fft", [
        OPEN, ("My nan passed away here in March and the staff were wonderful", ["answered overall=very_good", "asked why 1"], "Thank you.\nPlease"),
    ]),
    "sad: no cheerful thanks": ("en", "fft", [
        OPEN,
        ("it was terrible", ["answered overall=very_poor", "wants_person low_score"], "I'm sorry"),
        ("back", ["asked why 1"], "why you gave your answer"),
        ("they lost my results", ["answered why=they lost my results", *DONE], "I'm sorry it was like that for you"),
        ("yes", ["follow_up yes", *ENDED], "-"),
    ]),
    "buttons": ("en", "fft", [
        OPEN,
        ("press:Good", ["answered overall=good", "asked why 1"], "why you gave"),
        ("friendly staff", ["answered why=friendly staff", *DONE], "look into this and answer you"),
        ("press:Yes, please", ["follow_up yes", *ENDED], "-"),
    ]),
    "a story that ends with a wish for a person": ("en", "fft", [
        OPEN, GOOD,
        ("I waited two hours and nobody told me why. Can I talk to someone?",
         ["answered why=I waited two hours and nobody told me why.", *DONE, "wants_person asked"], "Of course."),
        ("back", ["asked follow_up 1"], "look into this"),
    ]),
    "a wish in the middle of a score": ("en", "fft", [
        OPEN, ("very good thank you but I would still like to speak to a nurse about my bill",
         ["answered overall=very_good", "wants_person asked"], "Of course."),
        ("back", ["asked why 1"], "why you gave"),
    ]),
    "a wish with a few words beside it is no answer": ("en", "fft", [
        OPEN, GOOD, ("I waited two hours, let me talk to someone", ["wants_person asked"], "Of course."),
        ("back:person_helped", ["asked why 1"], "why you gave"),
        ("nobody told me anything", ["answered why=nobody told me anything", *DONE], "look into this"),
    ]),
    "un deseo en medio de una historia": ("es", "fft", [
        ABRIR, ("esperé dos horas y nadie me dijo nada, quisiera hablar con un encargado por favor", ["wants_person asked"], "Por supuesto."),
    ]),
    "a story about talking is no wish": ("en", "fft", [
        OPEN, GOOD, ("they did talk to a doctor for me", ["answered why=they did talk to a doctor for me", *DONE], "look into this"),
    ]),
    "good morning is a greeting": ("en", "fft", [OPEN, ("Good morning!", ["asked overall 1"], "Hello!"), GOOD]),
    "had better is no emergency": ("en", "fft", [OPEN, ("I've had better", ["answered overall=neither", "asked why 1"], "why you gave")]),
    "better than that is not possible": ("en", "fft", [OPEN, ("couldn't be better", ["answered overall=very_good", "asked why 1"], "why you gave")]),
    "a button says no": ("en", "fft", [OPEN, GOOD, ("skip", ["skip why", *DONE], "answer you"), ("press:No, thank you", ["follow_up no", *ENDED], "fine")]),
    "skips all": ("en", "fft", [OPEN, ("skip", ["skip overall", *DONE], "look into this"), ("no", ["follow_up no", *ENDED], "fine")]),
    "rather not say": ("en", "fft", [OPEN, GOOD, ("I'd rather not say", ["skip why", *DONE], "look into this")]),
    "no is no answer to why": ("en", "fft", [OPEN, GOOD, ("no", ["skip why", *DONE], "look into this")]),
    "yes is no answer to why": ("en", "fft", [OPEN, GOOD, ("yes", ["asked why 2"], "In your own words")]),
    "does not know": ("en", "fft", [
        OPEN,
        ("I don't know", ["answered overall=dont_know", "asked why 1"], "why you gave"),
        ("no idea", ["dont_know why", *DONE], "look into this"),
    ]),
    "corrects at once": ("en", "fft", [OPEN, GOOD, ("sorry I meant neither good nor poor", ["answered overall=neither", "asked why 1"], "Neither good nor poor")]),
    "corrects to a low score": ("en", "fft", [OPEN, GOOD, ("sorry, I meant poor", ["answered overall=poor", "wants_person low_score"], "person")]),
    "corrects after the end": ("en", "fft", [
        OPEN, GOOD, ("skip", ["skip why", *DONE], "look into"),
        ("sorry I meant very good", ["retracted overall", "answered overall=very_good", "survey_completed", "asked follow_up 1"], "Very good"),
    ]),
    "an apology is no correction": ("en", "fft", [
        OPEN, GOOD, ("sorry, but the car park was full and bad", ["answered why=sorry, but the car park was full and bad", *DONE], "answer you"),
    ]),
    "goes back": ("en", "fft", [OPEN, GOOD, ("go back", ["retracted overall", "asked overall 1"], "look at that one again"), ("very good", ["answered overall=very_good", "asked why 1"], "why you")]),
    "goes back from the end": ("en", "fft", [OPEN, GOOD, ("the wait", ["answered why=the wait", *DONE], "answer you"), ("go back", ["retracted why", "asked why 1"], "why you gave")]),
    "nothing to go back to": ("en", "fft", [OPEN, ("go back", ["asked overall 1"], "no earlier question")]),
    "starts again": ("en", "fft", [OPEN, GOOD, ("start again", ["survey_restarted", "asked overall 1"], "from the beginning"), GOOD]),
    "refuses": ("en", "fft", [OPEN, ("stop", ["survey_stopped refused"], "I'll stop asking")]),
    "stops midway": ("en", "fft", [
        OPEN, GOOD, ("stop the survey", ["survey_stopped stopped"], "I'll stop asking"),
        ("thanks", [], "welcome"), ("hello", [], "Hello"), ("no", [], "still here"),
    ]),
    "stop at the follow-up is no": ("en", "fft", [OPEN, GOOD, ("skip", ["skip why", *DONE], "answer you"), ("stop", ["follow_up no", *ENDED], "fine")]),
    "asks why": ("en", "fft", [
        OPEN, ("why do you ask?", ["asked overall 1"], "asked everywhere"), GOOD,
        ("why do you need that?", ["asked why 1"], "doesn't tell the clinic"),
        ("the staff", ["answered why=the staff", *DONE], "answer you"), ("why?", ["asked follow_up 1"], "a member of staff reads"),
    ]),
    "asks how long": ("en", "fft", [OPEN, ("how long will this take?", ["asked overall 1"], "2 more"), GOOD, ("how many questions are left?", ["asked why 1"], "last question")]),
    "asks about privacy": ("en", "fft", [OPEN, ("is it anonymous?", ["asked overall 1"], "You don't have to give your name")]),
    "a robot?": ("en", "fft", [OPEN, ("are you a robot?", ["asked overall 1"], "I'm a computer program, not a person"), GOOD]),
    "medical on a scale": ("en", "fft", [OPEN, ("can I take ibuprofen with my tablets?", ["wants_person clinical"], "can't give medical advice")]),
    "medical on free text": ("en", "fft", [OPEN, GOOD, ("should I stop my tablets before the scan?", ["wants_person clinical"], "can't give medical advice")]),
    "medicine in a story is a story": ("en", "fft", [
        OPEN, GOOD, ("the doctor explained how to take my tablets", ["answered why=the doctor explained how to take my tablets", *DONE], "answer you"),
    ]),
    "off topic": ("en", "fft", [OPEN, ("what's the weather like?", ["asked overall 1"], "only collect feedback"), ("tell me a joke", ["asked overall 1"], "only collect feedback"), GOOD]),
    "other languages": ("en", "fft", [OPEN, ("parlez-vous français?", ["asked overall 1"], "English and Spanish"), ("sprechen Sie Deutsch", ["asked overall 1"], "English and Spanish")]),
    "a story in French is kept": ("en", "fft", [OPEN, GOOD, ("l'infirmière était gentille", ["answered why=l'infirmière était gentille", *DONE], "answer you")]),
    "angry at the bot": ("en", "fft", [OPEN, ("you're not listening", ["wants_person frustrated"], "this has been frustrating")]),
    "angry at the bot on free text": ("en", "fft", [OPEN, GOOD, ("I already told you, this is useless", ["wants_person frustrated"], "sorry")]),
    "angry about the clinic is an answer": ("en", "fft", [
        OPEN, GOOD, ("the doctor did not listen to me", ["answered why=the doctor did not listen to me", *DONE], "answer you"),
    ]),
    "swears at the bot": ("en", "fft", [OPEN, ("fuck you", ["wants_person frustrated"], "sorry")]),
    "rambles": ("en", "fft", [
        OPEN, GOOD,
        (
            "well we came in on the Tuesday I think it was and my sister drove because the bus never came and then we skipped lunch and I asked a "
            "person at the desk who said to stop by the window and go back later so we did",
            [
                "answered why=well we came in on the Tuesday I think it was and my sister drove because the bus never came and then we skipped "
                "lunch and I asked a person at the desk who said to stop by the window and go back later so we did",
                *DONE,
            ],
            "answer you",
        ),
    ]),
    "two answers at once": ("en", "fft", [OPEN, ("very good because the doctor listened to me", ["answered overall=very_good", "answered why=the doctor listened to me", *DONE], "went well")]),
    "two answers at once, low": ("en", "fft", [
        OPEN,
        ("terrible, I waited three hours", ["answered overall=very_poor", "answered why=I waited three hours", *DONE, "wants_person low_score"], "person"),
        ("back", ["asked follow_up 1"], "look into this"),
    ]),
    "silence": ("en", "fft", [
        OPEN, ("", ["asked overall 2"], "tap one of these"), ("   ", ["asked overall 3"], "Put simply"),
        ("...", ["asked overall 4", "wants_person not_understood"], "my fault"),
    ]),
    "silence on free text": ("en", "fft", [OPEN, GOOD, ("?!", ["asked why 2"], "In your own words")]),
    "three failures, then a way out": ("en", "fft", [
        OPEN, ("banana", ["asked overall 2"], "not sure which"), ("purple monkeys", ["asked overall 3"], "Put simply"),
        ("xyzzy", ["asked overall 4", "wants_person not_understood"], "skip it, or talk to a person"),
        ("back", ["asked overall 1"], "Put simply"), ("press:Skip this question", ["skip overall", *DONE], "look into this"),
    ]),
    "typos": ("en", "fft", [OPEN, ("verry god", ["answered overall=very_good", "asked why 1"], "why"), ("teh nurse wos nice", ["answered why=teh nurse wos nice", *DONE], "answer you")]),
    "emoji": ("en", "fft", [OPEN, ("😀", ["answered overall=very_good", "asked why 1"], "why"), ("❤️👏", ["answered why=❤️👏", *DONE], "answer you")]),
    "a number": ("en", "fft", [OPEN, ("2", ["asked overall 2"], "have no numbers"), ("press:Good", ["answered overall=good", "asked why 1"], "why")]),
    "a mark": ("en", "fft", [OPEN, ("four out of five", ["answered overall=good", "asked why 1"], "I've put down: Good")]),
    "a hedge": ("en", "fft", [OPEN, ("meh", ["answered overall=neither", "asked why 1"], "Thank you.")]),
    "negation": ("en", "fft", [OPEN, ("not good", ["answered overall=poor", "wants_person low_score"], "sorry")]),
    "the low-score offer comes once": ("en", "fft", [
        OPEN, ("poor", ["answered overall=poor", "wants_person low_score"], "person"), ("back", ["asked why 1"], "why"),
        ("go back", ["retracted overall", "asked overall 1"], "again"), ("very bad", ["answered overall=very_poor", "asked why 1"], "sorry to hear"),
    ]),
    "follow-up: neither yes nor no": ("en", "fft", [
        OPEN, GOOD, ("skip", ["skip why", *DONE], "answer you"),
        ("maybe", ["asked follow_up 2"], "an answer from the team"), ("also the toilets were dirty", ["asked follow_up 3"], "I've added that"),
        ("hmm", NOT_ANY, "still here"),
    ]),
    "more words after the end": ("en", "fft", [
        OPEN, GOOD, ("skip", ["skip why", *DONE], "answer you"), ("no", ["follow_up no", *ENDED], "fine"),
        ("one more thing, the toilets were dirty", [], "added"), ("bye", [], "Goodbye"),
    ]),
    "danger": ("en", "fft", [OPEN, ("I want to die", ["unsafe self_harm"], "-")]),
    "danger on free text": ("en", "fft", [OPEN, GOOD, ("my chest hurts right now and my arm is numb", ["unsafe emergency"], "-")]),
    "danger at home": ("en", "fft", [OPEN, GOOD, ("my husband hits me", ["unsafe abuse"], "-")]),
    "danger past is praise": ("en", "fft", [
        OPEN, GOOD, ("the nurse saved my life when I had a heart attack", ["answered why=the nurse saved my life when I had a heart attack", *DONE], "went well"),
    ]),
    "greets first": ("en", "fft", [OPEN, ("hello there", ["asked overall 1"], "Hello!"), GOOD]),
    "comes back to the open question": ("en", "fft", [OPEN, GOOD, ("back", ["asked why 1"], "go on"), (WHY, [f"answered why={WHY}", *DONE], "answer you")]),
    "comes back after a person": ("en", "fft", [OPEN, GOOD, ("back:person_helped", ["asked why 1"], "I'm back")]),
    "comes back after the end": ("en", "fft", [OPEN, GOOD, ("skip", ["skip why", *DONE], "answer you"), ("no", ["follow_up no", *ENDED], "fine"), ("back:person_helped", [], "anything else")]),
    "comes back after leaving a message": ("en", "fft", [OPEN, GOOD, ("back:message_left", ["asked why 1"], "Meanwhile")]),
    "Spanish": ("es", "fft", [
        ABRIR, ("muy buena", ["answered overall=very_good", "asked why 1"], "¿Puede decirnos por qué"),
        ("las enfermeras fueron muy amables", ["answered why=las enfermeras fueron muy amables", *DONE], "¿Quiere que lo miremos"),
        ("sí, por favor", ["follow_up yes", *ENDED], "-"),
    ]),
    "Spanish, low": ("es", "fft", [ABRIR, ("fatal", ["answered overall=very_poor", "wants_person low_score"], "Siento")]),
    "Spanish, ways": ("es", "fft", [
        ABRIR, ("¿por qué lo pregunta?", ["asked overall 1"], "misma pregunta"), ("¿eres un robot?", ["asked overall 1"], "programa informático"),
        ("buena", ["answered overall=good", "asked why 1"], "por qué"), ("volver atrás", ["retracted overall", "asked overall 1"], "otra vez"),
        ("empezar de nuevo", ["survey_restarted", "asked overall 1"], "principio"), ("saltar", ["skip overall", *DONE], "¿Quiere que"),
        ("no gracias", ["follow_up no", *ENDED], "Gracias"),
    ]),
    "Spanish, stop": ("es", "fft", [ABRIR, ("no quiero más preguntas", ["survey_stopped refused"], "no pregunto más")]),
    "Spanish, danger": ("es", "fft", [ABRIR, ("no quiero seguir viviendo", ["unsafe self_harm"], "-")]),
    "NPS": ("en", "nps", [
        ("open", ["survey_started", "asked recommend 1"], "recommend Elm Street Clinic"),
        ("eleven", ["asked recommend 2"], "number from 0 to 10"), ("a solid 9", ["answered recommend=9", "asked reason 1"], "main reason"),
        ("kind people", ["answered reason=kind people", *DONE], "answer you"),
    ]),
    "NPS by button": ("en", "nps", [("open", ["survey_started", "asked recommend 1"], "recommend"), ("press:10", ["answered recommend=10", "asked reason 1"], "main reason")]),
    "NPS, low": ("en", "nps", [("open", ["survey_started", "asked recommend 1"], "recommend"), ("3", ["answered recommend=3", "wants_person low_score"], "sorry")]),
}  # fmt: skip


@pytest.mark.parametrize("name", TALKS)
def test_talk(running: Running, name: str) -> None:
    locale, survey, steps = TALKS[name]
    talk = running.talk(locale, survey)
    for said, signals, text in steps:
        if said == "open":
            talk.open()
        elif said == "back" or said.startswith("back:"):
            talk.back(*said.split(":")[1:])
        elif said.startswith("press:"):
            talk.press(said.removeprefix("press:"))
        else:
            talk.say(said)
        assert talk.signals == signals, (said, talk.answer)
        if text == "-":
            assert talk.text == "", said
        else:
            assert text in talk.text, said


def test_at_least_forty_conversations() -> None:
    assert len(TALKS) >= 40


PERSON = {
    "en": ["I want to talk to a person", "can I speak to someone?", "get me a human", "Could somebody from the clinic ring me?"],
    "es": ["quiero hablar con una persona"],
}


@pytest.mark.parametrize(("locale", "words"), [(locale, words) for locale, all_words in PERSON.items() for words in all_words])
def test_a_person_can_be_asked_for_at_every_question(running: Running, locale: str, words: str) -> None:
    for before in ([], ["good"], ["good", "skip"], ["good", "skip", "no"], ["stop"]):
        talk = running.talk(locale)
        talk.open()
        for said in before:
            talk.say(said)
        talk.say(words)
        assert talk.signals == ["wants_person asked"], before
        assert len(talk.answer["replies"]) <= 1


@pytest.mark.parametrize("survey", ["fft", "nps", "cg_cahps_short", "csat"])
@pytest.mark.parametrize("locale", ["en", "es"])
def test_every_survey_can_be_pressed_through_to_its_end(running: Running, survey: str, locale: str) -> None:
    talk = running.talk(locale, survey)
    talk.open()
    for _ in range(20):
        if talk.state == "completed":
            break
        fresh = talk.answer["replies"][-1]["buttons"]
        if fresh:
            talk.turn("button", payload=fresh[0]["payload"])
        else:
            talk.say("the staff were kind" if locale == "en" else "el personal fue amable")
        if any(signal.startswith("wants_person") for signal in talk.signals):
            talk.back()
    assert talk.state == "completed"
    assert talk.asked == "follow_up"


FIRST = {
    "a greeting": ("hi", ["survey_started", "asked overall 1"], ["Elm Street Clinic's assistant", "Overall, how was your experience"], []),
    "an answer": ("very good", ["survey_started", "answered overall=very_good", "asked why 1"], ["assistant", "why you gave"], ["Overall"]),
    "a story": (
        "I came in on Tuesday for my knee and the desk had lost my papers", ["survey_started", "asked overall 1"],
        ["assistant", "I've added that", "Overall, how was"], ["not sure which answer"],
    ),
    "a number, where no line was shown": ("1", ["survey_started", "asked overall 1"], ["assistant", "Overall, how was"], ["Very good,", "not sure"]),
    "a word of a number": ("dup one", ["survey_started", "asked overall 1"], ["assistant", "Overall, how was"], ["not sure"]),
    "a mark": ("4 out of 5", ["survey_started", "answered overall=good", "asked why 1"], ["assistant", "why you gave"], ["Overall"]),
    "a wish for a person": ("I want to talk to a person", ["wants_person asked"], ["Of course."], ["assistant"]),
    "danger": ("I want to die", ["unsafe self_harm"], [], ["assistant"]),
}  # fmt: skip


@pytest.mark.parametrize("name", FIRST)
def test_a_first_text_is_greeted_and_taken_for_what_it_is(running: Running, name: str) -> None:
    said, signals, texts, none_of = FIRST[name]
    talk = running.talk("en")
    talk.say(said, meanwhile=["first_text"])
    assert talk.signals == signals, talk.answer
    assert [text for text in texts if text not in talk.text] == []
    assert [text for text in none_of if text in talk.text] == []
    talk.say("hello again")
    assert "Elm Street Clinic's assistant" not in talk.text  # greeted once
