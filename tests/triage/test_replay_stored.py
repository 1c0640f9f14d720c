"""Changed rules over what really was stored, on both databases, and `heard triage replay`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from handoff import signals as sig
from handoff.app import load_house
from handoff.channels import Inbound
from handoff.cli import cli
from handoff.clock import SystemClock
from handoff.desk import patients, sessions, staff, turns
from handoff.desk.turns import BotAnswer
from handoff.desk.work import Desk
from handoff.doorbell import Doorbell
from handoff.episodes import Episode, episodes
from handoff.replay import replay
from handoff.settings import load
from handoff.store import migrate, open_store
from handoff.store import tables as t
from handoff.triage import Rules, WishRules
from handoff.understanding import Understanding
from tests.cast import Cast, in_line, is_here
from tests.house import ROOT
from tests.triage.test_deciding import answers, fails
from tests.triage.test_replay import CALMER, CROSS, DEAF, DIE, HUMAN, MODEL_DEAF, RULES, shown


async def stored(cast: Cast) -> Episode:
    (found,) = await cast.desk.look(episodes)
    return found


async def cross_model(cast: Cast) -> None:
    await cast.writes(CROSS)
    await answers(cast, "Why?", understood=Understanding("opinion", 0.4, frustration=0.9))


async def offered_and_not_taken(cast: Cast) -> None:
    for text in (CROSS, "this bot is useless"):
        await cast.writes(text)
        await answers(cast, "Why?")
        if (await cast.state())[0] == "choosing":
            await cast.presses("Go on with the questions")
            await answers(cast, "How was it?")


async def danger_at_once(cast: Cast) -> None:
    await cast.writes("I want to kill myself")
    await cast.writes("get me a human, please")


async def danger_by_the_model(cast: Cast) -> None:
    await cast.writes("everything is so heavy and empty")
    await answers(cast, "Why?", understood=Understanding(safety={"self_harm": 0.95}))


async def danger_by_the_model_after_she_has_left(cast: Cast) -> None:
    await cast.writes("everything is so heavy and empty")
    turn = await cast.job("ask_bot")
    await cast.desk.do(patients.end, cast.ana, "end")
    await cast.desk.do(turns.bot_answered, *turn, BotAnswer((), (), "opinion", Understanding(safety={"self_harm": 0.95})))
    assert [row["episode"] for row in await cast.rows(t.handoff_request)] == [2]


async def danger_by_the_bot(cast: Cast) -> None:
    await cast.writes("everything is so heavy and empty")
    signals = (sig.Unsafe("self_harm", "everything is so heavy"),)
    await answers(cast, signals=signals, understood=Understanding("unsafe", 0.9, safety={"self_harm": 0.95}))


async def danger_by_the_bot_alone(cast: Cast) -> None:
    await cast.writes("everything is so heavy and empty")
    await answers(cast, signals=(sig.Unsafe("self_harm", "everything is so heavy"),), understood=Understanding("opinion", 0.9))


async def wants_to_be_called(cast: Cast) -> None:
    await cast.writes("Please call me")


async def a_wish_while_choosing(cast: Cast) -> None:
    await cast.asks_for_a_person()
    await cast.writes("no really, I would like to speak with somebody about my bill and the way I was treated")


async def a_wish_while_the_bot_is_down(cast: Cast) -> None:
    await cast.writes(f"{CROSS}, {HUMAN}")
    await fails(cast)


async def talks_with_maria(cast: Cast) -> None:
    await cast.writes("it was fine")
    await answers(cast, "Why?")
    await in_line(cast)
    await cast.desk.do(staff.take, cast.maria, cast.ana)
    await cast.writes("I would rather talk to a doctor, you people are a joke")
    await cast.writes("I want to die")
    await cast.writes("get me a human")


async def priya_steps_in(cast: Cast) -> None:
    await cast.writes("it was fine")
    await answers(cast, "Why?")
    await is_here(cast, cast.priya)
    await cast.desk.do(staff.take, cast.priya, cast.ana)
    await cast.writes(HUMAN)


@pytest.mark.parametrize(
    ("happens", "rules", "expected"),
    [
        (cross_model, CALMER, {"at all": "not_at_all 2", "offer": "not_at_all 2"}),
        (offered_and_not_taken, CALMER, {"at all": "not_at_all 2", "offer": "not_at_all 2"}),
        (danger_at_once, DEAF, {"at all": "later 2 5", "unsafe": "not_at_all 2", "asked": "newly 5", "lost": "1"}),
        (danger_by_the_model, MODEL_DEAF, {"at all": "not_at_all 2", "unsafe": "not_at_all 2", "lost": "1"}),
        (danger_by_the_model_after_she_has_left, MODEL_DEAF, {"at all": "not_at_all 2", "unsafe": "not_at_all 2", "lost": "1"}),
        (danger_by_the_bot, MODEL_DEAF, {}),
        (danger_by_the_bot_alone, MODEL_DEAF, {}),
        (wants_to_be_called, replace(RULES, wish=WishRules()), {}),
        (a_wish_while_choosing, replace(RULES, wish=WishRules()), {"asked": "not_at_all 4"}),
        (a_wish_while_the_bot_is_down, CALMER, {}),
        (talks_with_maria, DEAF, {"unsafe": "not_at_all 10", "lost": "1"}),
        (priya_steps_in, CALMER, {}),
    ],
)
async def test_what_was_stored_is_the_same_by_the_same_rules_and_not_by_others(
    cast: Cast, happens: Callable[[Cast], Any], rules: Rules, expected: dict[str, str]
) -> None:
    await happens(cast)
    assert shown(replay(await stored(cast), RULES)) == {}
    found = shown(replay(await stored(cast), rules))
    assert found | {name: str(len(found[name].split())) for name in ("lost", "won") if name in found} == expected


async def test_days_count_from_when_the_patient_wrote(cast: Cast) -> None:
    began = cast.clock.now()
    cast.clock.forward(minutes=60 * 48)
    await cast.writes("it was fine")
    await answers(cast, "Why?")
    assert len(await cast.desk.look(episodes, began + timedelta(days=1))) == 1
    assert await cast.desk.look(episodes, cast.clock.now() + timedelta(minutes=1)) == []


async def test_an_older_episode_of_a_patient_who_wrote_again_is_left_out(cast: Cast) -> None:
    await cast.writes("it was fine")
    await cast.desk.do(patients.end, cast.ana, "end")
    await cast.writes("hello again")
    cast.clock.forward(minutes=60 * 48)
    await cast.writes("it was fine again")
    assert [one.number for one in await cast.desk.look(episodes, cast.clock.now() - timedelta(days=1))] == [2]


async def test_the_message_that_begins_an_episode_is_judged_in_it(cast: Cast) -> None:
    await cast.writes("it was fine")
    await cast.desk.do(patients.end, cast.ana, "end")
    await cast.writes(DIE)
    found = [replay(one, DEAF) for one in await cast.desk.look(episodes)]
    assert [(one.episode, len(one.lost), one.is_changed) for one in found] == [(1, 0, False), (2, 1, True)]


def changed_file(tmp_path: Path, change: str) -> Path:
    """The shipped file with one line of Python done to it."""
    data = yaml.safe_load((ROOT / "config" / "routing.yml").read_text(encoding="utf-8"))
    exec(change, {"data": data})
    path = tmp_path / "changed.yml"
    path.write_text(yaml.safe_dump(data, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return path


@pytest.mark.parametrize("words", [False, True])
def test_replay_on_the_command_line_shows_words_only_when_asked(words: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEARD_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "300")
    migrate.upgrade(load())
    conversations = []

    async def fill() -> None:
        store = open_store(load())
        desk = Desk(store, load_house(load()), clock=SystemClock(), doorbell=Doorbell(node="test"))
        for text in ("this zebra bot is useless", "I want to die, zebra"):
            session = await desk.do(sessions.open_session, secret=None, site="https://a.example", protocol="widget", locale="en")
            await desk.do(patients.receive, Inbound(session.conversation, "a1", text))
            conversations.append(session.conversation)
        await store.close()

    asyncio.run(fill())
    file = changed_file(
        tmp_path, "data['not_danger']['idioms'].append('die|dying zebra'); data['must_find']['self_harm'] = ['kill myself']"
    )
    shown = CliRunner().invoke(cli, ["triage", "replay", "--routing", str(file), *(["--words"] if words else [])])
    assert shown.exit_code == 0, shown.output
    lines = shown.output.splitlines()
    assert "Safety alarms: 1 lost, 0 won." in lines
    first, second = lines[-2:]
    assert first.startswith(f"{conversations[1]} episode 1: ALARM LOST ")
    assert second.startswith(f"{conversations[0]} episode 1: offered a person newly: now ")
    assert "(frustration.at_the_bot)" in second
    assert ("zebra" in shown.output, "want to die" in shown.output) == (words, words)
    assert CliRunner().invoke(cli, ["triage", "report"]).output == "Nothing has come to a person yet.\n"
