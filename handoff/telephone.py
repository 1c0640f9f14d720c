"""A telephone number out of what a patient typed: "it's (202) 555-0101, thanks" -> +12025550101. And how we speak of one.

Numbers are read by Google's library for them. A number need not be assigned (555-01xx are not, and tests use them), but it must be one
that can be rung without harm: no emergency number, no short one, none that costs whoever calls it, none of a country we do not call.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import phonenumbers
from phonenumbers import Leniency, NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberMatcher, PhoneNumberType

Wrong = Literal["none", "short", "long", "costly", "country"]
COSTLY = {PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST, PhoneNumberType.UAN, PhoneNumberType.PAGER}
COSTLY_BEGINNINGS = ("+1900", "+1976")  # read as ordinary ones where the rest of the number is not assigned
_DIGITS = re.compile(r"\d")
_RUN = re.compile(r"[+＋]?[\d０-９][\d０-９\s().\-/–]*")


@dataclass(frozen=True)
class Number:
    """`number` in E.164, or None with what is wrong: none (there is none), short, long, costly, country."""

    number: str | None
    wrong: Wrong | None = None


def read_telephone(text: str, *, country: str, countries: Sequence[str]) -> Number:
    """The one number in `text`, as somebody in `country` types it; `countries`: those that we call."""
    found = _parse(text, country)
    if found is None:
        digits = max((len(_DIGITS.findall(run)) for run in _RUN.findall(text)), default=0)
        return Number(None, "none" if digits < 3 else "short" if digits < 10 else "long")
    written = phonenumbers.format_number(found, PhoneNumberFormat.E164)
    match phonenumbers.is_possible_number_with_reason(found):
        case phonenumbers.ValidationResult.TOO_LONG:
            return Number(None, "long")
        case phonenumbers.ValidationResult.IS_POSSIBLE:
            pass
        case _:
            return Number(None, "short")
    if phonenumbers.number_type(found) in COSTLY or written.startswith(COSTLY_BEGINNINGS):
        return Number(None, "costly")
    allowed = {phonenumbers.country_code_for_region(name) for name in countries}
    if found.country_code not in allowed:
        return Number(None, "country")
    region = phonenumbers.region_code_for_number(found)
    if region is not None and region not in countries and found.country_code != 1:
        return Number(None, "country")
    if region is not None and region not in countries and found.country_code == 1 and phonenumbers.is_valid_number(found):
        return Number(None, "country")  # +1 is twenty countries' code; an unassigned number of it is taken for ours
    return Number(written)


def _parse(text: str, country: str) -> PhoneNumber | None:
    """The number that stands in the text; None for none, or for several different ones."""
    matches = {phonenumbers.format_number(match.number, PhoneNumberFormat.E164): match.number for match in _matches(text, country)}
    if len(matches) == 1:
        return next(iter(matches.values()))
    if matches:
        return None
    runs = [run for run in _RUN.findall(text) if len(_DIGITS.findall(run)) >= 7]
    if len(runs) != 1:
        return None
    try:
        return phonenumbers.parse(runs[0], country)
    except NumberParseException:
        return None


def _matches(text: str, country: str) -> list[phonenumbers.PhoneNumberMatch]:
    return list(PhoneNumberMatcher(text, country, leniency=Leniency.POSSIBLE))


def ending(number: str) -> str:
    """The last two digits: enough for the patient to know it, too little for anybody else."""
    return number[-2:]


def written(number: str, *, country: str) -> str:
    """As people at home write it: `(202) 555-0101`; with its country where that is another."""
    read = phonenumbers.parse(number)
    home = phonenumbers.country_code_for_region(country) == read.country_code
    return str(phonenumbers.format_number(read, PhoneNumberFormat.NATIONAL if home else PhoneNumberFormat.INTERNATIONAL))
