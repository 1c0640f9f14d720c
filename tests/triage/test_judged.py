"""How staff judged what arrived: by rule, then the whole way on both databases."""

from __future__ import annotations

from typing import Any

from handoff.desk import marks, staff
from handoff.judged import STEPPED_IN, judge, tally
from tests.cast import Cast, in_line, is_here


def reason(rule: str, reason: str = "frustrated", message: str | None = "m") -> dict[str, Any]:
    return {"reason": reason, "rule": rule, "message": message, "words": ""}


def test_each_rule_is_judged_by_the_marks_of_what_it_led_to() -> None:
    both = {**reason("frustration.told_you"), "evidence": [{"rule": "frustration.told_you"}, {"rule": "frustration.marks"}]}
    found = tally(
        [
            ([both], "right"),
            ([reason("frustration.told_you")], "too_early"),
            ([reason("frustration.told_you")], "too_late"),
            ([reason("frustration.told_you")], None),
            ([reason("safety.self_harm: kill myself", "unsafe")], "wrong_team"),
            ([reason("", "asked", None)], "too_late"),
            ([reason("", "low_score")], None),
        ]
    )
    shown = {one.rule: (one.arrivals, list(one.marks.values()), one.precision, one.missed) for one in found}
    assert shown == {
        "frustration.told_you": (4, [1, 1, 1, 0], 2 / 3, 1),
        "frustration.marks": (1, [1, 0, 0, 0], 1.0, 0),
        "safety.self_harm": (1, [0, 0, 0, 1], 1.0, 0),
        STEPPED_IN: (1, [0, 0, 1, 0], 1.0, 1),
        "low_score": (1, [0, 0, 0, 0], None, 0),
    }
    assert found[0].rule == "frustration.told_you"


async def test_the_report_reads_what_staff_marked(cast: Cast) -> None:
    await in_line(cast)
    await cast.desk.do(staff.take, cast.maria, cast.ana)
    await cast.desk.do(marks.mark, cast.maria, cast.ana, "too_early")
    (judged,) = await cast.desk.look(judge)
    assert (judged.rule, judged.arrivals, judged.marks["too_early"], judged.precision) == ("button", 1, 1, 0.0)


async def test_a_supervisor_who_steps_in_shows_a_missed_handoff(cast: Cast) -> None:
    await is_here(cast, cast.priya)
    await cast.desk.do(staff.take, cast.priya, cast.ana)
    (judged,) = await cast.desk.look(judge)
    assert (judged.rule, judged.missed) == (STEPPED_IN, 1)
