"""The service's own words, one file a language: config/messages/<language>/service.yml."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from handoff.errors import BadSetting
from handoff.yaml_text import read_yaml

_DAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
}
_MONTHS = {
    "en": ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"],
    "es": ["enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"],
}


class Words:
    def __init__(self, texts: Mapping[str, Mapping[str, str]], *, default: str) -> None:
        """`texts`: language -> dotted key -> text; `default`: the language for a patient whose own we do not speak."""
        self._texts = texts
        self._default = default

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(self._texts)

    def language(self, locale: str) -> str:
        """The language we speak with a patient of `locale` (`es-MX` -> `es`)."""
        short = locale.lower().split("-")[0]
        return short if short in self._texts else self._default

    def say(self, locale: str, key: str, *, by_text: bool = False, **facts: object) -> str:
        """The text of a dotted key with its `{names}` filled in. Raises KeyError where there is no such key.

        A sentence that begins with the clinic's name begins with a capital, whatever the clinic is called.
        `by_text`: it leaves as a text message; where the key has other words for that, they stand under `texts.<key>`.
        """
        texts = self._texts[self.language(locale)]
        own = f"texts.{key}"
        text = texts[own if by_text and own in texts else key]
        said = text.format_map(facts)
        return f"{said[:1].upper()}{said[1:]}" if text.startswith("{clinic}") else said

    def day(self, locale: str, when: date) -> str:
        """`Friday 27 November` or `viernes 27 de noviembre`."""
        language = self.language(locale)
        joint = " de " if language == "es" else " "
        return f"{_DAYS[language][when.weekday()]} {when.day}{joint}{_MONTHS[language][when.month - 1]}"


def load_words(folder: Path, *, default: str) -> Words:
    """Read every language under `folder`. Raises `BadSetting` where a file is missing, unreadable, or lacks a key that another has."""
    texts: dict[str, dict[str, str]] = {}
    for path in sorted(folder.glob("*/service.yml")):
        try:
            texts[path.parent.name] = dict(_flat(read_yaml(path.read_text(encoding="utf-8"))))
        except (OSError, yaml.YAMLError, AttributeError, TypeError):
            raise BadSetting(f"{path}: this file of messages cannot be read.") from None
    if default not in texts:
        raise BadSetting(f"HEARD_LOCALE: there are no messages for {default} in {folder}.")
    for language, own in texts.items():
        missing = sorted(texts[default].keys() ^ own.keys())
        if missing:
            raise BadSetting(f"{folder / language}: {missing[0]} is in one language only.")
    return Words(texts, default=default)


def _flat(tree: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in tree.items():
        name = f"{prefix}{key}"
        found += _flat(value, f"{name}.") if isinstance(value, dict) else [(name, str(value))]
    return found
