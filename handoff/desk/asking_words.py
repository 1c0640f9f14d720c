"""Words that mean something while a call is asked for: yes, nothing more, now instead, and what a call may be about."""

from __future__ import annotations

import re

NOTHING = frozenset(("skip", "no", "none", "nothing", "no thanks", "no thank you", "nada", "no gracias", "omitir"))  # to tell beforehand
NOW = frozenset("now instead immediately ahora ya".split())  # a person at once, whatever it is about
YES = ("yes", "yeah", "yep", "right", "correct", "ok", "si", "correcto", "vale")
RIGHT = ("that is right", "thats right", "that is correct", "thats correct", "thats it", "it is", "sure", "es correcto", "eso es", "claro")
LONGEST_ANSWER = 6  # words; more of them tell something else
LONGEST_NOW = 8  # words between two commas; in more of them "now" belongs to a story
PARTS = re.compile(r"[,.;!?]+")
# What a call may be about, or the call itself: "I want to talk to a nurse about my results" says what the call is for.
SUBJECT = frozenset(
    (
        "about regarding concerning because since re my our his her their for complain complaint grievance queja reclamacion denuncia"
        " call ring phone contact callback call back telephone email text message help llame llamen llamar llamenme llameme llamame"
        " sobre acerca porque mi mis su sus nuestra nuestro ayuda para"
    ).split()
)
