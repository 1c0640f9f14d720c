"""What `heard triage explain` prints: the level, then each thing that spoke for it, with the phrase of the file and what it found."""

from __future__ import annotations

from collections.abc import Iterator

from handoff.danger import Danger
from handoff.points import Evidence
from handoff.routing_file import phrase_line
from handoff.triage import Assessment, Cause


def lines(made: Assessment, written: str) -> Iterator[str]:
    """`written`: the file of rules, for the lines of its phrases."""
    yield f"{made.level}, priority {made.priority}, topic {made.topic}, language {made.language or '?'}, rules {made.version}"
    for place, cause in enumerate(made.causes):
        yield _cause(cause, noted=place >= made.enough)
        for one in cause.evidence:
            yield from _evidence(one, written)
    for danger, why in made.held:
        yield f"held back by {why}"
        yield from _held(danger, written)
    if not made.causes and not made.held:
        yield "nothing speaks for a person"


def _cause(cause: Cause, *, noted: bool) -> str:
    return f"{cause.reason}{_points(cause.points)}{', noted only' if noted else ''}"


def _evidence(one: Evidence, written: str) -> Iterator[str]:
    points = _points(one.points)
    if one.phrase:
        name = one.rule.partition(": ")[0]
        yield f'  {name}{points}: "{one.said}"'
        yield _phrase(one.phrase, name, written)
    else:
        yield f"  {one.rule}{points}" + (f': "{one.words}"' if one.words else "")


def _points(points: float) -> str:
    """Danger and a wish have none."""
    return f", {points:g} point{'' if points == 1 else 's'}" if points else ""


def _held(danger: Danger, written: str) -> Iterator[str]:
    name = f"safety.{danger.danger}"
    yield f'  {name}: "{danger.said}"'
    yield _phrase(danger.rule, name, written)


def _phrase(phrase: str, rule: str, written: str) -> str:
    return f"    line {phrase_line(written, rule, phrase)}: {phrase}"
