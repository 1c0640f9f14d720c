"""The word that fits: whether a message, as understood, agrees with the score read out of it, and whether praise would suit it. Pure.

Where the heads say nothing of a message, the score alone decides.
"""

from __future__ import annotations

import re

from actions.turn import Turn
from handoff.gone_wrong import has_gone_wrong
from handoff.plain import plain
from handoff.reading import Reading
from handoff.survey import Given, Question, mood, sentiment

MIXED = 3.0  # of a message's sentiment, from here on: no praise any more
GLAD = 2.0  # up to here it is praise
SAD = 4.0  # from here on a complaint
CROSS = 0.5  # of frustration and of danger, from here on
FEW, SHORT = 3, 6  # words beside the polite ones; so few are a plain answer, and so few seldom speak against one: heads misread them
_POLITE = frozenset("thanks thank you so much very please cheers gracias muchas por favor".split())
_BOTH = re.compile(  # "good, but ...", "overall good": both sides are meant
    r"\b(?:but|although|though|however|except|apart from|aside from|other than|overall|all in all|in general|"
    r"pero|aunque|salvo|excepto|aparte de|sin embargo|en general|en conjunto)\b"
)
NEAR = 6  # words; only there does it stand beside a score
_GRIEF = re.compile(
    r"\b(?:passed away|passed on|died|dies|death|dying|deceased|bereave(?:d|ment)|funeral|miscarr\w*|stillb\w+|grie(?:f|ving)|"
    r"lost (?:my|our|his|her|the) (?:\w+ )?(?:mum|mom|mother|dad|father|nan|nana|gran|granny|grandma|grandmother|grandad|granddad|grandpa|"
    r"grandfather|husband|wife|partner|son|daughter|baby|child|brother|sister|friend|uncle|aunt|aunty|auntie)|"
    r"fallec\w+|murio|muri(?:eron|endo)|muerte|muert[oa]s?|difunt[oa]|duelo|entierro|funeral|"
    r"perd(?:i|imos|io) (?:a )?(?:mi|nuestr[oa]|su|un|el|la) (?:madre|padre|abuel[oa]|marido|esposo|mujer|esposa|pareja|hij[oa]|bebe|"
    r"herman[oa]|ti[oa]|amig[oa]))\b"
)


def is_against(turn: Turn, question: Question, reading: Reading) -> bool:
    """Does the message speak against the choice that a word or a mark in it names? "Oh wonderful, another survey. Bravo." is no praise,
    nor is "10/10 for ignoring me"."""
    score = sentiment(question, Given(reading.value)) or 0
    words = plain(turn.text).split()
    one_sided = _BOTH.search(" ".join(words[:NEAR])) is None
    if score > 0 and one_sided and has_gone_wrong(_GRIEF.sub(" ", " ".join(words))):  # to have lost somebody is no complaint
        return True
    named = not reading.by_number and question.kind != "zero_to_ten"
    count = sum(word not in _POLITE for word in words)
    if not score or not named or count <= FEW or not one_sided:
        return False
    if count <= SHORT:
        return score > 0 and _is_bitter(turn)
    return _is_troubled(turn) if score > 0 else _is_glad(turn)


def _is_bitter(turn: Turn) -> bool:
    """ "Brilliant, waited 4 hours": past doubt, which mixed feelings are not."""
    meant = turn.meant
    return (meant.sentiment or 0.0) >= SAD or ((meant.criticality or 0.0) < 0 and (meant.frustration or 0.0) >= CROSS)


def _is_troubled(turn: Turn) -> bool:
    meant = turn.meant
    worst = max(meant.frustration or 0.0, *meant.safety.values(), 0.0)
    return (meant.sentiment or 0.0) >= MIXED or (meant.criticality or 0.0) < 0 or worst >= CROSS


def _is_glad(turn: Turn) -> bool:
    return turn.meant.sentiment is not None and turn.meant.sentiment <= GLAD and not _is_troubled(turn)


def is_glad_news(turn: Turn) -> bool:
    """May its words be thanked for as praise? Not a complaint or a cry, and not where somebody died, however kind the staff were."""
    return not _is_troubled(turn) and _GRIEF.search(plain(turn.text)) is None


def noted(turn: Turn, question: Question, reading: Reading) -> str:
    """The sentence after an answer."""
    if reading.by_number and question.options:
        return turn.say("noted.by_number", label=reading.label)
    if question.kind == "free_text":
        return ""
    felt = sentiment(question, Given(reading.value)) or 0
    if felt > 0 and is_glad_news(turn):
        return turn.say("noted.positive")
    return turn.say("noted.negative" if felt < 0 else "noted.plain")


def thanks(turn: Turn) -> str:
    """The sentence at the end, by all the answers and the words just said."""
    how = mood(turn.survey, turn.progress)
    if how == "positive" and not is_glad_news(turn):
        how = "neutral"
    return turn.survey.thanks[turn.language][how]
