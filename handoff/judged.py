"""How well each rule, in each version, brings conversations to people, from the marks that staff gave: precision, and what was missed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select

from handoff.desk.arrivals import REACHED
from handoff.store import tables as t

STEPPED_IN = "(staff stepped in)"  # no rule: a person saw it
ALL = "(all arrivals)"  # each once, whatever led to it


@dataclass
class Judged:
    """One rule in one version of config/routing.yml. `arrivals`: requests that reached a person for it, among other reasons; `marks`: how
    staff judged them; `missed`: those that should have come before, marked too late or found by staff themselves."""

    rule: str
    version: str
    arrivals: int = 0
    marks: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("right", "too_early", "too_late", "wrong_team"), 0))
    missed: int = 0

    @property
    def marked(self) -> int:
        return sum(self.marks.values())

    @property
    def precision(self) -> float | None:
        """Of the arrivals that were judged, how many needed a person by then; None where none was judged."""
        return (self.marked - self.marks["too_early"]) / self.marked if self.marked else None


@dataclass(frozen=True)
class Arrival:
    """A request that reached a person. `version`: of the rules by which that conversation was last judged before; `mark`: or None."""

    reasons: tuple[Mapping[str, Any], ...]
    version: str
    mark: str | None


def judge(db: Connection) -> list[Judged]:
    """All arrivals, whatever became of them since, and every rule by which they came, the most frequent first, each version by itself."""
    r, m, a = t.handoff_request.c, t.arrival_mark.c, t.assessment.c
    before = (a.conversation == r.conversation, a.at <= r.created_at)
    version = select(a.version).where(*before).order_by(a.at.desc(), a.id.desc()).limit(1).scalar_subquery()
    query = select(r.reasons, version.label("version"), m.mark).outerjoin(t.arrival_mark, m.request == r.id)
    rows = db.execute(query.where(REACHED))
    return tally(Arrival(tuple(row.reasons), row.version or "", row.mark) for row in rows)


def tally(arrivals: Iterable[Arrival]) -> list[Judged]:
    """Pure."""
    found: dict[tuple[str, str], Judged] = {}
    for arrival in arrivals:
        named = {(rule, reason.get("version") or arrival.version) for reason in arrival.reasons for rule in rules_of(reason)}
        late = arrival.mark == "too_late"
        for rule, version in named | {(ALL, version) for _, version in named}:
            judged = found.setdefault((rule, version), Judged(rule, version))
            judged.arrivals += 1
            judged.missed += late or rule == STEPPED_IN or (rule == ALL and (STEPPED_IN, version) in named)
            if arrival.mark is not None:
                judged.marks[arrival.mark] += 1
    totals = Counter[str]()
    for judged in found.values():
        totals[judged.rule] += judged.arrivals
    return sorted(found.values(), key=lambda one: (one.rule != ALL, -totals[one.rule], one.rule, one.version))


def rules_of(reason: Mapping[str, Any]) -> set[str]:
    """The rules behind one reason, without the phrase that was found: `safety.self_harm`, `frustration.told_you`, `button`."""
    named = [one["rule"] for one in reason.get("evidence") or ()] or [reason.get("rule") or _unnamed(reason)]
    return {str(rule).partition(": ")[0] for rule in named}


def _unnamed(reason: Mapping[str, Any]) -> str:
    return STEPPED_IN if reason["reason"] == "asked" and reason.get("message") is None else str(reason["reason"])
