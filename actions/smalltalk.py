"""Everything beside the survey: a short honest answer, then back to the open question."""

from __future__ import annotations

from collections.abc import Callable

from actions.survey import ask_next
from actions.turn import Answer, Turn
from handoff import signals as sig


def then_go_on(key: str) -> Callable[[Turn], Answer]:
    """Say `key`, then put the open question again."""

    def reply(turn: Turn) -> Answer:
        return ask_next(turn, Answer(), turn.say(key))

    return reply


def off_topic(turn: Turn) -> Answer:
    call = turn.say("call_us") if turn.phone else ""
    return ask_next(turn, Answer(), turn.say("off_topic"), call)


def goodbye(turn: Turn) -> Answer:
    """No question after a goodbye: what is answered is stored, and a return finds its place."""
    return Answer().say(turn.say("goodbye"))


def greet_first(turn: Turn, answer: Answer) -> Answer:
    """A first text is greeted and taken for what it is. Words that answer nothing are kept, thanked for, and the first question follows.

    Who asks for a person, or is in danger, is not kept waiting with our name.
    """
    if any(isinstance(signal, sig.WantsPerson | sig.Unsafe) for signal in answer.signals):
        return answer
    asked_again = any(isinstance(signal, sig.Asked) and signal.attempt > 1 for signal in answer.signals)
    is_greeting = turn.intent == "greet" or not any(char.isalnum() for char in turn.text)
    if turn.question is not None and (asked_again or is_greeting):
        thanks = "" if is_greeting or len(turn.text.split()) < 3 else turn.say("thank_you_more")
        return ask_next(turn, Answer(), turn.say("hello"), thanks)
    answer.replies.insert(0, turn.say("hello"))
    return answer
