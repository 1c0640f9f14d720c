"""What must stand at a place is told by the description that is nearest to it, or else by its type."""

from __future__ import annotations

from typing import Annotated, Literal

import pytest
from pydantic import Field

from handoff.mistake import Place
from handoff.shape import Part
from handoff.wanted import wanted_at

Name = Annotated[str, Field(pattern="^[a-z]+$", description="a name")]
Names = Annotated[list[Name], Field(description="names")]


class Room(Part):
    beds: int = Field(ge=1)
    warm: float | None = Field(None, gt=0, le=30)
    who: Annotated[Names, Field(min_length=1, description="those who sleep here")] = Field([])


class House(Part):
    rooms: dict[Name, Room]
    kind: Literal["flat", "house"] = Field("flat", alias="for")
    notes: list[str] = Field([])
    owner: Annotated[Name | None, Field(description="who owns it")] = None
    words: dict[str, Annotated[Names, Field(description="words")]] = Field({})


@pytest.mark.parametrize(
    ("place", "wanted"),
    [
        ((), "{ rooms: …, for: …, notes: …, owner: …, words: … }"),
        (("rooms",), "names with their values, like { this: that }"),
        (("rooms", "attic", "[key]"), "a name"),
        (("rooms", "attic"), "{ beds: …, warm: …, who: … }"),
        (("rooms", "attic", "beds"), "a whole number from 1 on"),
        (("rooms", "attic", "warm"), "a number above 0, at most 30"),
        (("rooms", "attic", "who"), "those who sleep here"),
        (("rooms", "attic", "who", 3), "a name"),
        (("for",), "flat or house"),
        (("notes",), "a list, like [this, that]"),
        (("notes", 0), "a text"),
        (("owner",), "who owns it"),
        (("words", "kin"), "words"),
    ],
)
def test_a_place_says_what_it_wants(place: Place, wanted: str) -> None:
    assert str(wanted_at(House, place)) == wanted


@pytest.mark.parametrize(("place", "none"), [(("notes",), "[]"), (("words",), "{}"), (("rooms",), ""), (("owner",), "")])
def test_what_may_be_left_out_says_how_to_write_none(place: Place, none: str) -> None:
    assert wanted_at(House, place).none == none
