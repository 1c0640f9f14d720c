"""Changed rules over what was stored, and how staff judged what arrived: shapes of episodes, then the whole way on both databases."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from handoff.app import load_house
from handoff.channels import Inbound
from handoff.cli import cli
from handoff.clock import SystemClock
from handoff.desk import marks, patients, sessions, staff
from handoff.desk.work import Desk
from handoff.doorbell import Doorbell
from handoff.history import Message
from handoff.judged import STEPPED_IN, judge, tally
from handoff.replay import Episode, Told, episodes, replay
from handoff.routing_file import load_routing
from handoff.settings import load
from handoff.store import migrate, open_store
from handoff.triage import Rules
from handoff.understanding import Understanding
from tests.cast import Cast, in_line, is_here
from tests.fakes import MONDAY
from tests.house import ROOT
from tests.triage.test_deciding import answers

RULES = load_routing(ROOT / "config" / "routing.yml", country="US").rules
CALMER = replace(RULES, frustration=replace(RULES.frustration, offer_at=15))
JUMPIER = replace(RULES, frustration=replace(RULES.frustration, offer_at=2))


def episode(*texts: str, handed: int | None = None, fixed: int | None = None, understood: Understanding | None = None) -> Episode:
    """Ana's messages at places 2, 4, 6 ..., the bot's between them."""
    told = (Told(Message(f"m{n}", text, MONDAY + timedelta(minutes=n)), 2 * n + 2, understood, {}) for n, text in enumerate(texts))
    return Episode("ana", 1, tuple(told), handed, fixed)


@pytest.mark.parametrize(
    ("told", "rules", "outcome", "then"),
    [
        (episode("fine"), RULES, "never", None),
        (episode("fine", "you people are a joke", handed=4), RULES, "same", 4),
        (episode("fine", "you people are a joke", handed=4), CALMER, "not_at_all", None),
        (episode("so disgusting", "you people are a joke", handed=4), JUMPIER, "earlier", 2),
        (episode("you people are a joke", "get me a human", handed=2), CALMER, "later", 4),
        (episode("so disgusting"), JUMPIER, "newly", 2),
        (episode("you people are a joke", "fine", handed=2, fixed=5), CALMER, "later", 5),
        (episode("fine", handed=3, fixed=3), CALMER, "same", 3),
        (episode("fine", handed=2, understood=Understanding(wants_person=0.9)), RULES, "same", 2),
        (episode("I want to die", handed=2), CALMER, "same", 2),
    ],
)
def test_what_changed_rules_make_of_an_episode(told: Episode, rules: Rules, outcome: str, then: int | None) -> None:
    found = replay(told, rules)
    assert (found.outcome, found.then) == (outcome, then)


async def test_the_same_rules_over_what_was_stored_change_nothing(cast: Cast) -> None:
    await cast.writes("it was fine")
    await answers(cast, "Why?")
    await cast.writes("you people are a joke")
    await answers(cast, "Why?", understood=Understanding("opinion", 0.4, frustration=0.9))
    (stored,) = await cast.desk.look(episodes)
    assert [told.message.text for told in stored.told] == ["it was fine", "you people are a joke"]
    assert stored.told[1].understanding == Understanding("opinion", 0.4, frustration=0.9)
    assert (replay(stored, RULES).outcome, replay(stored, CALMER).outcome) == ("same", "not_at_all")
    assert await cast.desk.look(episodes, cast.clock.now() + timedelta(days=1)) == []


async def test_what_no_rule_decided_stays_where_it_was(cast: Cast) -> None:
    await cast.writes("it was fine")
    await answers(cast, "Why?")
    await cast.asks_for_a_person()
    (stored,) = await cast.desk.look(episodes)
    assert stored.fixed is not None
    assert replay(stored, CALMER).outcome == "same"


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


def test_explain_shows_the_rule_the_points_and_the_words() -> None:
    shown = CliRunner().invoke(cli, ["triage", "explain", "this bot is useless"], env={"COLUMNS": "200"})
    assert shown.exit_code == 0
    assert "offer, priority 2" in shown.output
    assert "frustration.at_the_bot" in shown.output
    held = CliRunner().invoke(cli, ["triage", "explain", "the nurse asked if I was suicidal"], env={"COLUMNS": "200"})
    assert "held back" in held.output
    assert "was_asked" in held.output


def test_explain_takes_another_rule_file(tmp_path: Path) -> None:
    data = yaml.safe_load((ROOT / "config" / "routing.yml").read_text(encoding="utf-8"))
    data["frustration"]["offer_at"] = 15
    changed = tmp_path / "calmer.yml"
    changed.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
    shown = CliRunner().invoke(cli, ["triage", "explain", "this bot is useless", "--routing", str(changed)], env={"COLUMNS": "200"})
    assert "watch" in shown.output


@pytest.mark.parametrize("words", [False, True])
def test_replay_on_the_command_line_shows_words_only_when_asked(words: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEARD_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "300")
    migrate.upgrade(load())

    async def fill() -> None:
        store = open_store(load())
        desk = Desk(store, load_house(load()), clock=SystemClock(), doorbell=Doorbell(node="test"))
        session = await desk.do(sessions.open_session, secret=None, site="https://a.example", protocol="widget", locale="en")
        await desk.do(patients.receive, Inbound(session.conversation, "a1", "this zebra bot is useless"))
        await store.close()

    asyncio.run(fill())
    shown = CliRunner().invoke(cli, ["triage", "replay", *(["--words"] if words else [])])
    assert shown.exit_code == 0, shown.output
    assert "newly" in shown.output
    assert ("zebra" in shown.output) is words
    assert CliRunner().invoke(cli, ["triage", "report"]).output == "Nothing has come to a person yet.\n"
