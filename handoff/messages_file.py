"""The sentences of the service and of the bot, one file a language: config/messages/<language>/<name>.yml, each checked with the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Formatter
from typing import Any

from handoff.errors import BadSetting
from handoff.mistake import Mistake, Place
from handoff.near import instead, nearest
from handoff.yaml_text import mistakes_told, parse, read_text

Texts = Mapping[str, Mapping[str, str]]  # language -> dotted key -> text


def read_messages(folder: Path, name: str, *, default: str) -> Texts:
    """Every language under `folder`; each has the sentences of the language `default`, with the same `{names}` in them.

    Raises `BadSetting` with the place of the first mistake, or where there is nothing in the language `default`.
    """
    paths = {language.name: language / name for language in sorted(folder.glob("[!.]*")) if language.is_dir()}
    written = {language: (path, read_text(path)) for language, path in paths.items()}
    if default not in written:
        raise BadSetting(f"HEARD_LOCALE: there are no messages for {default} in {folder} ({default}/{name}).")
    texts: dict[str, dict[str, str]] = {}
    for language, (path, said) in written.items():
        with mistakes_told(path, said):
            texts[language] = {".".join(place): text for place, text in _texts(path, said)}
    for language, (path, said) in written.items():
        with mistakes_told(path, said):
            _match(texts[language], language, texts[default], default)
    return texts


def _texts(path: Path, said: str) -> Iterator[tuple[tuple[str, ...], str]]:
    read = parse(path, said)
    if not isinstance(read, dict) or not read:
        raise BadSetting(f"{path}: {'must be' if read else 'is empty; it must be'} a list of names with their sentences.")
    for place, text in _flat(read, ()):
        if not all(isinstance(part, str) for part in place):
            raise Mistake(place, "this name must be put in quotes")
        if not isinstance(text, str):
            raise Mistake(place, "must be a text in quotes", is_there=True)
        try:
            blanks(text)
        except ValueError:
            raise Mistake(place, "a brace is missing, or one too many: a name to fill in stands between { and }") from None
        yield tuple(str(part) for part in place), text


def _match(texts: Mapping[str, str], language: str, meant: Mapping[str, str], default: str) -> None:
    """Raises `Mistake` where a language has not the sentences of the default one, with the same names to fill in."""
    missing, more = sorted(meant.keys() - texts.keys()), sorted(texts.keys() - meant.keys())
    for key in more:
        known = missing if nearest(key, missing) else ()
        raise Mistake(tuple(key.split(".")), f"is in {language} only, not in {default}{instead(key, known)}")
    for key in missing:
        raise Mistake(tuple(key.split(".")), f"is missing in {language}; {default} has it")
    for key, text in texts.items():
        if blanks(text) != (names := blanks(meant[key])):
            there = f", not {_braced(blanks(text))}" if blanks(text) else ""
            raise Mistake(
                tuple(key.split(".")), f"must have in it what it has in {default}: {_braced(names) or 'nothing in braces'}{there}"
            )


def _flat(tree: Mapping[Any, Any], place: Place) -> Iterator[tuple[Place, Any]]:
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from _flat(value, (*place, key))
        else:
            yield (*place, key), value


def blanks(text: str) -> frozenset[str]:
    """What is filled in, as it stands between its braces. Raises ValueError where the braces do not match."""
    parts = [(name, form, how) for _, name, form, how in Formatter().parse(text) if name is not None]
    return frozenset(name + (f"!{how}" if how else "") + (f":{form}" if form else "") for name, form, how in parts)


def _braced(names: frozenset[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names))
