"""A table of states and events as a person reads it: a heading of states, then a line for each event."""

from __future__ import annotations


def read(table: str) -> list[tuple[str, str, str]]:
    """Every cell as (state, event, cell)."""
    heading, *lines = table.strip("\n").split("\n")
    states = heading.split()
    found = []
    for line in lines:
        event, *cells = line.split()
        assert len(cells) == len(states), event
        found += [(state, event, cell) for state, cell in zip(states, cells, strict=True)]
    return found
