"""What is no YAML in config/routing.yml, and the sentence that says so, in words for whoever wrote it and not for who wrote the reader."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.triage.small_routing import SMALL, told

MISFIT = (
    "this line does not fit to those above: it begins further in or out than its neighbours, "
    "or a quotation mark or bracket above it is not closed or is one too many"
)

# what stands in place of what; so many lines further down than it; what is said of that line
YAML: list[tuple[str, str, int, str]] = [
    ("  misses: 3", "\tmisses: 3", 0, "a tab stands at the beginning of this line; write spaces."),
    ("  misses: 3", "  \tmisses: 3", 0, "a tab stands at the beginning of this line; write spaces."),
    ("  misses: 3", "\u00a0 misses: 3", 0, "this line begins with a space that is none, as word processors write it; write it anew."),
    ("  misses: 3", "  misses 3", 0, "a colon is missing after the name, and a space after the colon, as in `misses: 3`."),
    ("  misses: 3", "  misses:3", 0, "a space is missing after the colon."),
    ("fall_back: clinic", "fall_back:clinic", 0, "a space is missing after the colon."),
    ("teams: [nurses]", "teams:[nurses]", 0, "a space is missing after the colon."),
    ("  misses: 3", "   misses: 3", 0, "this line begins further in than the one above, which is complete."),
    ("  misses: 3", " misses: 3", 0, f"{MISFIT}."),
    ("  misses: 3", "misses: 3", 1, "this line begins further in than the one above, which is complete."),
    ("  misses: 3", "  misses: 3: 4", 0, "a second colon stands in this line; put in quotes a text with a colon."),
    ("  misses: 3", "  misses: 3\n  misses: 4", 1, "misses stands here a second time (first in line 33); rename or remove one."),
    (
        "people:\n",
        "people: {}\n  # ours\n\n",
        0,
        "{} and [] say that there is nothing here, and the next line says more; remove them from this line.",
    ),
    (
        "sam@clinic.example: {}",
        "sam@clinic.example: { teams: [nurses]",
        0,
        "a { of this line is not closed with }, or a comma is missing between two names behind it.",
    ),
    (
        "languages: [en, es]",
        "languages: [en, es",
        0,
        "a [ of this line is not closed with ], or a comma is missing between two words behind it.",
    ),
    ('version: "5"', 'version: "5', 3, f"{MISFIT}."),
    ('version: "5"', "version: “5”", 0, "“5”: these quotation marks are a word processor's; write straight ones: \"."),
    ("  sam@clinic.example: {}", "  sam@clinic.example: {}\n  @tom: {}", 1, "what begins with @ must be put in quotes."),
    ("  sam@clinic.example: {}", "  @sam: {}", 0, "what begins with @ must be put in quotes."),
    ("fall_back: clinic", "fall_back: *clinic", 0, "what begins with * must be put in quotes."),
    ("fall_back: clinic", "fall_back: !clinic clinic", 0, "what begins with ! must be put in quotes."),
    ("fall_back: clinic", "%fall_back: clinic", 0, "what begins with % must be put in quotes."),
    ("fall_back: clinic", "---\nfall_back: clinic", 0, "a line of dashes ends the file here; remove it."),
    ("fall_back: clinic", "fall_back: |clinic", 0, "what begins with | or > must be put in quotes."),
    (
        "fall_back: clinic",
        "<<<<<<< HEAD\nfall_back: clinic",
        0,
        "two versions of the file were joined here; keep one of them, and remove the lines of <, = and >.",
    ),
    (
        "        - furious",
        '        - "so" furious',
        0,
        "behind the second quotation mark more is written; put all of it in quotes, or nothing.",
    ),
    ("  - { after: 2,", "  -{ after: 2,", 0, "a space is missing after the dash."),
    ("misses: 3", "misses: 3\x07", 0, "a sign that cannot be seen stands in this line; write the line anew."),
]


@pytest.mark.parametrize(("old", "new", "further", "said"), YAML, ids=[row[1][:60] for row in YAML])
def test_what_is_no_yaml_is_told_in_plain_words_with_its_line(tmp_path: Path, old: str, new: str, further: int, said: str) -> None:
    assert old in SMALL
    line = SMALL[: SMALL.index(old)].count("\n") + 1 + further
    assert told(tmp_path, SMALL.replace(old, new, 1)) == f":{line}: {said}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ": is empty: version, teams, safety and so on."),
        ("# nothing yet\n", ": is empty: version, teams, safety and so on."),
        ("- 1\n", ": must be a list of parts: version, teams, safety and so on."),
        ("# Elm Street\n# mañana\n".encode("cp1252"), ":2: not saved as UTF-8; save the file again with the encoding UTF-8."),
        (SMALL.encode("utf-16"), ":1: not saved as UTF-8; save the file again with the encoding UTF-8."),
    ],
)
def test_a_file_that_is_no_list_of_parts_says_so(tmp_path: Path, text: str | bytes, said: str) -> None:
    assert told(tmp_path, text) == said
