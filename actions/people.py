"""People: a person is wanted or needed. The bot says at most a word; what is true next, the service says."""

from __future__ import annotations

import re
from dataclasses import replace

from actions import survey
from actions.turn import Answer, Turn
from handoff import signals as sig
from handoff.plain import plain

_DANGERS = {
    "emergency": frozenset(
        "chest breathe breathing bleeding bleed heart stroke unconscious seizure collapsed choking pecho respirar respira sangre sangrando "
        "infarto inconsciente ictus".split()
    ),
    "overdose": frozenset("overdose pills tablets pastillas poison poisonous bleach swallowed sobredosis".split()),
    "violence": frozenset("knife gun weapon shoot stab cuchillo pistola".split()),
    "abuse": frozenset(
        "hits hit hitting beats beat hurting abused abuses abuse abusing afraid scared threatening threatens touched touching forced "
        "rape raped pega pegan golpea maltrata maltratan maltratando abusan abusa miedo".split()
    ),
    "self_harm": frozenset(
        "myself kill die dying more living live alive suicide suicidal ending end over anymore bridge jump jumping gone without dead "
        "morir morirme matar matarme vivir viviendo suicidio".split()
    ),
}  # fmt: skip


# A wish said outright is heard anywhere in a text, where a model sees only what most of it is about.
_WISH = (
    r"(?:can|could|may|let) (?:i|me|we|us)(?: please)?|(?:want|need|like|prefer|rather) (?:to )?|"
    r"quiero|quisiera|puedo|podria|necesito|me gustaria"
)
_SOMEBODY = (
    r"(?:a|an|the|some|any|your|un|una|el|la|algun|alguna)? ?(?:real|actual|live|human|member of)? ?"
    r"(?:person|human|someone|somebody|anyone|anybody|staff|manager|supervisor|nurse|doctor|persona|alguien|humano|encargado|encargada|responsable)"
)
_ASKS = re.compile(rf"\b(?:{_WISH}) ?(?:talk|speak|chat|hablar) (?:to|with|con) {_SOMEBODY}\b")
POLITE = frozenset("please thanks thank you so much very por favor gracias muchas".split())
STORY = 8  # words; a longer text says more than the wish, and that counts as well
REASON = 6  # words that are left of one without its wish, before they are taken for an answer in words
_PIECES = re.compile(r"(?=[,;]\s|\s(?:and|but|so|y|pero)\s)|(?<=[.!?\n])(?=\s)", re.IGNORECASE)


def asks(text: str) -> bool:
    """Does the text ask outright, in whatever sentence, to talk with a person?"""
    return _ASKS.search(plain(text)) is not None


def pieces(text: str) -> list[str]:
    """A text, cut where something else may begin."""
    return _PIECES.split(text)


def without_wish(text: str) -> str:
    """What a text says beside its wish: "I waited two hours. Can I talk to someone?" says "I waited two hours."."""
    said = (piece for piece in pieces(text) if not asks(piece) and not set(plain(piece).split()) <= POLITE)
    return "".join(said).strip(" ,;\n")


def want_person(turn: Turn) -> Answer:
    """A person. What else was said counts as an answer too; the words that asked for somebody never do."""
    return _answered(turn).say(turn.say("person")).signal(sig.WantsPerson("asked", turn.text[:200]))


def _answered(turn: Turn) -> Answer:
    """A few words beside the wish are no answer to a question for words: it is asked again when the person has gone."""
    if len(plain(turn.text).split()) <= STORY or not asks(turn.text):
        return Answer()
    rest = without_wish(turn.text)
    too_short = turn.question is not None and turn.question.kind == "free_text" and len(plain(rest).split()) < REASON
    return Answer() if too_short else survey.keep(replace(turn, text=rest), Answer())


def calm(turn: Turn) -> Answer:
    """The bot blames itself only where it had to ask again; else it got nothing wrong, and the clinic may have."""
    words = turn.say("frustrated.misheard" if turn.attempt > 1 else "frustrated.plain")
    return Answer().say(words).signal(sig.WantsPerson("frustrated", turn.text[:200]))


def unsafe(turn: Turn) -> Answer:
    """The fixed words are the service's, and they come first; the class of danger chooses among them."""
    return Answer().signal(sig.Unsafe(_danger(turn.text), turn.text[:200]))


def _danger(text: str) -> str:
    """The first class one of whose words is in the text; what none names is an emergency."""
    words = set(plain(text).split())
    return next((danger for danger, named in _DANGERS.items() if words & named), "emergency")


def clinical(turn: Turn) -> Answer:
    """Never advice."""
    return Answer().say(turn.say("clinical")).signal(sig.WantsPerson("clinical", turn.text[:200]))
