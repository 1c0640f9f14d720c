"""A mistake in a file that a clinic writes itself, with the way to it. Pure."""

from __future__ import annotations

Place = tuple[int | str, ...]


class Mistake(ValueError):
    """`place` is the way to it in the file; `is_there`: what is written there is said at the end (`must be a number, not 45s`)."""

    def __init__(self, place: Place, message: str, *, is_there: bool = False) -> None:
        self.place = place
        self.is_there = is_there
        super().__init__(message)
