"""What somebody in danger writes on that wants an answer at once: a question, or a word about the questions that have stopped. Pure."""

from __future__ import annotations

import re
from enum import StrEnum

from handoff.plain import plain
from handoff.question import is_question


class Asks(StrEnum):
    QUESTION = "question"
    SURVEY = "survey"  # to go on with it, or to stop


_SURVEY = re.compile(r"\b(?:survey|questionnaire|questions|encuesta|cuestionario|preguntas)\b")
# Whole messages: "I can't go on" is another matter.
_GO_ON = re.compile(
    r"(?:can|could|may) (?:i|we) (?:go on|carry on|continue|finish)|(?:i )?(?:want|would like|id like|wanna) to (?:go on|carry on|continue|"
    r"finish|stop)|(?:lets |let us )?(?:go on|carry on|continue)|next(?: one)?|(?:please )?stop|stop (?:it|asking|this)|"
    r"(?:puedo|podemos|quiero|quisiera|me gustaria) (?:seguir|continuar|terminar|acabar|parar)|sigamos|seguir|siga|sigue|continuar|"
    r"siguiente|para|pare|parar|basta|ya basta"
)
_CALLS = frozenset({"hello", "hi", "hey", "anyone", "anybody", "someone", "hola", "alguien", "oiga"})
_AROUND = frozenset("please ok okay then now por favor vale ahora entonces".split())


def asks_what(text: str) -> Asks | None:
    """None: it is said to whoever comes."""
    bare = " ".join(word for word in plain(text).split() if word not in _AROUND)
    if _SURVEY.search(bare) or _GO_ON.fullmatch(bare):
        return Asks.SURVEY
    return Asks.QUESTION if is_question(text) or bare.split(" ")[0] in _CALLS else None
