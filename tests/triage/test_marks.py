"""How staff judge an arrival: who may, of which one, and until when; through the deeds, on both databases."""

from __future__ import annotations

import pytest

from handoff.desk import marks, passing_on, staff, views
from handoff.errors import BadInput, NotAllowed, NotFound
from handoff.store import tables as t
from tests.cast import Cast, in_line, is_here


async def test_whoever_took_it_judges_the_arrival(cast: Cast) -> None:
    await in_line(cast)
    await cast.desk.do(staff.take, cast.maria, cast.ana)
    item = await cast.desk.do(marks.mark, cast.maria, cast.ana, "too_late")
    assert (item["mark"], "mark" in item["can"]) == ("too_late", True)
    await cast.desk.do(marks.mark, cast.maria, cast.ana, "right")
    (row,) = await cast.rows(t.arrival_mark)
    assert (row["mark"], row["staff"]) == ("right", cast.maria.id)
    assert [row["detail"]["mark"] for row in await cast.rows(t.audit) if row["act"] == "marked"] == ["too_late", "right"]


async def test_colleagues_do_not_and_seniors_may(cast: Cast) -> None:
    await in_line(cast)
    await cast.desk.do(staff.take, cast.maria, cast.ana)
    with pytest.raises(NotAllowed):
        await cast.desk.do(marks.mark, cast.sam, cast.ana, "right")
    assert (await cast.desk.do(marks.mark, cast.priya, cast.ana, "wrong_team"))["mark"] == "wrong_team"


async def test_whoever_took_it_judges_it_also_when_it_is_closed_and_reads_nothing_more(cast: Cast) -> None:
    await in_line(cast)
    await cast.desk.do(staff.take, cast.maria, cast.ana)
    closed = await cast.desk.do(staff.close, cast.maria, cast.ana, "answered", "She was charged twice.")
    assert (closed["state"], closed["mark"], closed["can"]) == ("closed", None, ["mark"])
    await cast.writes("one more thing")  # to the bot
    item = await cast.desk.do(marks.mark, cast.maria, cast.ana, "too_late")
    assert (item["state"], item["mark"], item["can"]) == ("bot", "too_late", ["mark"])
    assert (item["reasons"], item["last_line"], item["note"], item["callback"]) == ([], None, None, None)
    assert (await cast.desk.look(views.item, cast.desk.house, cast.priya, cast.ana))["last_line"]["text"] == "one more thing"
    with pytest.raises(NotAllowed):
        await cast.desk.do(marks.mark, cast.sam, cast.ana, "right")


async def test_of_two_who_took_it_both_may_judge_it(cast: Cast) -> None:
    await in_line(cast)
    await cast.desk.do(staff.take, cast.maria, cast.ana)
    await cast.desk.do(passing_on.transfer, cast.maria, cast.ana, team="clinic", to=None, note="")
    assert (await cast.desk.do(marks.mark, cast.maria, cast.ana, "wrong_team"))["mark"] == "wrong_team"
    await cast.desk.do(staff.take, cast.sam, cast.ana)
    for person in (cast.maria, cast.sam):
        assert (await cast.desk.do(marks.mark, person, cast.ana, "right"))["mark"] == "right"


async def test_what_never_came_to_a_person_cannot_be_judged(cast: Cast) -> None:
    await in_line(cast)
    assert "mark" not in (await cast.desk.look(views.item, cast.desk.house, cast.priya, cast.ana))["can"]
    with pytest.raises(NotFound):
        await cast.desk.do(marks.mark, cast.priya, cast.ana, "right")


async def test_a_new_arrival_is_judged_anew_and_by_whoever_took_that_one(cast: Cast) -> None:
    await in_line(cast)
    await cast.desk.do(staff.take, cast.maria, cast.ana)
    await cast.desk.do(marks.mark, cast.maria, cast.ana, "too_early")
    await cast.desk.do(staff.close, cast.maria, cast.ana, "answered")
    cast.clock.forward(hours=1)
    await is_here(cast, cast.sam)
    await cast.asks_for_a_person()
    await cast.presses("Chat with a person")
    waiting = await cast.desk.look(views.item, cast.desk.house, cast.priya, cast.ana)
    assert (waiting["mark"], "mark" in waiting["can"]) == (None, False)  # nobody took the new one yet
    item = await cast.desk.do(staff.take, cast.sam, cast.ana)
    assert (item["mark"], "mark" in item["can"]) == (None, True)
    with pytest.raises(NotAllowed):
        await cast.desk.do(marks.mark, cast.maria, cast.ana, "right")


@pytest.mark.parametrize("given", ["", "perfect", None, 3, ["right"]])
async def test_only_the_four_marks(cast: Cast, given: object) -> None:
    await in_line(cast)
    await cast.desk.do(staff.take, cast.maria, cast.ana)
    with pytest.raises(BadInput):
        await cast.desk.do(marks.mark, cast.maria, cast.ana, given)
