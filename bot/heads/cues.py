"""Cues that a few hundred messages cannot teach by themselves: how a text is written, and phrases for which there are many words.

They are hints to the heads over our own labels, which weigh them; none decides anything.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from bot.heads.sparse import normal

_PERSON = (
    r"(?:person|human|someone|somebody|anyone|anybody|agent|operator|representative|manager|supervisor|staff|nurse|doctor|sister|secretary|"
    r"team|reception|desk|employee|worker|persona|alguien|humano|encargad[oa]|enfermer[oa]|responsable)"
)
_REACH = r"(?:talk|speak|chat|transfer|connect|pass|put|get|reach|contact|discuss|word|hablar|pasar|paseme|comunicar|atienda|contarselo)"
_CUES = (
    rf"\b{_REACH}\b(?:\W+\w+){{0,6}}?\W+(?:real|live|actual|human)?\W*{_PERSON}\b",  # to be put through
    r"^\W*(?:\w+\W+){0,3}(?:human|person|operator|agent|persona)(?: please| por favor)?\W*$",
    r"\b(?:call|ring|phone|text|llam\w+)\W+(?:me|us|my|him|her|back)\b|\b(?:callback|call back|a ring|me llam\w+|me puede\w* llamar)\b",
    r"\b(?:machine|bot|robot|computer|virtual|maquina|recording)\b",
    r"\b(?:no need|dont|don't|do not|not|no hace falta)\b(?:\W+\w+){0,3}\W+(?:call|ring|transfer|llam\w+)",
    r"\b(?:spoke|talked|called|rang|asked|hable|pedi|llame)\b",  # told of the past
    r"\b(?:again|already|still|times|twice|third|fourth|otra vez|dos veces|tres veces)\b",
    r"\b(?:useless|joke|rude|ridiculous|disgrac\w+|asham\w+|shambles|fuming|angry|furious|sick of|fed up|pathetic|waste|"
    r"stupid|verguenza|harta|fatal)\b",
    r"\b(?:thank\w*|lovely|great|brilliant|kind|good|gracias|bien|amable\w*)\b",
    r"\b(?:bill\w*|charg\w+|paid|pay|refund|insur\w+|money|invoice|fee|cobr\w+|pagar|dinero)\b|[$£€]",
    r"\b(?:record\w*|results?|referral|prescri\w+|letter|consent|notes|diagnos\w+|informe|historia|receta|resultados)\b",
    r"\b(?:solicitor|lawyer|tribunal|legal|complain\w*|law|rights|data protection|attorney|reclamacion|abogad\w+)\b",
    r"\b(?:should i|can i take|is it (?:ok|normal|safe)|puedo tomar)\b",
    r"\b(?:my|our) (?:mum|mom|mother|dad|father|son|daughter|husband|wife|brother|sister|gran\w*|nan|child|baby|"
    r"neighbour|partner|boyfriend|ex)\b",
    r"\b(?:now|tonight|today|right now|this morning|ahora|esta noche|currently)\b",
    r"\b(?:last (?:month|year|winter|week)|years? ago|months? ago|in 20\d\d|used to|when i|hace)\b",
    r"\b(?:i want to|i'm going to|im going to|going to|i will|ill|i'll|i keep|quiero|voy a)\b",
    r"\b(?:kill|killing|die|dead|death|suicid\w+|hurt\w*|cut\w*|end it|not wake up|morir\w*|matar\w*|vivir)\b",
    r"\b(?:took|taken|swallowed|drank|overdos\w+|tomad\w+|bebido)\b(?:\W+\w+){0,6}\W+(?:pills?|tablets?|bleach|box|bottle|lot|dose|all|pastillas|lejia)",
    r"\b(?:can't|cant|cannot|isnt|isn't|not|stopped|no) (?:breath\w+|wake\w*|puedo respirar|respira)|"
    r"\b(?:bleed\w*|blood|chest|unconscious|collapsed|choking|seizure|fit|sangr\w+|pecho)\b",
    r"\b(?:hits?|beats?|slapp\w+|punch\w*|strangl\w+|touched|raped?|bruis\w+|scared|abus\w+|locks?|locked|pega|maltrata|moratones|miedo)\b",
    r"\b(?:knife|gun|shoot|stab|burn|smash|weapon|hammer|shotgun|threat\w+|cuchillo|pistola|romper la cara)\b",
)
_FOUND = tuple(re.compile(cue) for cue in _CUES)
SIZE = len(_CUES) + 7


def cues(text: str) -> Any:
    """float32, SIZE: the phrases, then capitals, exclamation marks, question marks, emoji of anger, and how many sentences and words."""
    plain = normal(text)
    letters = list(filter(str.isalpha, text))
    words = len(plain.split())
    sentences = len(re.findall(r"[.!?;\n]+(?:\s|$)", text))
    shown = (
        len(letters) > 6 and sum(map(str.isupper, letters)) / len(letters) > 0.5,
        "!!" in text,
        text.count("!") == 1,
        "?" in text,
        any(char in text for char in "😡😠🤬👎😤"),
        min(1.0, sentences / 5),
        min(1.0, words / 50),
    )
    return np.array([*(one.search(plain) is not None for one in _FOUND), *shown], dtype=np.float32)
