"""A text of some length tells something: it is no command, whatever the model takes it for."""

from __future__ import annotations

import pytest

from actions.reply import SKILLS
from actions.sureness import NEEDS, OF_THE_SURVEY
from handoff import signals as sig
from tests.bot.saying import answered, say

WHY = {"progress": {"overall": {"value": "good", "state": "answered"}}, "asked": "why"}
STORIES = [
    ("love that for me. wrong leg xrayed", 0.54),
    ("What a great way to spend my birthday, six hours on a plastic chair", 0.97),
    ("back and forth between two desks all morning long with nobody helping", 0.99),
    ("hello and goodbye is all the doctor said to me that day", 0.95),
    ("qué manera de pasar mi cumpleaños, seis horas en una silla de plástico", 0.97),
]


@pytest.mark.parametrize("intent", sorted(SKILLS.keys() - NEEDS - OF_THE_SURVEY))
@pytest.mark.parametrize(("text", "sure"), STORIES)
def test_a_story_is_asked_about_and_not_taken_for_a_command(text: str, sure: float, intent: str) -> None:
    answer = say(text, intent=intent, sure=sure)
    assert answer.signals == [sig.Asked("fft", "overall", 2)]
    assert answer.replies == ["Thank you for telling us. I don't want to guess your answer: which of these fits best?"]
    assert answered(say(text, intent=intent, sure=sure, **WHY)) == [f"why={text}"]


@pytest.mark.parametrize("intent", sorted(OF_THE_SURVEY))
@pytest.mark.parametrize("text", [text for text, _ in STORIES])
def test_nor_for_a_wish_about_the_survey_where_the_model_is_not_sure(text: str, intent: str) -> None:
    assert say(text, intent=intent, sure=0.55).signals == [sig.Asked("fft", "overall", 2)]


@pytest.mark.parametrize(
    ("text", "intent", "sure", "said"),
    [
        ("go back", "go_back", 0.5, "no earlier question"),
        ("can we go back please", "go_back", 0.8, "no earlier question"),
        ("I want to go back and change what I said before this one", "go_back", 0.95, "no earlier question"),
        ("can you tell me what the weather will be like tomorrow", "off_topic", 0.95, "only collect feedback"),
        ("I need to change my appointment because my car is broken", "off_topic", 0.95, "only collect feedback"),
        ("¿me puede decir a qué hora abre la farmacia del hospital mañana?", "off_topic", 0.95, "only collect feedback"),
        ("please stop asking me these questions, I am busy and have to go", "stop_survey", 0.95, "I'll stop asking"),
        ("I made a mistake in the last answer and want to go back", "go_back", 0.99, "no earlier question"),
        ("does anyone actually read the things people write in here", "ask_privacy", 0.61, "You don't have to give your name"),
        ("who is going to read all of the things that I write here", "ask_privacy", 0.95, "You don't have to give your name"),
    ],
)
def test_a_command_is_heard_and_so_is_a_long_request(text: str, intent: str, sure: float, said: str) -> None:
    assert said in say(text, intent=intent, sure=sure).replies[0]


@pytest.mark.parametrize("intent", sorted(NEEDS))
def test_who_needs_somebody_may_say_so_at_any_length(intent: str) -> None:
    answer = say("what a day it was and after six hours on a plastic chair I do not know what to do", intent=intent, sure=0.81)
    assert {sig.WantsPerson, sig.Unsafe} & set(map(type, answer.signals))
