"""How staff judged what arrived: by rule and version, then the whole way on both databases."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from handoff import signals as sig
from handoff.cli import cli
from handoff.desk import marks, passing_on, staff
from handoff.judged import ALL, STEPPED_IN, Arrival, judge, tally
from handoff.store import purge
from handoff.store import tables as t
from tests.cast import Cast, in_line, is_here
from tests.triage.test_deciding import answers


def reason(rule: str, reason: str = "frustrated", message: str | None = "m", version: str = "") -> dict[str, Any]:
    return {"reason": reason, "rule": rule, "message": message, "words": "", **({"version": version} if version else {})}


TOLD_YOU = reason("frustration.told_you", version="1")


def shown(*arrivals: Arrival) -> dict[tuple[str, str], tuple[int, list[int], float | None, int]]:
    found = tally(arrivals)
    return {(one.rule, one.version): (one.arrivals, list(one.marks.values()), one.precision, one.missed) for one in found}


def test_each_rule_is_judged_by_the_marks_of_what_it_led_to() -> None:
    both = {**TOLD_YOU, "evidence": [{"rule": "frustration.told_you"}, {"rule": "frustration.marks"}]}
    found = shown(
        Arrival((both,), "", "right"),
        Arrival((TOLD_YOU,), "", "too_early"),
        Arrival((TOLD_YOU,), "", "too_late"),
        Arrival((TOLD_YOU,), "", None),
        Arrival((reason("safety.self_harm: kill myself", "unsafe", version="1"),), "", "wrong_team"),
        Arrival((reason("", "asked", None),), "1", "too_late"),
        Arrival((reason("", "asked", None),), "1", None),
        Arrival((reason("", "low_score"),), "1", None),
    )
    expected = {
        (ALL, "1"): (8, [1, 1, 2, 1], 4 / 5, 3),
        ("frustration.told_you", "1"): (4, [1, 1, 1, 0], 2 / 3, 1),
        (STEPPED_IN, "1"): (2, [0, 0, 1, 0], 1.0, 2),
        ("frustration.marks", "1"): (1, [1, 0, 0, 0], 1.0, 0),
        ("low_score", "1"): (1, [0, 0, 0, 0], None, 0),
        ("safety.self_harm", "1"): (1, [0, 0, 0, 1], 1.0, 0),
    }
    assert list(found.items()) == list(expected.items())  # the most frequent first


def test_a_rule_is_judged_anew_in_each_version() -> None:
    assert shown(
        Arrival((TOLD_YOU,), "9", "too_early"),
        Arrival(({**TOLD_YOU, "version": "2"}, reason("button", "asked")), "2", "right"),
        Arrival((reason("button", "asked"),), "", None),
    ) == {
        (ALL, ""): (1, [0, 0, 0, 0], None, 0),
        (ALL, "1"): (1, [0, 1, 0, 0], 0.0, 0),
        (ALL, "2"): (1, [1, 0, 0, 0], 1.0, 0),
        ("button", ""): (1, [0, 0, 0, 0], None, 0),
        ("button", "2"): (1, [1, 0, 0, 0], 1.0, 0),
        ("frustration.told_you", "1"): (1, [0, 1, 0, 0], 0.0, 0),
        ("frustration.told_you", "2"): (1, [1, 0, 0, 0], 1.0, 0),
    }


async def test_the_report_reads_what_staff_marked(cast: Cast) -> None:
    await in_line(cast)
    await cast.desk.do(staff.take, cast.maria, cast.ana)
    await cast.desk.do(marks.mark, cast.maria, cast.ana, "too_early")
    everything, judged = await cast.desk.look(judge)
    assert (everything.rule, everything.version) == (ALL, "")
    assert (judged.rule, judged.arrivals, judged.marks["too_early"], judged.precision) == ("button", 1, 1, 0.0)


async def closes(cast: Cast) -> None:
    await cast.desk.do(staff.close, cast.maria, cast.ana, "answered")


async def closes_and_it_begins_anew(cast: Cast) -> None:
    await closes(cast)
    cast.clock.forward(minutes=1)
    await cast.leaves_a_message()


async def hands_back(cast: Cast) -> None:
    await cast.desk.do(staff.hand_back, cast.maria, cast.ana)


async def passes_on(cast: Cast) -> None:
    await cast.desk.do(passing_on.transfer, cast.maria, cast.ana, team="clinic", to=None, note="")


async def is_lost(cast: Cast) -> None:
    while (await cast.state())[1] != "queue":
        cast.clock.forward(seconds=20)
        await cast.time_passes()


async def is_lost_and_the_patient_stops_waiting(cast: Cast) -> None:
    await is_lost(cast)
    await cast.writes("stop waiting")


async def is_lost_and_nobody_comes(cast: Cast) -> None:
    await is_lost(cast)
    while (await cast.state())[0] == "waiting":
        cast.clock.forward(minutes=8)
        await cast.time_passes()


async def is_away_when_the_parked_patient_writes(cast: Cast) -> None:
    await cast.desk.do(passing_on.park, cast.maria, cast.ana)
    await cast.desk.do(staff.set_available, cast.maria, False)
    await cast.writes("here I am again")


@pytest.mark.parametrize(
    ("then", "state"),
    [
        (closes, "closed"),
        (closes_and_it_begins_anew, "bot"),
        (hands_back, "bot"),
        (passes_on, "waiting"),
        (is_lost, "waiting"),
        (is_lost_and_the_patient_stops_waiting, "bot"),
        (is_lost_and_nobody_comes, "choosing"),
        (is_away_when_the_parked_patient_writes, "waiting"),
    ],
)
async def test_an_arrival_keeps_its_mark_whatever_becomes_of_it(cast: Cast, then: Callable[[Cast], Awaitable[None]], state: str) -> None:
    await in_line(cast)
    cast.clock.forward(seconds=10)
    await cast.desk.do(staff.take, cast.maria, cast.ana)
    await cast.desk.do(marks.mark, cast.maria, cast.ana, "too_early")
    cast.clock.forward(seconds=10)
    await then(cast)
    assert (await cast.state())[0] == state
    everything = (await cast.desk.look(judge))[0]
    assert (everything.rule, everything.arrivals, everything.marks["too_early"]) == (ALL, 1, 1)
    await cast.desk.do(lambda work: purge.erase_conversation(work.db, cast.ana))
    assert await cast.desk.look(judge) == []


async def test_whoever_never_reached_a_person_is_no_arrival(cast: Cast) -> None:
    await in_line(cast)
    await cast.writes("stop waiting")
    assert await cast.state() == ("bot", "bot")
    assert await cast.desk.look(judge) == []


@pytest.mark.parametrize(("signal", "rule"), [("low_score", "survey.low_score"), ("not_understood", "survey.not_understood")])
async def test_what_the_survey_saw_is_counted_as_such_whatever_the_words_were_taken_for(
    cast: Cast, signal: sig.PersonReason, rule: str
) -> None:
    await is_here(cast, cast.maria)
    await cast.writes("awful")
    await answers(cast, "I'm sorry.", signals=(sig.WantsPerson(signal, "awful"),), intent="affirm")
    await cast.writes("yes")
    await cast.desk.do(staff.take, cast.maria, cast.ana)
    assert [judged.rule for judged in await cast.desk.look(judge)] == [ALL, rule]


async def test_a_yes_to_somebody_who_is_not_here_is_a_wish_and_counted(cast: Cast) -> None:
    await cast.writes("awful")
    await answers(cast, "I'm sorry.", signals=(sig.WantsPerson("low_score", "awful"),))
    await cast.writes("yes please")  # which is no button, for nobody is here
    (request,) = await cast.rows(t.handoff_request)
    assert [(one["reason"], one["rule"], one["words"]) for one in request["reasons"]] == [
        ("low_score", "survey.low_score", "awful"),
        ("asked", "offer.yes", "yes please"),
    ]
    assert (await cast.last()).startswith("Nobody from the team is here")
    await cast.desk.do(staff.take, cast.priya, cast.ana)
    assert {judged.rule for judged in await cast.desk.look(judge)} == {ALL, "survey.low_score", "offer.yes"}


async def test_a_supervisor_who_steps_in_shows_a_handoff_that_the_version_in_force_has_missed(cast: Cast) -> None:
    await cast.writes("it was fine")
    await answers(cast, "Why?")
    await is_here(cast, cast.priya)
    cast.clock.forward(minutes=1)
    await cast.desk.do(staff.take, cast.priya, cast.ana)
    everything, judged = await cast.desk.look(judge)
    assert (judged.rule, judged.version, judged.missed) == (STEPPED_IN, cast.desk.house.routing.version, 1)
    assert everything.missed == 1


def test_the_report_has_a_line_for_each_rule_and_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "handoff.triage_cli.with_desk", lambda *_: tally([Arrival((TOLD_YOU,), "", "right"), Arrival((reason("button"),), "", None)])
    )
    monkeypatch.setattr("handoff.triage_cli.console", Console(width=200, highlight=False))
    lines = CliRunner().invoke(cli, ["triage", "report"]).output.splitlines()
    assert [line.split() for line in lines[4:6]] == [
        ["button", "-", "1", "0", "0", "0", "0", "-", "0"],
        ["frustration.told_you", "1", "1", "1", "0", "0", "0", "100%", "0"],
    ]
