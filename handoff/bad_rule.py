"""A mistake in config/routing.yml, with the way to it. Pure."""

from __future__ import annotations

Place = tuple[int | str, ...]


class BadRule(ValueError):
    """A rule that cannot be used; `place` is the way to it in the file."""

    def __init__(self, place: Place, message: str) -> None:
        self.place = place
        super().__init__(message)
