"""The routes to a person, and which one a patient means by typed words: "2", "yes please", "leave a message". Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from handoff.call_words import asks_for_call
from handoff.conversation import Event
from handoff.plain import plain

# The first whole phrase that is found decides; the longest are tried first.
PHRASES: Mapping[Event, tuple[str, ...]] = {
    Event.CHAT_NOW: (
        *(
            "chat",
            "chat now",
            "now",
            "person",
            "a person",
            "human",
            "someone",
            "somebody",
            "staff",
            "talk",
            "speak",
            "yes",
            "yes please",
            "wait",
        ),
        *("persona", "hablar", "ahora", "si", "si por favor", "alguien", "esperar"),
    ),
    Event.CALL_ME: (
        *("call", "call me", "call me back", "call back", "callback", "phone", "phone me", "ring", "ring me", "a call", "phone call"),
        *("give me a call", "llamada", "llamar", "llamenme", "llameme", "llamame", "telefono", "por telefono"),
    ),
    Event.LEAVE_MESSAGE: ("message", "leave a message", "later", "mensaje", "dejar un mensaje", "mas tarde", "luego"),
    Event.GO_ON: (
        *("go on", "carry on", "continue", "no", "no thanks", "no thank you", "questions", "skip", "never mind", "nevermind"),
        *("seguir", "continuar", "no gracias", "preguntas", "da igual"),
    ),
}
# In line: what stands alone, with nothing but politeness around it. All else is said to whoever comes.
STOPS_WAITING = ("leave the line", "stop waiting", "dejar de esperar", "no quiero esperar")
LEAVES_IT = (
    *("leave it", "leave it there", "leave it at that", "leave that", "drop it", "forget it", "forget about it", "dont bother"),
    *("do not bother", "dejelo", "dejalo", "dejelo asi", "dejalo asi", "dejemoslo", "olvidelo", "olvidalo", "no importa"),
)
GIVES_UP = (
    *LEAVES_IT,
    *("dont want to wait", "do not want to wait", "would rather not wait", "not waiting", "wont wait", "never mind", "nevermind"),
    *("bye", "goodbye", "good bye", "bye bye", "da igual", "adios"),
)
MESSAGE_INSTEAD = (
    *("leave a message", "leave you a message", "leave them a message", "leave the team a message", "write a message", "send a message"),
    *("a message", "dejar un mensaje", "dejarles un mensaje", "escribir un mensaje", "un mensaje"),
)
MAX_WORDS = 7  # a longer text is a message, not a choice
FEW = 3  # words, without those that say nothing here, beside which a single word counts: "no" does not in "is there no one there?"
_SAY_NOTHING = frozenset(
    (
        "please thanks thank you ok okay well then just i id ill want would like can could to lets the a an me with"
        " por favor gracias quiero me el la un una con"
    ).split()
)
_NOT = frozenset("not dont never without".split())
_POLITE = frozenset(
    (
        "please thanks thank you ok okay well sorry actually just then so instead now id ill i im would rather prefer like want to can"
        " could may let me any longer anymore more por favor gracias quiero prefiero puedo mejor ya mas"
    ).split()
)
_PIECE = re.compile(r"[,.;:!?\n]+|\s[-–—]\s|\b(?:and|but|pero|y)\b", re.IGNORECASE)


def read_route(text: str, offered: Sequence[Event]) -> Event | None:
    """The offered route that `text` names by its number (1 is the first) or in short words; None when it is something else."""
    words = plain(text)
    if words.isascii() and words.isdigit():
        return offered[int(words) - 1] if 1 <= int(words[:3]) <= len(offered) and len(words) < 4 else None
    if len(words.split()) > MAX_WORDS:
        return None
    if Event.GO_ON in offered and _bare(text) in _LEAVES_IT:
        return Event.GO_ON
    named = [(len(phrase), event) for event in offered for phrase in PHRASES.get(event, ()) if _is_meant(phrase, words)]
    return max(named, key=lambda pair: pair[0])[1] if named else None


def _is_meant(phrase: str, words: str) -> bool:
    """Does `phrase` stand in `words` as what is chosen: not denied, and where it is a single word, with little else?"""
    before, found, _ = f" {words} ".partition(f" {phrase} ")
    if not found or not _NOT.isdisjoint(before.split()[-2:]):
        return False
    return " " in phrase or len([word for word in words.split() if word not in _SAY_NOTHING]) <= FEW


def _bare(text: str) -> str:
    """The words without those that are only polite."""
    return " ".join(word for word in plain(text).split() if word not in _POLITE)


_LEAVES_IT = frozenset(map(_bare, LEAVES_IT))
_STOPS_WAITING = frozenset(map(_bare, STOPS_WAITING))
_INSTEAD: Mapping[Event, frozenset[str]] = {
    Event.WANTS_MESSAGE: frozenset(map(_bare, MESSAGE_INSTEAD)),
    Event.PATIENT_CANCELLED: _STOPS_WAITING | frozenset(map(_bare, GIVES_UP)),
}


def read_instead(text: str, *, answers: bool) -> Event | None:
    """What somebody who waits in line wants instead, where they say it and nothing else: "never mind, I'd rather leave a message".

    `answers`: it may be an answer to what staff have said; then only plain words about the line count.
    """
    if answers:
        return Event.PATIENT_CANCELLED if _bare(text) in _STOPS_WAITING else None
    pieces = [piece for piece in _PIECE.split(text) if _bare(piece) not in ("", "yes", "no", "si")]
    wanted = [_instead(piece) for piece in pieces]
    if None in wanted:
        return None
    return next((event for event in wanted if event is not Event.PATIENT_CANCELLED), wanted[0] if wanted else None)


def _instead(piece: str) -> Event | None:
    named = next((event for event, phrases in _INSTEAD.items() if _bare(piece) in phrases), None)
    return Event.WANTS_CALL if named is None and asks_for_call(piece) else named
