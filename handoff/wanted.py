"""What must stand at a place of a file, told by the pydantic model of the file: by a field's `description`, or else by its type."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from handoff.mistake import Place
from handoff.near import in_words


@dataclass(frozen=True)
class Wanted:
    """`limits`: of a number, in words; `said`: the description; `optional`: it may be left out."""

    kind: Any
    limits: str = ""
    said: str = ""
    optional: bool = False

    def __str__(self) -> str:
        return self.said or self.by_type

    @property
    def by_type(self) -> str:
        """What is wanted, without the description."""
        return _say(self.kind) + self.limits

    @property
    def names(self) -> list[str]:
        """The names that may stand in a part, or that one must be of; empty where any may."""
        return [str(one) for one in get_args(self.kind)] if get_origin(self.kind) is Literal else list(_fields(self.kind))

    @property
    def none(self) -> str:
        """How "nothing" is written here; empty where something must stand."""
        return {dict: "{}", list: "[]", tuple: "[]"}.get(get_origin(self.kind), "") if self.optional else ""


def wanted_at(model: type[BaseModel], place: Place) -> Wanted:
    """What `model` wants at a place; `[key]` at its end means the name itself."""
    wanted = Wanted(model)
    steps = [part for part in place if part != "[key]"]
    for number, part in enumerate(steps, 1):
        inner, field = get_args(wanted.kind), _fields(wanted.kind).get(str(part))
        if field is not None:
            wanted = _read(field.annotation, field)
        elif get_origin(wanted.kind) is dict:
            wanted = _read(inner[0] if number == len(steps) < len(place) else inner[1])
        else:
            wanted = _read(inner[0] if inner else str)
    return wanted


def _read(kind: Any, *marks: Any) -> Wanted:
    if get_origin(kind) is Annotated:
        return _read(kind.__origin__, *kind.__metadata__, *marks)
    if get_origin(kind) in (Union, UnionType):
        return _read(next(one for one in get_args(kind) if one is not NoneType), *marks)
    fields = [mark for mark in marks if isinstance(mark, FieldInfo)]
    said = next((field.description for field in reversed(fields) if field.description), "")
    limits = " ".join(_limits([limit for field in fields for limit in field.metadata]))
    return Wanted(kind, f" {limits}" if limits else "", said, bool(fields) and not fields[-1].is_required())


def _limits(marks: list[Any]) -> Iterator[str]:
    found = {name: limit for mark in marks for name in ("ge", "gt", "le") if (limit := getattr(mark, name, None)) is not None}
    if "ge" in found:
        yield f"from {found['ge']} to {found['le']}" if "le" in found else f"from {found['ge']} on"
    if "gt" in found:
        yield f"above {found['gt']}" + (f", at most {found['le']}" if "le" in found else "")


def _fields(kind: Any) -> dict[str, FieldInfo]:
    if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
        return {}
    return {field.alias or name: field for name, field in kind.model_fields.items()}


def _say(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return in_words([str(one) for one in get_args(kind)], "or")
    if fields := _fields(kind):
        return "{ " + ", ".join(f"{name}: …" for name in fields) + " }"
    return _KINDS[get_origin(kind) or kind]


_KINDS: dict[Any, str] = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    list: "a list, like [this, that]",
    tuple: "a list, like [this, that]",
    dict: "names with their values, like { this: that }",
}
