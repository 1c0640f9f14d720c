"""A no to a person or a call, said beside an answer or alone: "poor but don't need a call", "no hace falta que me llame nadie". Pure.

It is no wish for a person, no reason for a score, and no no to the questions. Only whole pieces count: "they said no need to ring" is
a story.
"""

from __future__ import annotations

import re
from dataclasses import replace

from actions import survey
from actions.people import POLITE, asks, pieces
from actions.turn import FOLLOW_UP, Answer, Turn
from handoff.plain import plain

_NOBODY = r"(?:anyone|anybody|someone|somebody|you|staff|people|(?:a|the|any|your|real|a real) (?:nurse|doctor|person|human|manager))"
_REACH = r"(?:call|ring|phone|contact|text|message|talk|speak|chat|get back|get in touch|reply|answer|follow up)"
_REFUSAL = re.compile(
    rf"(?:(?:theres|there is|its|it is|really) )?(?:no|not) (?:need|necessary|needed|required)(?: (?:to|for)(?: {_NOBODY})?(?: to)?"
    rf"(?: {_REACH}(?: (?:to|back|with|me|us|{_NOBODY}))*| (?:a |any )?(?:phone )?(?:call|callback|call back)))?|"
    r"(?:i |we )?(?:really )?(?:dont|do not|wont|will not)(?: really)? (?:want|need|require)(?: a| an| any| the| another)?(?: phone)? "
    r"(?:call|calls|callback|call back|ring|person|human|reply|answer)(?: back)?|"
    rf"(?:i |we )?(?:dont|do not) (?:want|need) {_NOBODY} to {_REACH}(?: (?:to|back|with|me|us))*|"
    r"(?:i |we )?(?:dont|do not) (?:want|need|wish) to be (?:called|rung|phoned|contacted|texted)(?: back)?|"
    rf"(?:i |we )?(?:dont|do not) (?:want|need|wish) to (?:{_REACH}(?: to| with)? {_NOBODY})|"
    r"(?:dont|do not) (?:bother (?:to |with )?)?(?:call|ring|phone|contact)(?:ing)?(?: (?:me|us|back))*|"
    r"nobody (?:needs|has) to (?:call|ring|phone|contact|speak to|talk to) (?:me|us)|"
    r"no (?:phone )?(?:call|calls|callback|call back)(?: (?:back|needed|required|necessary))?|"
    r"no (?:hace falta|es necesario|necesito|quiero|deseo)(?: que)?(?: (?:nadie|me|nos))* "
    r"(?:llame|llamen|llameis|llamarme|llamar|contacte|contacten|contactarme|escriban|respondan|"
    r"(?:hablar|hablen) con(?:migo| nadie| ninguna persona))(?: nadie)?|"
    r"no (?:hace falta|es necesaria|necesito|quiero|deseo) (?:una |ninguna |mas )?llamadas?|sin llamadas?|"
    r"no me (?:llamen|llame|llames|contacten|contacte)(?: nadie)?|que (?:nadie me|no me) (?:llame|llamen|contacte|contacten)"
)
_BEFORE = frozenset("and but so also though just ok okay y pero tambien".split())
OF_THE_WISH = frozenset({"wants_person", "deny", "stop_survey", "skip"})  # what a refusal is taken for


def take(turn: Turn) -> tuple[Turn, Answer | None]:
    """The turn without its refusal, and the answer to it where nothing else was said. No score offers a person to who has just said no."""
    kept = [piece for piece in pieces(turn.text) if not _is_refusal(piece)]
    rest = "".join(kept).strip(" ,;.!\n")
    if len(kept) == len(pieces(turn.text)) or asks(rest):
        return turn, None
    if not set(plain(rest).split()) - POLITE - _BEFORE:
        return turn, survey.answer_follow_up(turn, False) if turn.asked == FOLLOW_UP and turn.question is None else survey.come_back(turn)
    if turn.question is not None and turn.question.kind == "free_text":
        rest = turn.text  # in words all of it is the answer
    return replace(turn, text=rest, intent="opinion" if turn.intent in OF_THE_WISH else turn.intent, offered=True), None


def _is_refusal(piece: str) -> bool:
    words = plain(piece).split()
    while words and words[0] in _BEFORE | POLITE:
        words = words[1:]
    while words and words[-1] in POLITE:
        words = words[:-1]
    return _REFUSAL.fullmatch(" ".join(words)) is not None
