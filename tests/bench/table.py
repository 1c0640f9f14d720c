"""The table: what was measured, what was aimed at, and whether it was met."""

from __future__ import annotations

from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Row:
    """`met`: None where nothing is aimed at."""

    what: str
    measured: str
    target: str = ""
    met: bool | None = None


def show(console: Console, sections: dict[str, list[Row]], notes: tuple[str, ...]) -> None:
    table = Table("", "measured", "target", "", title="Heard, measured", title_justify="left")
    words = {None: "", True: "[green]met[/]", False: "[red]missed[/]"}
    for title, rows in sections.items():
        table.add_section()
        table.add_row(f"[bold]{title}[/]")
        for row in rows:
            table.add_row(f"  {row.what}", row.measured, row.target, words[row.met])
    console.print(table)
    for note in notes:
        console.print(note, soft_wrap=True, markup=False)
