"""What a patient wants of a phone call, in typed words: to be phoned; with a call that is promised, another time, or no call. Pure.

Only short texts are read: a longer one is a story. None of these words is one that carriers own.
"""

from __future__ import annotations

import re
from typing import Literal

from handoff.plain import plain

Wish = Literal["move", "off"]
LONGEST = 9  # words
OFF = (
    *("no call needed", "no need to call", "no need to ring", "no need to phone", "dont call", "do not call", "dont ring", "do not ring"),
    *("dont phone", "do not phone", "please dont call", "no call please", "no longer need a call", "no longer need the call"),
    *("dont need a call", "dont need the call", "dont need that call", "forget the call", "call off the call", "cancel the call"),
    *("cancel my call", "cancel my callback", "cancel the callback", "cancel call", "no callback", "no call back"),
    *("no me llamen", "no me llame", "no llamen", "no hace falta que llamen", "no hace falta que me llamen", "no hace falta llamar"),
    *("no necesito la llamada", "no necesito llamada", "sin llamada", "cancelar la llamada", "anular la llamada"),
)
MOVE = (
    *("another time", "other time", "different time", "change the time", "change my time", "change the call", "change time"),
    *("move the call", "move my call", "reschedule", "call later", "call me later", "call earlier", "call me earlier"),
    *("call me another time", "call another day", "another day", "different day", "cant talk then", "cannot talk then", "not a good time"),
    *(
        "otra hora",
        "a otra hora",
        "otro dia",
        "otro momento",
        "cambiar la hora",
        "cambiar la llamada",
        "llamen mas tarde",
        "llameme mas tarde",
    ),
)

LONGEST_WISH = 16  # words; who says when, where and what about needs a few
_GREETING = r"(?:(?:hi|hello|hey|ok|okay|yes|well|actually|so|just|please|sorry|no|thanks|hola|si|bueno|mejor|por favor) )*"
_SOMEBODY = r"(?:you|someone|somebody|anyone|anybody|staff|(?:a|the|my) (?:person|human|nurse|doctor|manager|receptionist))"
_ASKED = rf"(?:(?:can|could|would|will) {_SOMEBODY} |(?:i |id )?(?:want|need|would like|like) {_SOMEBODY} to |have {_SOMEBODY} )?"
_WANTED = (
    r"(?:(?:can|could|may) (?:i|we) (?:please )?(?:have|get) "
    r"|(?:i |id |we )?(?:want|need|(?:would )?(?:like|prefer|rather have)) )"
)
_AFTER = (  # "call me a liar" is no wish
    r"(?= ?$| \+?\d| (?:back|please|on|at|in|about|today|tomorrow|tonight|now|later|this|next|when|after|before|asap|instead|if|first|as"
    r"|monday|tuesday|wednesday|thursday|friday|soon|right|between|around|any|anytime|and|because|regarding|to|thanks|thank|my|for)\b)"
)
_AFTER_ES = r"(?= ?$| \+?\d| (?:por|a|al|el|manana|hoy|cuando|despues|antes|ya|ahora|luego|en|entre|sobre|mas|y|porque|para|gracias)\b)"
_ASKS = tuple(
    re.compile(_GREETING + pattern)
    for pattern in (
        rf"{_ASKED}(?:please |just |kindly )*(?:call|phone|ring|telephone) (?:me|us){_AFTER}",
        rf"(?:(?:can|could|would|will) {_SOMEBODY} )?(?:please )?(?:give|gimme) (?:me |us )?a (?:phone )?(?:call|ring|bell|buzz){_AFTER}",
        rf"(?:{_WANTED})?a (?:phone call|telephone call|call back|callback|call){_AFTER}",
        r"(?:call back|callback|phone call)(?: please| pls)?$",
        rf"(?:me )?(?:pueden|puede|puedes|podrian|podria) (?:por favor )?llamar(?:me)?{_AFTER_ES}",
        rf"(?:llamenme|llameme|llamame|llamadme){_AFTER_ES}",
        rf"(?:yo )?(?:quiero|quisiera|necesito|prefiero|me gustaria) (?:que me llamen|que alguien me llame|una llamada){_AFTER_ES}",
        rf"que me llamen{_AFTER_ES}",
    )
)


def asks_for_call(text: str) -> bool:
    """Does a short text ask to be phoned, first of all? "They never call me back" and "call me a liar" do not."""
    words = plain(text)
    return len(words.split()) <= LONGEST_WISH and any(pattern.match(words) for pattern in _ASKS)


def read_call_wish(text: str) -> Wish | None:
    """`move`, `off`, or None for words about something else."""
    words = f" {plain(text)} "
    if len(words.split()) > LONGEST:
        return None
    if any(f" {phrase} " in words for phrase in OFF):
        return "off"
    return "move" if any(f" {phrase} " in words for phrase in MOVE) else None
