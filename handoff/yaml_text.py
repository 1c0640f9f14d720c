"""YAML as clinics write it, read by the quick loader where there is one. Nothing but plain values comes out."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from handoff.errors import BadSetting
from handoff.mistake import Mistake, Place
from handoff.near import ended
from handoff.yaml_words import explain

LONG = 40  # letters of what stands somewhere that are said again
_CURLY = re.compile("[“”„].*[“”]")
_QUICK: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Refused(yaml.MarkedYAMLError):
    """What YAML would let pass; `problem` is a sentence already."""


class _Loader(_QUICK):  # type: ignore[misc]
    """Refuses a name that stands twice: the second would take the place of the first without a word."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
        names: dict[str, Any] = {}
        for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
            if isinstance(key, yaml.ScalarNode) and (first := names.setdefault(key.value, key)) is not key:
                problem = f"{key.value} stands here a second time (first in line {first.start_mark.line + 1}); rename or remove one"
                raise _Refused(problem=problem, problem_mark=key.start_mark)
        read: dict[Hashable, Any] = super().construct_mapping(node, deep)
        return read

    def construct_object(self, node: Any, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except ValueError:  # 2026-02-30 looks like a day and is none
            problem = f"{node.value} looks like a day or a number and is none; put it in quotes if it is a text"
            raise _Refused(problem=problem, problem_mark=node.start_mark) from None

    def construct_scalar(self, node: Any) -> Any:
        """Quotation marks of a word processor are no quotes: they would be a part of the text, and what is in it read as YAML."""
        if not node.style and _CURLY.fullmatch(node.value):
            problem = f"{node.value}: these quotation marks are a word processor's; write straight ones: \""
            raise _Refused(problem=problem, problem_mark=node.start_mark)
        return super().construct_scalar(node)


LOADER: type[Any] = _Loader


def read_yaml(text: str) -> Any:
    """Raises `yaml.YAMLError`."""
    return yaml.load(text, Loader=LOADER)


def read_text(path: Path) -> str:
    """What a file holds. Raises `BadSetting` where it cannot be read or is not UTF-8."""
    try:
        held = path.read_bytes()
    except OSError as error:
        raise BadSetting(f"{path}: cannot be read ({error.strerror}).") from None
    try:
        return held.decode()
    except UnicodeDecodeError as error:
        line = held[: error.start].count(b"\n") + 1
        raise BadSetting(f"{path}:{line}: not saved as UTF-8; save the file again with the encoding UTF-8.") from None


def parse(path: Path, text: str) -> Any:
    """The YAML of `text`, which stands in `path`. Raises `BadSetting` with the line of the mistake."""
    try:
        return read_yaml(text)
    except yaml.reader.ReaderError:  # it does not tell the line
        found = yaml.reader.Reader.NON_PRINTABLE.search(text)
        line = text.count("\n", 0, found.start() if found else 0) + 1
        raise BadSetting(f"{path}:{line}: a sign that cannot be seen stands in this line; write the line anew.") from None
    except yaml.MarkedYAMLError as error:
        line, sentence = _explained(text, error)
        raise BadSetting(f"{path}:{line + 1}: {sentence}.") from None


def _explained(text: str, error: yaml.MarkedYAMLError) -> tuple[int, str]:
    mark, began = error.problem_mark, error.context_mark or error.problem_mark
    if mark is None or began is None or isinstance(error, _Refused):
        return (mark.line if mark else 0), error.problem or ""
    return explain(text.splitlines(), error.problem or "", mark.line, began.line, mark.column)


@contextmanager
def mistakes_told(path: Path, text: str) -> Iterator[None]:
    """A `Mistake` inside is raised as `BadSetting`, with its file and line."""
    try:
        yield
    except Mistake as error:
        raise BadSetting(tell(path, text, error)) from None


def tell(path: Path, text: str, mistake: Mistake) -> str:
    """`config/routing.yml:43: offers.seconds: must be a number from 10 to 600, not 45s.`"""
    sentence = f"{name_place(path, text, mistake.place)}: {mistake}"
    if mistake.is_there:
        sentence += f", not {stands_at(text, mistake.place)}"
    return ended(sentence)


def name_place(path: Path, text: str, place: Place) -> str:
    """`config/routing.yml:123: safety.self_harm.always.4`: the line, as far as it can be told, and the way there, counted from 1."""
    _, way, line = _find(text, place)
    return f"{path}:{line}" + (f": {'.'.join(way)}" if way else "")


def line_of(text: str, place: Place) -> int:
    """The line of a place, or of the last part of the way that there is."""
    return _find(text, place)[2]


def written_at(text: str, place: Place) -> str:
    """The word that stands at a place, as it was written; empty where more stands there."""
    node = _find(text, place)[0]
    return str(node.value) if isinstance(node, yaml.ScalarNode) else ""


def stands_at(text: str, place: Place) -> str:
    """What stands at a place, in a word or two: the word as it was written, or what kind of thing it is."""
    node = _find(text, place)[0]
    if isinstance(node, yaml.ScalarNode):
        return (node.value if len(node.value) <= LONG else f"{node.value[: LONG - 1]}…") or "empty"
    if node is None or not node.value:
        return "empty"
    return "a list" if isinstance(node, yaml.SequenceNode) else "names with their values"


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


@lru_cache(maxsize=2)  # one look at a mistake asks several times
def _compose(text: str) -> Any:
    return yaml.compose(text, Loader=LOADER)


def _find(text: str, place: Place) -> tuple[Any, list[str], int]:
    """The node at a place, or the last one on the way there, the way as it is written, and the line. `[key]`: the name itself."""
    node, way, line = _compose(text), [], 1
    for number, part in enumerate(place):
        found = None
        if isinstance(node, yaml.MappingNode):
            key, found = next(((key, value) for key, value in node.value if _is_name(key, part)), (None, None))
            if key is not None:
                part, line = key.value, key.start_mark.line + 1
                found = key if place[number + 1 :] == ("[key]",) else found
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            found, part = node.value[part], part + 1
            line = found.start_mark.line + 1
        if part != "[key]":
            way.append(str(part))
        node = found if found is not None else node
    return node, way, line


def _is_name(key: Any, part: int | str) -> bool:
    """Does a name in the file mean `part`? What is written as `no` is read as False, and a mistake there is said to be at 0."""
    truth = yaml.SafeLoader.bool_values.get(str(key.value).lower())
    return bool(key.value == str(part) or (truth is not None and part == int(truth)))
