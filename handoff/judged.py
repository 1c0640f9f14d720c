"""How well each rule brings conversations to people, from the marks that staff gave: precision, and what came too late or by nobody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select

from handoff.store import tables as t

STEPPED_IN = "(staff stepped in)"  # no rule: a person saw it


@dataclass
class Judged:
    """One rule. `arrivals`: requests that reached a person for it, among other reasons; `marks`: how staff judged them."""

    rule: str
    arrivals: int = 0
    marks: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("right", "too_early", "too_late", "wrong_team"), 0))

    @property
    def marked(self) -> int:
        return sum(self.marks.values())

    @property
    def precision(self) -> float | None:
        """Of the arrivals that were judged, how many needed a person by then; None where none was judged."""
        return (self.marked - self.marks["too_early"]) / self.marked if self.marked else None

    @property
    def missed(self) -> int:
        """Handoffs that should have come before: marked too late, or found by staff themselves."""
        return self.arrivals if self.rule == STEPPED_IN else self.marks["too_late"]


def judge(db: Connection) -> list[Judged]:
    """Every rule by which a request reached a person, the most frequent first."""
    r, m = t.handoff_request.c, t.arrival_mark.c
    query = select(r.reasons, m.mark).outerjoin(t.arrival_mark, m.request == r.id).where(r.state.in_(("assigned", "completed")))
    return tally((row.reasons, row.mark) for row in db.execute(query))


def tally(arrivals: Iterable[tuple[list[Mapping[str, Any]], str | None]]) -> list[Judged]:
    """`arrivals`: the reasons of each, and its mark or None. Pure."""
    found: dict[str, Judged] = {}
    for reasons, mark in arrivals:
        for rule in sorted({name for reason in reasons for name in rules_of(reason)}):
            judged = found.setdefault(rule, Judged(rule))
            judged.arrivals += 1
            if mark is not None:
                judged.marks[mark] += 1
    return sorted(found.values(), key=lambda judged: (-judged.arrivals, judged.rule))


def rules_of(reason: Mapping[str, Any]) -> set[str]:
    """The rules behind one reason, without the phrase that was found: `safety.self_harm`, `frustration.told_you`, `button`."""
    named = [one["rule"] for one in reason.get("evidence") or ()] or [reason.get("rule") or _unnamed(reason)]
    return {str(rule).partition(": ")[0] for rule in named}


def _unnamed(reason: Mapping[str, Any]) -> str:
    return STEPPED_IN if reason["reason"] == "asked" and reason.get("message") is None else str(reason["reason"])
