"""What a patient's page shows of who is there, on both databases."""

from __future__ import annotations

import pytest

from handoff.desk import passing_on, patient_view, staff
from tests.cast import Cast, in_line

pytestmark = pytest.mark.usefixtures("cast")


async def test_the_patient_is_told_who_reads_it_while_it_is_passed_on_and_nobody_once_it_is_parked(cast: Cast) -> None:
    async def reader() -> str | None:
        shown = await cast.desk.look(patient_view.state, cast.desk.house, cast.ana, cast.clock.now())
        assert shown is not None
        return shown["staff"] and str(shown["staff"]["name"])

    await in_line(cast)
    assert await reader() is None
    await cast.desk.do(staff.take, cast.maria, cast.ana)
    assert await reader() == "Maria"
    await cast.desk.do(passing_on.transfer, cast.maria, cast.ana, team=None, to=cast.sam.id, note="")
    assert await reader() == "Maria"
    await cast.desk.do(staff.take, cast.sam, cast.ana)
    assert await reader() == "Sam"
    await cast.desk.do(passing_on.park, cast.sam, cast.ana)
    assert await reader() is None
