"""CSV as others write it, read whole before anything is done with it: what is broken is named with its file, line and column."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from handoff.errors import BadInput


@dataclass(frozen=True)
class Row:
    """One row, and the line of the file in which it begins."""

    path: Path
    line: int
    fields: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.fields[column]

    def one_of(self, column: str, allowed: Collection[str]) -> str:
        """Raises `BadInput`."""
        value = self.fields[column]
        if value not in allowed:
            named = ", ".join(one or "nothing" for one in allowed)
            raise self._bad(column, f"{_short(value)} is none of {named}")
        return value

    def flag(self, column: str) -> bool:
        """Raises `BadInput`."""
        return self.one_of(column, ("0", "1")) == "1"

    def flag_if_given(self, column: str) -> bool | None:
        """None where the cell is empty. Raises `BadInput`."""
        return self.flag(column) if self.fields[column] else None

    def step(self, column: str, low: int, high: int) -> str:
        """A whole number: `"-3.0"` is `"-3"`; empty stays empty. Raises `BadInput`."""
        value = self.fields[column].strip()
        if not value:
            return ""
        try:
            number = float(value)
        except ValueError:
            raise self._bad(column, f"{_short(value)} is no number") from None
        if not low <= number <= high or number != int(number):
            raise self._bad(column, f"{_short(value)} is no whole number from {low} to {high}")
        return str(int(number))

    def _bad(self, column: str, why: str) -> BadInput:
        return BadInput(f"{self.path}:{self.line}: {column}: {why}.")


def read_rows(path: Path, columns: str) -> list[Row]:
    """Every row of a file; each has the columns, others may end before. Raises `BadInput` with the first mistake."""
    csv.field_size_limit(sys.maxsize)
    text = _decoded(path)
    if not text.strip():
        raise BadInput(f"{path}:1: the file is empty; its first line must name the columns.")
    records = _records(path, text)
    _, head = next(records)
    needed = columns.split()
    for column in needed:
        if column not in head:
            raise BadInput(f"{path}:1: there is no column named {column}; {_named(head)}.")
    for column in head:
        if head.count(column) > 1:
            raise BadInput(f"{path}:1: {column or 'a column without a name'} stands there twice.")
    return [Row(path, line, _fields(path, line, head, record, needed)) for line, record in records if record]


def _decoded(path: Path) -> str:
    """Raises `BadInput` where the file cannot be read or is not UTF-8."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error.strerror}).") from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8-sig", "replace")
        raise BadInput(f"{path}:{_place(before)} not saved as UTF-8; save it again with the encoding UTF-8.") from None
    if "\0" in text:  # mostly UTF-16 without its mark; left out, it would join words or lose letters
        where = _place(text[: text.index("\0")])
        raise BadInput(f"{path}:{where} a NUL byte stands there, which no text has; save the file again with the encoding UTF-8.")
    return text


def _place(before: str) -> str:
    """The line, and behind the head also the column, that comes after `before`."""
    head, *rows = csv.reader(io.StringIO(f"{before}?", newline=""))
    return f"{before.count(chr(10)) + 1}:" + (f" {_column(head, len(rows[-1]) - 1)}:" if rows else "")


def _named(head: list[str]) -> str:
    """What a head has instead of a column that is missing."""
    if head and not any(";" in column or "\t" in column for column in head):
        return f"there is {', '.join(map(_short, head))}"
    return "put commas between the columns" if head else "the line is empty"


def _records(path: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line in which it begins, the head first. Raises `BadInput` where quotes are wrong."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    head: list[str] | None = None
    while True:
        line = reader.line_num + 1
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error:
            rest = "".join(io.StringIO(text, newline="").readlines()[line - 1 :])
            column = _column(head or [], _misquoted(rest))
            raise BadInput(f"{path}:{line}: {column}: a quote is not closed, or one within the text is not doubled.") from None
        head = record if head is None else head
        yield line, record


def _misquoted(record: str) -> int:
    """The number of the field whose quotes are wrong."""
    number, quoted, place = 0, False, 0
    while place < len(record):
        char, after = record[place], record[place + 1 : place + 2]
        if not quoted:
            quoted = char == '"' and record[place - 1 : place] in ("", ",")
            number += char == ","
        elif char == '"' and after == '"':
            place += 1
        elif char == '"':
            if after not in ("", ",", "\r", "\n"):
                return number
            quoted = False
        place += 1
    return number


def _fields(path: Path, line: int, head: list[str], record: list[str], needed: list[str]) -> dict[str, str]:
    """By name; what a short row does not reach is empty, where it is not needed. A comma too many at the end is nothing."""
    size = f"{len(record)} fields, and the head names {len(head)}"
    if any(record[len(head) :]):
        raise BadInput(f"{path}:{line}: the row has {size}; a text with a comma in it stands in quotes.")
    for column in head[len(record) :]:
        if column in needed:
            raise BadInput(f"{path}:{line}: {column}: is missing; the row has {size}.")
    return dict(zip(head, [*record, *[""] * len(head)], strict=False))


def _column(head: list[str], number: int) -> str:
    return head[number] if number < len(head) else f"field {number + 1}"


def _short(value: str) -> str:
    """A label of a file, not a whole text that stands in the wrong place."""
    return f"'{value}'" if len(value) <= 30 else f"'{value[:30]}…'"
