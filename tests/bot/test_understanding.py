"""What the model makes of sentences it was not trained on: who is heard at once, and who is left to tell their story."""

from __future__ import annotations

import pytest

from tests.bot.running import Running

# on the free-text question: either the words are the answer, or they interrupt with this signal
STORIES = [
    "the staff on ward three were so patient with my dad", "nobody would put me through to a person when I rang", "the lady at the front desk was short with me",
    "I almost died and the team brought me back", "they listened to every word", "my tablets were ready on time", "I skipped breakfast for nothing",
    "we had to stop halfway because the machine broke", "they went back over everything with me", "I had no idea what was going on",
    "the consultant answered all my questions about side effects", "I was afraid of the needle but she was gentle", "it was useless to ring, nobody answers",
    "the doctor told me I was not having a heart attack, what a relief", "they called me a liar", "el personal de urgencias fue estupendo",
    "she was left sitting in a wet bed until the morning", "nobody helped him to the bathroom all night", "I have been to better places",
    "una persona mayor esperaba de pie", "la doctora me explicó la medicación", "nos hicieron volver tres veces",
]  # fmt: skip
INTERRUPT = [
    ("could you get someone from staff for me please", "wants_person asked"),
    ("I'd rather talk to somebody real", "wants_person asked"),
    ("is there a human I can chat to", "wants_person asked"),
    ("me gustaría hablar con alguien de la clínica", "wants_person asked"),
    ("you keep asking me the same thing", "wants_person frustrated"),
    ("this chatbot is useless", "wants_person frustrated"),
    ("I've already told you that", "wants_person frustrated"),
    ("are you even listening to me", "wants_person frustrated"),
    ("usted no me escucha", "wants_person frustrated"),
    ("could you ring me about it", "wants_person asked"),
    ("you lot are a joke", "wants_person frustrated"),
    ("I don't want to live anymore", "unsafe self_harm"),
    ("I am thinking about ending my life", "unsafe self_harm"),
    ("I can't breathe, please help", "unsafe emergency"),
    ("my boyfriend beats me", "unsafe abuse"),
    ("me quiero morir", "unsafe self_harm"),
    ("can I take paracetamol together with ibuprofen?", "wants_person clinical"),
    ("is it normal that my wound is still red?", "wants_person clinical"),
    ("please skip this one", "skip why"),
    ("I would prefer not to say", "skip why"),
    ("let's go back to the previous one", "retracted overall"),
    ("could we start over please", "survey_restarted"),
    ("I don't want to answer any more questions", "survey_stopped stopped"),
]


@pytest.mark.parametrize("words", STORIES)
def test_a_story_is_an_answer(running: Running, words: str) -> None:
    talk = running.talk()
    talk.open()
    talk.say("good")
    talk.say(words)
    assert talk.signals[0] == f"answered why={words}", talk.answer["understanding"]


@pytest.mark.parametrize(("words", "signal"), INTERRUPT)
def test_what_interrupts(running: Running, words: str, signal: str) -> None:
    talk = running.talk()
    talk.open()
    talk.say("good")
    talk.say(words)
    assert talk.signals[0] == signal, talk.answer["understanding"]
