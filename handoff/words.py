"""The service's own words, one file a language: config/messages/<language>/service.yml."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from handoff.messages_file import read_messages

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
    """Read every language under `folder`. Raises `BadSetting` with the place of the first mistake."""
    return Words(read_messages(folder, "service.yml", default=default), default=default)
