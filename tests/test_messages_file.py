"""Sentences in two languages must be the same sentences, and what is wrong in a file of them is told with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from handoff.errors import BadSetting
from handoff.messages_file import read_messages

ENGLISH = """\
clinic: the clinic
joined: "{name} has joined"
late:
  sorry: We are late
  until: "Until {time} {day}"
"""
SPANISH = """\
clinic: la clínica
joined: "{name} está aquí"
late:
  sorry: Llegamos tarde
  until: "Hasta las {time} del {day}"
"""


def write(folder: Path, spanish: str, english: str = ENGLISH) -> None:
    for language, text in (("en", english), ("es", spanish)):
        (folder / language).mkdir()
        (folder / language / "service.yml").write_text(text, encoding="utf-8")


def test_what_fits_is_read(tmp_path: Path) -> None:
    write(tmp_path, SPANISH)
    texts = read_messages(tmp_path, "service.yml", default="en")
    assert texts["es"]["late.until"] == "Hasta las {time} del {day}"
    assert list(texts["en"]) == ["clinic", "joined", "late.sorry", "late.until"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("clinic: la clínica", "clinic: 5", ":1: clinic: must be a text in quotes, not 5."),
        ("clinic: la clínica", "clinic: no", ":1: clinic: must be a text in quotes, not no."),
        ("clinic: la clínica", "clinic:", ":1: clinic: must be a text in quotes, not empty."),
        ("clinic: la clínica", "clinic: [la clínica]", ":1: clinic: must be a text in quotes, not a list."),
        ("clinic: la clínica", "yes: la clínica", ":1: yes: this name must be put in quotes."),
        ("clinic: la clínica", "clinic: la clínica: aquí", ":1: a second colon stands in this line; put in quotes a text with a colon."),
        (
            "clinic: la clínica",
            "clinic: “la clínica”",
            ":1: “la clínica”: these quotation marks are a word processor's; write straight ones: \".",
        ),
        ("clinic:", "clinica:", ":1: clinica: is in es only, not in en; did you mean clinic?"),
        ("clinic: la clínica", "clinic: la clínica\nfarewell: adiós", ":2: farewell: is in es only, not in en."),
        ("clinic:", "farewell:", ":1: farewell: is in es only, not in en."),
        ("clinic: la clínica\n", "", ":1: clinic: is missing in es; en has it."),
        ("  sorry: Llegamos tarde\n", "", ":3: late.sorry: is missing in es; en has it."),
        ("{name}", "{nombre}", ":2: joined: must have in it what it has in en: {name}, not {nombre}."),
        ("{name}", "{name:>9}", ":2: joined: must have in it what it has in en: {name}, not {name:>9}."),
        ("{name} ", "", ":2: joined: must have in it what it has in en: {name}."),
        (" del {day}", "", ":5: late.until: must have in it what it has in en: {day}, {time}, not {time}."),
        ("Llegamos tarde", '"{tarde}"', ":4: late.sorry: must have in it what it has in en: nothing in braces, not {tarde}."),
        ("{name}", "{name", ":2: joined: a brace is missing, or one too many: a name to fill in stands between { and }."),
        ("  until", "\tuntil", ":5: a tab stands at the beginning of this line; write spaces."),
        (SPANISH, "", ": is empty; it must be a list of names with their sentences."),
        (SPANISH, "- hola", ": must be a list of names with their sentences."),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in SPANISH
    write(tmp_path, SPANISH.replace(old, new, 1))
    with pytest.raises(BadSetting) as caught:
        read_messages(tmp_path, "service.yml", default="en")
    assert caught.value.message == f"{tmp_path / 'es' / 'service.yml'}{said}"


def test_a_language_that_is_not_there_is_named_with_its_setting(tmp_path: Path) -> None:
    write(tmp_path, SPANISH)
    with pytest.raises(BadSetting, match=r"HEARD_LOCALE: there are no messages for fr in .* \(fr/service\.yml\)"):
        read_messages(tmp_path, "service.yml", default="fr")
