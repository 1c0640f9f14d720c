"""What a patient with a promised call wants of it, in typed words: another time, or no call. Pure.

Only short texts are read: a longer one is a story. None of these words is one that carriers own.
"""

from __future__ import annotations

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


def read_call_wish(text: str) -> Wish | None:
    """`move`, `off`, or None for words about something else."""
    words = f" {plain(text)} "
    if len(words.split()) > LONGEST:
        return None
    if any(f" {phrase} " in words for phrase in OFF):
        return "off"
    return "move" if any(f" {phrase} " in words for phrase in MOVE) else None
