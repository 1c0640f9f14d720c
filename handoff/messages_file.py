"""The sentences of the service and of the bot, one file a language: config/messages/<language>/<name>.yml, each checked with the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Formatter
from typing import Any

from handoff.errors import BadSetting
from handoff.yaml_text import Place, name_place, parse, read_text

Texts = Mapping[str, Mapping[str, str]]  # language -> dotted key -> text


def read_messages(folder: Path, name: str, *, default: str) -> Texts:
    """Every language under `folder`; each has the sentences of the language `default`, with the same `{names}` in them.

    Raises `BadSetting` with the place of the first mistake, or where there is nothing in the language `default`.
    """
    paths = {language.name: language / name for language in sorted(folder.glob("[!.]*")) if language.is_dir()}
    written = {language: (path, read_text(path)) for language, path in paths.items()}
    if default not in written:
        raise BadSetting(f"HEARD_LOCALE: there are no messages for {default} in {folder} ({default}/{name}).")
    texts = {language: {".".join(place): text for place, text in _texts(path, said)} for language, (path, said) in written.items()}
    for language, (path, said) in written.items():
        for key in sorted(texts[default].keys() ^ texts[language].keys()):
            lacking, having = (path, written[default][0]) if key in texts[default] else (written[default][0], path)
            raise BadSetting(f"{lacking}: {key} is missing; it is in {having} ({key} is in one language only).")
        for key, text in texts[language].items():
            if _names(text) != (meant := _names(texts[default][key])):
                place = name_place(path, said, tuple(key.split(".")))
                raise BadSetting(f"{place}: must have in it what it has in {default}: {_braced(meant) or 'nothing in braces'}.")
    return texts


def _texts(path: Path, said: str) -> Iterator[tuple[tuple[str, ...], str]]:
    read = parse(path, said)
    if not isinstance(read, dict) or not read:
        raise BadSetting(f"{path}: must be a list of names with their sentences.")
    for place, text in _flat(read, ()):
        if not isinstance(text, str) or not all(isinstance(part, str) for part in place):
            raise BadSetting(f"{name_place(path, said, place)}: must be a text; put it in quotes.")
        try:
            _names(text)
        except ValueError:
            raise BadSetting(f"{name_place(path, said, place)}: a brace is missing, or one too many.") from None
        yield tuple(str(part) for part in place), text


def _flat(tree: Mapping[Any, Any], place: Place) -> Iterator[tuple[Place, Any]]:
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from _flat(value, (*place, key))
        else:
            yield (*place, key), value


def _names(text: str) -> frozenset[str]:
    """What is filled in. Raises ValueError where the braces do not match."""
    return frozenset(name for _, name, _, _ in Formatter().parse(text) if name is not None)


def _braced(names: frozenset[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names))
