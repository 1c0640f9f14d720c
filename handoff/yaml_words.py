"""What YAML's own reader says of a file that is none, in words for whoever wrote the file. Pure.

Its words name what a parser expected; a few looks at the line and the one before it tell what was done: a tab, a colon without a space.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

LOOKS: tuple[tuple[str, str], ...] = (  # what may stand in a line -> what is wrong with it
    (r" *\t", "a tab stands at the beginning of this line; write spaces"),
    (r"\s*[\u00a0\u2000-\u200b\u3000\ufeff]", "this line begins with a space that is none, as word processors write it; write it anew"),
    (r"<{7}|={7}|>{7}", "two versions of the file were joined here; keep one of them, and remove the lines of <, = and >"),
    (r"""\s*(?:- )?["“][^"]*["”] *[^\s:,#\]}]""", "behind the second quotation mark more is written; put all of it in quotes, or nothing"),
    (r"\s*-[^\s-]", "a space is missing after the dash"),
    (r"""(?:\s*(?:- )?|[^"']*[{,] *)[A-Za-z_][\w@.+-]*:[^\s:/]""", "a space is missing after the colon"),
)
PROBLEMS: tuple[tuple[str, str], ...] = (  # what the reader says -> what we say; the first that fits
    ("could not find expected ':'", "a colon is missing after the name, and a space after the colon, as in `misses: 3`"),
    ("did not find expected ',' or '}'", "a { of this line is not closed with }, or a comma is missing between two names behind it"),
    ("did not find expected ',' or ']'", "a [ of this line is not closed with ], or a comma is missing between two words behind it"),
    ("unexpected end of stream", "a quotation mark of this line is not closed"),
    ("did not find expected '-'", "in a list each line begins with a dash and a space, as far in as the line above"),
    ("undefined alias", "what begins with * must be put in quotes"),
    ("tag", "what begins with ! must be put in quotes"),
    ("unexpected non-alphabetical character", "what begins with % must be put in quotes"),
    ("another document", "a line of dashes ends the file here; remove it"),
    ("expected comment or line break", "what begins with | or > must be put in quotes"),
    ("expected node content", "a comma, or a bracket, stands here and nothing before it"),
    ("unhashable key", "a name begins with [ or {; put it in quotes"),
    ("for merging", "<< must be put in quotes"),
    ("mapping values are not allowed", "a second colon stands in this line; put in quotes a text with a colon"),
    (
        "did not find expected key",
        "this line does not fit to those above: it begins further in or out than its neighbours, "
        "or a quotation mark or bracket above it is not closed or is one too many",
    ),
)
OPENED = ("',' or", "end of stream", "expected ':'")  # of these, the line that matters is where it began


def explain(lines: Sequence[str], problem: str, line: int, began: int, column: int) -> tuple[int, str]:
    """The line, and a sentence. `line`, `column`: where the reader stopped; `began`: where what it was reading began. All from 0."""
    above = next((number for number in range(min(line, len(lines)) - 1, -1, -1) if _says_something(lines[number])), line)
    here = lines[line] if line < len(lines) else ""
    if line != above and re.search(r": (\{\}|\[\])\s*(#.*)?$", lines[above]) and _indent(here) > _indent(lines[above]):
        return above, "{} and [] say that there is nothing here, and the next line says more; remove them from this line"
    opened = any(word in problem for word in OPENED)
    for number in (line, above):
        for look, sentence in LOOKS:
            if number < len(lines) and re.match(look, lines[number]):
                return number, sentence
    if "cannot start any token" in problem:
        return line, f"what begins with {here[column : column + 1]} must be put in quotes"
    if "expected node content" in problem and not here[column:].strip():
        return above, "a bracket of this line, or of one above it, is not closed"
    sentence = next((said for word, said in PROBLEMS if word in problem), f"this cannot be read as YAML ({problem})")
    if "mapping values" in problem and _indent(here) > _indent(lines[above]):
        sentence = "this line begins further in than the one above, which is complete"
    return (began if opened else line), sentence


def _says_something(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
