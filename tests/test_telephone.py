"""Telephone numbers as people type them, with words around them; and those that we must not ring."""

from __future__ import annotations

import pytest

from handoff.telephone import Number, ending, read_telephone, written

ANA = "+12025550199"
US, GB, ES, IE = ("US",), ("GB",), ("ES",), ("IE", "GB")

READ = [
    # (typed, country, countries, E.164)
    ("2025550199", "US", US, ANA),
    ("202-555-0199", "US", US, ANA),
    ("202.555.0199", "US", US, ANA),
    ("202 555 0199", "US", US, ANA),
    ("(202) 555-0199", "US", US, ANA),
    ("(202)555-0199", "US", US, ANA),
    ("1 202 555 0199", "US", US, ANA),
    ("1-202-555-0199", "US", US, ANA),
    ("+1 202 555 0199", "US", US, ANA),
    ("+12025550199", "US", US, ANA),
    ("+1 (202) 555-0199", "US", US, ANA),
    ("  2025550199  ", "US", US, ANA),
    ("it's 202 555 0199", "US", US, ANA),
    ("it's (202) 555-0199, thanks", "US", US, ANA),
    ("my number is 202-555-0199.", "US", US, ANA),
    ("call me on 2025550199 please", "US", US, ANA),
    ("2025550199 (my mobile)", "US", US, ANA),
    ("cell: 202.555.0199", "US", US, ANA),
    ("tel:+1-202-555-0199", "US", US, ANA),
    ("202 – 555 – 0199", "US", US, ANA),
    ("２０２５５５０１９９", "US", US, ANA),
    ("202 555 0199 or 2025550199", "US", US, ANA),  # the same one twice
    ("mi número es el 202 555 0199", "US", US, ANA),
    ("(305) 555-0123", "US", US, "+13055550123"),
    ("555 010 9999", "US", US, "+15550109999"),
    ("07700 900123", "GB", GB, "+447700900123"),
    ("07700900123", "GB", GB, "+447700900123"),
    ("+44 7700 900123", "GB", GB, "+447700900123"),
    ("+44 (0)7700 900123", "GB", GB, "+447700900123"),
    ("0044 7700 900123", "GB", GB, "+447700900123"),
    ("020 7946 0123", "GB", GB, "+442079460123"),
    ("my mobile is 07700-900-123", "GB", GB, "+447700900123"),
    ("612 345 678", "ES", ES, "+34612345678"),
    ("+34 612 345 678", "ES", ES, "+34612345678"),
    ("es el 612345678, gracias", "ES", ES, "+34612345678"),
    ("912 345 678", "ES", ES, "+34912345678"),
    ("087 123 4567", "IE", IE, "+353871234567"),
    ("+44 7700 900123", "IE", IE, "+447700900123"),
]

REFUSED = [
    # (typed, country, countries, what is wrong)
    ("", "US", US, "none"),
    ("hello", "US", US, "none"),
    ("12", "US", US, "none"),
    ("call me whenever", "US", US, "none"),
    ("911", "US", US, "short"),
    ("988", "US", US, "short"),
    ("411", "US", US, "short"),
    ("555 0199", "US", US, "short"),
    ("202 555 019", "US", US, "short"),
    ("202 555 0199 1234 5678", "US", US, "long"),
    ("2025550198 or 2025550199", "US", US, "long"),
    ("1-900-555-0199", "US", US, "costly"),
    ("900 555 0199", "US", US, "costly"),
    ("1-976-555-0199", "US", US, "costly"),
    ("+44 7700 900123", "US", US, "country"),
    ("+34 612 345 678", "US", US, "country"),
    ("+1 416 967 1111", "US", US, "country"),  # Toronto, unless Canada is listed
    ("+1 876 922 0123", "US", US, "country"),  # Jamaica
    ("+53 5 123 4567", "US", US, "country"),
    ("+882 16 50000000", "US", US, "country"),  # no land: satellites
    ("999", "GB", GB, "short"),
    ("112", "GB", GB, "short"),
    ("116 123", "GB", GB, "short"),
    ("0909 879 0123", "GB", GB, "costly"),
    ("+1 202 555 0199", "GB", GB, "country"),
    ("001 44 7700 900123", "GB", GB, "long"),  # the American way out of the country, dialled in Britain
    ("806 123 456", "ES", ES, "costly"),
    ("112", "ES", ES, "short"),
    ("١٢", "US", US, "none"),
    ("9" * 4000, "US", US, "long"),
]


@pytest.mark.parametrize(("typed", "country", "countries", "number"), READ)
def test_a_number_is_read_as_it_is_typed(typed: str, country: str, countries: tuple[str, ...], number: str) -> None:
    assert read_telephone(typed, country=country, countries=countries) == Number(number)


@pytest.mark.parametrize(("typed", "country", "countries", "wrong"), REFUSED)
def test_what_we_do_not_ring_is_said_why(typed: str, country: str, countries: tuple[str, ...], wrong: str) -> None:
    assert read_telephone(typed, country=country, countries=countries) == Number(None, wrong)  # type: ignore[arg-type]


def test_a_country_that_is_listed_is_rung() -> None:
    assert read_telephone("+1 416 967 1111", country="US", countries=("US", "CA")).number == "+14169671111"


def test_a_number_is_shown_as_people_at_home_write_it_or_by_its_end_alone() -> None:
    assert ending(ANA) == "99"
    assert written(ANA, country="US") == "(202) 555-0199"
    assert written("+447700900123", country="US") == "+44 7700 900123"
    assert written("+447700900123", country="GB") == "07700 900123"
