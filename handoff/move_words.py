"""A patient on the website wants to go on by text, agrees, types a code, wants another one: in whole short phrases. Pure.

Only a message that is nothing but the wish is one: "they never text me back" is a story.
"""

from __future__ import annotations

import re

from handoff.plain import plain

_PLEASE = r"(?: (?:please|thanks|thank you|por favor|gracias))?"
_ASKS = (
    r"(?:please |por favor )?(?:(?:can|could|would) (?:you|we|i) |lets |let us |id like to |i want to |id rather |i prefer to "
    r"|prefiero |quiero |puedo |podemos |pueden )?"
)
_BY = r"(?:by|to|over|via) (?:texts?|text messages?|sms)"
_TEXT = r"(?:text me|sms|text messages?|(?:(?:go on|continue|carry on|switch|move|chat|talk)(?: this| it)? )?" + _BY + r")(?: instead)?"
_TEXTO = (
    r"(?:mandenme|mandeme|mandame|envienme|envieme|enviame|escribanme|escribame) (?:un |por )?(?:sms|mensajes? de texto)"
    r"|(?:seguir |continuar |sigamos )?por (?:sms|mensajes?(?: de texto)?)"
)
_WISH = re.compile(f"{_ASKS}(?:{_TEXT}|{_TEXTO}){_PLEASE}")
_AGREED = re.compile(
    r"(?:yes|yeah|yep|yup|sure|ok|okay|agreed|i agree|fine|thats fine|go ahead|si|vale|claro|de acuerdo|acepto)"
    r"(?: (?:yes|sure|ok|text me|im ok with that|thats fine|claro|acepto))?" + _PLEASE
)
_REFUSED = re.compile(r"(?:no|nope|no thanks|no thank you|no gracias|rather not|never mind|nevermind|stay here|prefiero que no|mejor no)")
_AGAIN = re.compile(
    r"(?:please )?(?:(?:send|text|give)(?: me)? )?(?:a |another |the )?(?:new |another )?code(?: again)?"
    r"|(?:please )?(?:send|text)(?: it| me)* again|resend(?: it| the code)?|no code(?: came| yet)?"
    r"|i (?:didnt|did not|havent) (?:get|got|receive|received)(?: it| a code| the code| any code)"
    r"|(?:un |una |otro |otra )?(?:nuevo |nueva |otro |otra )?(?:codigo|clave)(?: nuevo| nueva)?"
    r"|no (?:me )?(?:llega|ha llegado|llego)(?: el codigo| la clave| nada)?"
)
_MAX_AROUND = 8  # words beside a code; a longer text that has a number in it is a message


def wants_texts(text: str) -> bool:
    return _WISH.fullmatch(plain(text)) is not None


def has_agreed(text: str) -> bool | None:
    """Yes, no, or None for something else."""
    words = plain(text)
    return True if _AGREED.fullmatch(words) else False if _REFUSED.fullmatch(words) else None


def wants_another_code(text: str) -> bool:
    return _AGAIN.fullmatch(plain(text).removesuffix(" please").removesuffix(" por favor")) is not None


def read_code(text: str) -> str | None:
    """The six digits in a short text: "123456", "123 456", "it's 123-456"."""
    words = plain(text).split()
    digits = "".join(char for char in plain(text) if char.isdigit())
    around = [word for word in words if not word.isdigit()]
    return digits if len(digits) == 6 and digits.isascii() and len(around) <= _MAX_AROUND else None


def veiled(text: str) -> str:
    """`text` without its digits, as it is kept: a code is nobody else's business."""
    return re.sub(r"\d", "•", text)
