"""Tables of the command line, readable on 80 columns and in a pipe: what a row is about is never cut, and a figure never broken."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table


def screen_table(named: str, *counts: str, **how: Any) -> Table:
    """A name, which goes on in the next line where it must, and figures under short headings (`too\\nearly` stands in two lines)."""
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, **how)
    table.add_column(named, overflow="fold")
    for heading in counts:
        table.add_column(heading, no_wrap=True)
    return table


def show(console: Console, table: Table) -> None:
    """In the width of the screen; into a pipe or a file as wide as it is, so that a row is one line."""
    if console.is_terminal:
        console.print(table)
        return
    wide = Console(file=console.file, highlight=False, width=100_000)
    wide.width = max(console.width, Measurement.get(wide, wide.options, table).maximum)
    wide.print(table)
