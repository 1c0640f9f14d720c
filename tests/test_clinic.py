"""Who the clinic is: its name in sentences, what it is called where it has given none, and what the doctor says of that."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from handoff.doctor import examine
from handoff.settings import Settings, load
from handoff.words import load_words
from tests.cast import Cast

MESSAGES = load().config_dir / "messages"


@pytest.mark.parametrize(("locale", "name"), [("en", "the clinic"), ("es-MX", "la clínica")])
async def test_a_clinic_without_a_name_is_called_what_it_is(cast: Cast, locale: str, name: str) -> None:
    house = cast.desk.house
    assert house.clinic(locale) == "Elm Street Clinic"
    assert replace(house, settings=house.settings.model_copy(update={"clinic_name": ""})).clinic(locale) == name


def test_a_sentence_that_begins_with_it_begins_with_a_capital() -> None:
    words = load_words(MESSAGES, default="en")
    assert words.say("es", "callback.called_off", clinic="la clínica").startswith("De acuerdo, la clínica ")
    assert words.say("en", "callback.tried", clinic="the clinic").startswith("The clinic just tried")


@pytest.mark.parametrize(
    ("given", "grade", "sentence"),
    [
        ({}, "warn", "set HEARD_CLINIC_NAME, HEARD_CLINIC_PHONE, HEARD_TIME_ZONE: it is what patients read"),
        ({"clinic_name": "Elm", "time_zone": "UTC"}, "warn", "set HEARD_CLINIC_PHONE: it"),
        ({"clinic_name": "Elm", "clinic_phone": "555 0199", "time_zone": "America/New_York"}, "ok", "Elm, 555 0199, America/New_York"),
    ],
)
async def test_the_doctor_says_what_is_missing(settings: Settings, given: dict[str, Any], grade: str, sentence: str) -> None:
    made = load(data_dir=settings.data_dir, database_url=settings.database_url, **given)
    (found,) = [finding for finding in await examine(made) if finding.subject == "clinic"]
    assert (found.grade, found.sentence[: len(sentence)]) == (grade, sentence)
