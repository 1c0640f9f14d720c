"""YAML as clinics write it, read by the quick loader where there is one. Nothing but plain values comes out."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from pathlib import Path
from typing import Any

import yaml

from handoff.errors import BadSetting

Place = tuple[int | str, ...]
_QUICK: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_QUICK):  # type: ignore[misc]
    """Refuses a name that stands twice: the second would take the place of the first without a word."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
        names: dict[str, Any] = {}
        for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
            if isinstance(key, yaml.ScalarNode) and (first := names.setdefault(key.value, key)) is not key:
                problem = f"{key.value} stands here a second time (first in line {first.start_mark.line + 1}); rename or remove one"
                raise yaml.MarkedYAMLError(problem=problem, problem_mark=key.start_mark)
        read: dict[Hashable, Any] = super().construct_mapping(node, deep)
        return read

    def construct_object(self, node: Any, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except ValueError:  # 2026-02-30 looks like a day and is none
            problem = f"{node.value} looks like a day or a number and is none; put it in quotes if it is a text"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark) from None


LOADER: type[Any] = _Loader


def read_yaml(text: str) -> Any:
    """Raises `yaml.YAMLError`."""
    return yaml.load(text, Loader=LOADER)


def read_text(path: Path) -> str:
    """What a file holds. Raises `BadSetting` where it cannot be read or is not UTF-8."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadSetting(f"{path}: cannot be read ({error.strerror}).") from None
    except UnicodeDecodeError as error:
        raise BadSetting(f"{path}: not saved as UTF-8 (byte {error.start + 1}); save it again with the encoding UTF-8.") from None


def parse(path: Path, text: str) -> Any:
    """The YAML of `text`, which stands in `path`. Raises `BadSetting` with the line of the mistake."""
    try:
        return read_yaml(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{path}:{mark.line + 1}" if mark else f"{path}"
        raise BadSetting(f"{place}: {getattr(error, 'problem', None) or 'not YAML'}.") from None


def name_place(path: Path, text: str, place: Place) -> str:
    """`config/routing.yml:123: safety.self_harm.always.4`: the line, as far as it can be told, and the way there."""
    node, way = _find(text, place)
    line = node.start_mark.line + 1 if node is not None else 1
    return f"{path}:{line}" + (f": {'.'.join(way)}" if way else "")


def written_at(text: str, place: Place) -> str:
    """The word that stands at a place, as it was written; empty where more stands there."""
    node, _ = _find(text, place)
    return str(node.value) if isinstance(node, yaml.ScalarNode) else ""


def texts_under(text: str, place: Place) -> Iterator[tuple[str, int]]:
    """Every text at a place and below it, as it was written, with its line."""
    nodes = [_find(text, place)[0]]
    while nodes:
        node = nodes.pop(0)
        if isinstance(node, yaml.ScalarNode):
            yield node.value, node.start_mark.line + 1
        elif isinstance(node, yaml.MappingNode):
            nodes += [value for _, value in node.value]
        elif node is not None:
            nodes += node.value


def _find(text: str, place: Place) -> tuple[Any, list[str]]:
    """The node at a place, or the last one on the way there, and the way as it is written. `[key]` at the end is the name itself."""
    node, way = yaml.compose(text, Loader=LOADER), []
    for number, part in enumerate(place):
        found = None
        if isinstance(node, yaml.MappingNode):
            key, found = next(((key, value) for key, value in node.value if _is_name(key, part)), (None, None))
            if key is not None:
                part, found = key.value, key if place[number + 1 :] == ("[key]",) else found
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            found = node.value[part]
        if part != "[key]":
            way.append(str(part))
        node = found if found is not None else node
    return node, way


def _is_name(key: Any, part: int | str) -> bool:
    """Does a name in the file mean `part`? What is written as `no` is read as False, and a mistake there is said to be at 0."""
    truth = yaml.SafeLoader.bool_values.get(str(key.value).lower())
    return bool(key.value == str(part) or (truth is not None and part == int(truth)))
