"""Everything beside the survey: a short honest answer, then back to the open question."""

from __future__ import annotations

from collections.abc import Callable

from actions.survey import ask_next
from actions.turn import Answer, Turn


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
