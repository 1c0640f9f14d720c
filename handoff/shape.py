"""Whether a file that a clinic writes has the shape of its pydantic model, and what is said where it has not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Literal, TypeVar, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from handoff.mistake import Mistake, Place
from handoff.near import instead, nearest
from handoff.wanted import Wanted, wanted_at
from handoff.yaml_text import written_at


class Part(BaseModel):
    """A part of a file: it has no name but those of its fields, and no value is read as another (`yes` as 1)."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


T = TypeVar("T", bound=Part)
# what YAML makes of a word that is meant as a text; the first that fits, for a bool is an int to Python
_READ_AS: Mapping[type, str] = {bool: "yes or no", int: "a number", float: "a number", date: "a day"}
_TEXT, _IN_QUOTES = str(Wanted(str)), "in quotes where it"


def read_shape(model: type[T], given: object, text: str) -> T:
    """`given`, which YAML made of `text`, as a `model`. Raises the first `Mistake`."""
    for mistake in find_mistakes(model, given, text):
        raise mistake
    return model.model_validate(given)


def find_mistakes(model: type[Part], given: object, text: str) -> Iterator[Mistake]:
    """Everything that is wrong with the shape of `given`: what is there first, then what is missing."""
    try:
        model.model_validate(given)
    except ValidationError as error:
        found = sorted(error.errors(), key=lambda one: one["type"] == "missing")
    else:
        return
    meant: set[Place] = set()  # what is missing because it is there by a wrong name is not said twice
    for one in found:
        *way, name = one["loc"] or ("",)
        if one["type"] == "extra_forbidden":
            known = wanted_at(model, tuple(way)).names
            meant.add((*way, nearest(str(name), known)))
            yield Mistake(one["loc"], f"there is no {name} here{instead(str(name), known)}")
        elif one["type"] == "missing" and one["loc"] not in meant:
            yield Mistake(tuple(way), f"{name} is missing; it must be {wanted_at(model, one['loc'])}")
        elif one["type"] != "missing":
            yield _wrong(one, wanted_at(model, one["loc"]), text)


def _wrong(error: ErrorDetails, wanted: Wanted, text: str) -> Mistake:
    place, given = error["loc"], error["input"]
    if given is None:
        quotes = f" ({_IN_QUOTES} begins with # or &)" if str(wanted) == _TEXT else ""
        return Mistake(place, f"nothing stands here; it must be {wanted}{quotes}" + (f", or {wanted.none} for none" if wanted.none else ""))
    if wanted.kind is str and (read_as := next((word for kind, word in _READ_AS.items() if isinstance(given, kind)), "")):
        return Mistake(place, f"{written_at(text, place)} is read as {read_as} and must be a text: put it in quotes")
    if get_origin(wanted.kind) is Literal and isinstance(given, str) and nearest(given, wanted.names):
        what = f"there is no {given} here" if "[key]" in place else f"must be {wanted}"
        return Mistake(place, what + instead(given, wanted.names))
    quotes = f" ({_IN_QUOTES} has a colon or a bracket)" if str(wanted) == _TEXT and isinstance(given, dict | list) else ""
    return Mistake(place, f"must be {wanted}{quotes}", is_there=True)
