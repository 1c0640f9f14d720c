"""The routes to a person, and which one a patient means by typed words: "2", "yes please", "leave a message". Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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
    Event.PATIENT_CANCELLED: ("leave the line", "stop waiting", "dejar de esperar", "no quiero esperar"),
}
MAX_WORDS = 7  # a longer text is a message, not a choice
FEW = 3  # words, without those that say nothing here, beside which a single word counts: "no" does not in "is there no one there?"
_SAY_NOTHING = frozenset(
    (
        "please thanks thank you ok okay well then just i id ill want would like can could to lets the a an me with"
        " por favor gracias quiero me el la un una con"
    ).split()
)
_NOT = frozenset("not dont never without".split())


def read_route(text: str, offered: Sequence[Event]) -> Event | None:
    """The offered route that `text` names by its number (1 is the first) or in short words; None when it is something else."""
    words = plain(text)
    if words.isascii() and words.isdigit():
        return offered[int(words) - 1] if 1 <= int(words[:3]) <= len(offered) and len(words) < 4 else None
    if len(words.split()) > MAX_WORDS:
        return None
    named = [(len(phrase), event) for event in offered for phrase in PHRASES.get(event, ()) if _is_meant(phrase, words)]
    return max(named, key=lambda pair: pair[0])[1] if named else None


def _is_meant(phrase: str, words: str) -> bool:
    """Does `phrase` stand in `words` as what is chosen: not denied, and where it is a single word, with little else?"""
    before, found, _ = f" {words} ".partition(f" {phrase} ")
    if not found or not _NOT.isdisjoint(before.split()[-2:]):
        return False
    return " " in phrase or len([word for word in words.split() if word not in _SAY_NOTHING]) <= FEW
