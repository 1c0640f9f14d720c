"""What somebody in danger writes on that wants an answer at once: a question, that they are scared, that they have called. Pure.

What is answered is never advice, never a promise that anybody comes to them, and no question back.
"""

from __future__ import annotations

import re
from enum import StrEnum

from handoff.plain import plain
from handoff.question import is_question


class Asks(StrEnum):
    SURVEY = "survey"  # to go on with it, or to stop
    HELP = "help"  # that we send somebody
    CALLED = "called"  # they have called already: no question, and it is heard
    ADVICE = "advice"  # what to do, how bad it is
    FEAR = "fear"
    QUESTION = "question"  # any other


SHORT = 7  # words; what is longer tells of more than the wish that we send somebody
_SURVEY = re.compile(r"\b(?:survey|questionnaire|questions|encuesta|cuestionario|preguntas)\b")
# Whole messages: "I can't go on" is another matter.
_GO_ON = re.compile(
    r"(?:can|could|may) (?:i|we) (?:go on|carry on|continue|finish)|(?:i )?(?:want|would like|id like|wanna) to (?:go on|carry on|continue|"
    r"finish|stop)|(?:lets |let us )?(?:go on|carry on|continue)|next(?: one)?|(?:please )?stop|stop (?:it|asking|this)|"
    r"(?:puedo|podemos|quiero|quisiera|me gustaria) (?:seguir|continuar|terminar|acabar|parar)|sigamos|seguir|siga|sigue|continuar|"
    r"siguiente|para|pare|parar|basta|ya basta"
)
_RESCUE = r"(?:police|cops|ambulance|paramedics|help|someone|somebody|anyone|anybody|policia|ambulancia|ayuda|alguien)"
_HELP = re.compile(
    rf"\b(?:(?:send|sending|sent|call|calling|get|getting) (?:me |us |him |her |them )?(?:the |an |a |some |out )?{_RESCUE}|"
    rf"(?:is|are) (?:the |an )?(?:{_RESCUE}|they|you) (?:coming|on (?:the|its|their) way)|"
    rf"(?:mand\w+|envi\w+|llam\w+) (?:a )?(?:la |una )?{_RESCUE}|vien?en? (?:ya )?(?:la |una )?{_RESCUE})\b"
)
_TOLD_US = re.compile(r"(?:please |por favor )*(?:send|call|get|mand\w+|envi\w+)\b")  # a question or not
_CALLED = re.compile(
    r"\b(?:(?:have |has |had |ive |weve |just |already |i |we |he |she |they )+(?:called|rang|rung|phoned|texted|spoken? to|talked to) "
    r"(?:the |an |to )*(?:\d{3,6}|ambulance|police|samaritans|crisis|hotline|helpline|lifeline|emergency|them)|"
    r"(?:ambulance|police|paramedics) (?:is |are )?(?:here|coming|on (?:the|its|their) way)|"
    r"(?:he|hemos|ha|ya) (?:ya )?(?:llamado|llame) (?:al|a la|a una|a) (?:\d{3,6}|ambulancia|policia|emergencias|telefono)|"
    r"(?:ya )?(?:viene|vienen|esta|estan) (?:ya )?(?:aqui )?la (?:ambulancia|policia))\b"
)
_ADVICE = re.compile(
    r"\b(?:(?:should|shall|must|can|could) (?:i|we|he|she|they) (?!see |read |talk |speak |have |ask |stay )|"
    r"(?:do|does) (?:i|we|he|she) (?:need|have) to|"
    r"what (?:should|can|do|shall|must) (?:i|we) do|(?:will|am) (?:i|he|she) (?:going to )?(?:die|be ok|be okay|be alright|be all right)|"
    r"is (?:it|this|that) (?:dangerous|bad|serious|too many|too much|enough)|(?:que|como) (?:hago|hacemos|debo|puedo|tengo que)|"
    r"(?:debo|deberia|deberiamos|tengo que|puedo|podemos) (?:vomitar|provocar\w*|tomar\w*|beber|comer|ir|llamar|esperar|dormir)|"
    r"(?:es|sera) (?:peligroso|grave|demasiado)|me voy a morir|me (?:voy|vamos) a poner bien)"
)
_FEAR = re.compile(
    r"\b(?:(?:im|i am|were|we are|feel|feeling|getting) (?:so |very |really |too |all |just |still )*(?:scared|afraid|frightened|terrified|"
    r"alone|panicking|shaking|desperate)|help me|please help|(?:i )?need help|dont leave me|dont go|(?:i )?dont know what to do|so scared|"
    r"(?:tengo|me da) (?:mucho |tanto )?miedo|estoy (?:muy |tan )?(?:asustad[oa]|sol[oa]|aterrad[oa]|desesperad[oa])|ayud(?:a|e|en)me|"
    r"necesito ayuda|no se que hacer|no me dejen?s?)\b"
)
_CALLS = frozenset({"hello", "hi", "hey", "anyone", "anybody", "someone", "hola", "alguien", "oiga"})
_AROUND = frozenset("please ok okay then now por favor vale ahora entonces".split())


def asks_what(text: str) -> Asks | None:
    """None: it is said to whoever comes."""
    bare = " ".join(word for word in plain(text).split() if word not in _AROUND)
    asks = is_question(text)
    if _SURVEY.search(bare) or _GO_ON.fullmatch(bare):
        return Asks.SURVEY
    if len(bare.split()) <= SHORT and _HELP.search(bare) and (asks or _TOLD_US.match(bare)):
        return Asks.HELP
    if _CALLED.search(bare) and not asks:
        return Asks.CALLED
    if asks and _ADVICE.search(bare):
        return Asks.ADVICE
    if _FEAR.search(bare):
        return Asks.FEAR
    return Asks.QUESTION if asks or bare.split(" ")[0] in _CALLS else None
