"""Looks at the line in tests: the jobs that every change of it leaves, run as the runner runs them; and what was offered to whom."""

from __future__ import annotations

from typing import Any

from handoff import jobs
from handoff.desk import offering, views
from handoff.staff import presence
from handoff.staff.access import Person
from handoff.store import tables as t
from tests.cast import Cast


async def look(cast: Cast) -> None:
    """Every look that is due, as the runner does it."""
    while True:
        found = await cast.desk.do(
            lambda work: [job for job in jobs.claim(work.db, now=work.now, owner="test", limit=50) if job.kind == "line"]
        )
        born = [
            jobs.Lease(row["id"], row["lease_owner"], row["lease_epoch"])
            for row in await cast.rows(t.job)
            if row["kind"] == "line" and row["state"] == "running"
        ]
        if not born:
            return
        assert {job.id for job in found} <= {lease.job for lease in born}
        for lease in born:
            await cast.desk.do(offering.look_at_line, lease)


async def offered(cast: Cast) -> list[tuple[str, str]]:
    """Whom it was offered to, and what became of it, oldest first."""
    names = {person.id: person.name for person in (cast.maria, cast.sam, cast.priya)}
    return [(names[row["staff"]], row["state"]) for row in sorted(await cast.rows(t.offer), key=lambda row: (row["made_at"], row["id"]))]


async def later(cast: Cast, **length: float) -> None:
    """Time passes, and everybody's connection lives on."""
    cast.clock.forward(**length)
    sockets = [row["socket"] for row in await cast.rows(t.presence) if row["node"] != "gone"]
    await cast.desk.do(presence.renew, sockets)
    await look(cast)


async def item(cast: Cast, person: Person) -> dict[str, Any]:
    return await cast.desk.look(views.item, cast.desk.house, person, cast.ana)
