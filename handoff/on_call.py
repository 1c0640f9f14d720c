"""The phones of who is called to a safety matter that nobody takes: the steps of `on_call` in config/routing.yml, checked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from handoff.mistake import Mistake
from handoff.telephone import read_telephone

if TYPE_CHECKING:
    from handoff.routing_file import OnCall

_E164 = re.compile(r"\+[1-9]\d{6,14}")
_WRONG = {
    "none": "no telephone number",
    "short": "too short for a telephone number",
    "long": "too long for a telephone number",
    "costly": "a number that costs whoever texts it",
    "country": "of a country that the clinic does not text (HEARD_TEXT_COUNTRIES)",
}


def check_phones(steps: Sequence[OnCall], *, country: str, countries: Sequence[str]) -> None:
    """`country`: where the clinic is; `countries`: those that it texts. Raises `Mistake` with the place of the first mistake."""
    for place, step in enumerate(steps):
        for number, phone in enumerate(step.phones):
            here = ("on_call", place, "phones", number)
            if not _E164.fullmatch(phone):
                raise Mistake(here, f'{phone}: write it with + and its country, no spaces: "+12025550123"')
            if wrong := read_telephone(phone, country=country, countries=countries).wrong:
                raise Mistake(here, f"{phone}: this is {_WRONG[wrong]}")
            if phone in step.phones[:number]:
                raise Mistake(here, f"{phone}: it stands here twice; a step texts a phone once")
