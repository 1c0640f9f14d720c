"""Changed rules over an episode, level by level: shapes of episodes, what came of them, and what would have."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from handoff.episodes import Came, Episode, Told
from handoff.history import Message
from handoff.replay import HANDED, Replayed, replay
from handoff.routing_file import load_routing
from handoff.triage import Level, Rules
from handoff.understanding import Understanding
from tests.fakes import MONDAY
from tests.house import ROOT

RULES = load_routing(ROOT / "config" / "routing.yml", country="US").rules
CALMER = replace(RULES, frustration=replace(RULES.frustration, offer_at=15))
JUMPIER = replace(RULES, frustration=replace(RULES.frustration, offer_at=2))
DEAF = replace(RULES, safety=replace(RULES.safety, classes={}))
MODEL_WARY = replace(RULES, model_safety=replace(RULES.model_safety, at_least=0.5))
MODEL_DEAF = replace(RULES, model_safety=replace(RULES.model_safety, at_least=0.99))
MODEL_CROSS = replace(RULES, frustration=replace(RULES.frustration, model=20))
WISH_DEAF = replace(RULES, wish=replace(RULES.wish, model=0.95))
WISH_KEEN = replace(RULES, wish=replace(RULES.wish, model=0.4))

CROSS, DIE, HUMAN = "you people are a joke", "I want to die", "get me a human"


def told(place: int, text: str, *, level: str | None = "calm", heard: bool = True, offered: str = "", **understood: Any) -> Told:
    """Ana's message at that place."""
    return Told(
        Message(f"m{place}", text, MONDAY + timedelta(minutes=place)),
        place,
        Understanding(**understood) if understood else None,
        {"offered": offered.split()},
        None if level is None else Level(level),
        heard,
    )


def came(place: int, reason: str, rule: str = "", *, decided: bool = True) -> Came:
    return Came(place, f"m{place}", reason, rule, decided)


def button(place: int) -> Came:
    return came(place, "asked", "button", decided=False)


def shown(found: Replayed) -> dict[str, str]:
    """What is not the same: `{"offer": "later 2 4"}`, and the alarms."""
    rows = {"at all": found.at_all, **{str(level): found.levels[level] for level in HANDED}}
    changed = {
        name: " ".join([one.outcome, *(str(step.seq) for step in (one.was, one.then) if step is not None)])
        for name, one in rows.items()
        if one.outcome not in ("same", "never")
    }
    alarms = {"lost": found.lost, "won": found.won}
    return changed | {name: " ".join(step.message for step in steps) for name, steps in alarms.items() if steps}


TOLD_MARIA = told(4, HUMAN, level=None, heard=False)

EPISODES: list[tuple[str, Rules, list[Told], list[Came], dict[str, str]]] = [
    ("nothing happens", RULES, [told(2, "fine")], [], {}),
    ("an offer", RULES, [told(2, "fine"), told(4, CROSS, level="offer")], [came(4, "frustrated")], {}),
    (
        "no offer any more",
        CALMER,
        [told(2, "fine"), told(4, CROSS, level="offer")],
        [came(4, "frustrated")],
        {"at all": "not_at_all 4", "offer": "not_at_all 4"},
    ),
    (
        "an earlier offer",
        JUMPIER,
        [told(2, "so disgusting", level="watch"), told(4, CROSS, level="offer")],
        [came(4, "frustrated")],
        {"at all": "earlier 4 2", "offer": "earlier 4 2"},
    ),
    ("a new offer", JUMPIER, [told(2, "so disgusting", level="watch")], [], {"at all": "newly 2", "offer": "newly 2"}),
    (
        "the offer goes, the wish stays",
        CALMER,
        [told(2, CROSS, level="offer"), told(4, HUMAN, level="asked")],
        [came(2, "frustrated"), came(4, "asked")],
        {"at all": "later 2 4", "offer": "not_at_all 2"},
    ),
    (
        "the offer goes, the button stays",
        CALMER,
        [told(2, CROSS, level="offer"), told(4, "fine")],
        [came(2, "frustrated"), button(5)],
        {"at all": "later 2 5", "offer": "not_at_all 2"},
    ),
    ("what no rule decides comes anyway", CALMER, [told(2, "fine")], [came(3, "bot_failed", decided=False)], {}),
    (
        "what comes anyway at that message is no change",
        CALMER,
        [told(2, CROSS, level="offer")],
        [came(2, "frustrated", "intent:frustrated", decided=False)],
        {},
    ),
    (
        "nor is it where the bot failed at that message",
        CALMER,
        [told(2, CROSS, level="offer")],
        [came(2, "bot_failed", decided=False), came(2, "frustrated")],
        {},
    ),
    (
        "what the bot itself has offered is not offered again",
        RULES,
        [told(2, "not what I meant"), told(4, CROSS, level="offer", offered="frustrated")],
        [came(2, "frustrated", "intent:frustrated", decided=False)],
        {},
    ),
    (
        "an alarm is lost although a person is offered there",
        DEAF,
        [told(2, f"{CROSS}, {DIE}", level="unsafe", heard=False)],
        [came(2, "unsafe")],
        {"unsafe": "not_at_all 2", "offer": "newly 2", "lost": "m2"},
    ),
    (
        "an alarm is lost behind an offer that stays",
        DEAF,
        [told(2, CROSS, level="offer"), told(4, DIE, level="unsafe", heard=False)],
        [came(2, "frustrated"), came(4, "unsafe")],
        {"unsafe": "not_at_all 4", "lost": "m4"},
    ),
    (
        "the second alarm is lost, the first stays",
        MODEL_DEAF,
        [told(2, DIE, level="unsafe", heard=False), told(4, "so heavy", level="unsafe", safety={"self_harm": 0.95})],
        [came(2, "unsafe"), came(4, "unsafe")],
        {"lost": "m4"},
    ),
    (
        "an alarm is won by the model's certainty",
        MODEL_WARY,
        [told(2, CROSS, level="offer"), told(4, "so heavy", safety={"self_harm": 0.6})],
        [came(2, "frustrated")],
        {"unsafe": "newly 4", "won": "m4"},
    ),
    (
        "an alarm that the bot itself raised stays",
        MODEL_DEAF,
        [told(2, "so heavy", level="unsafe", intent="unsafe", safety={"self_harm": 0.95})],
        [came(2, "unsafe", decided=False)],
        {},
    ),
    ("a cross model", MODEL_CROSS, [told(2, "well well", frustration=0.6)], [], {"at all": "newly 2", "offer": "newly 2"}),
    (
        "a model that must be surer of a wish",
        WISH_DEAF,
        [told(2, "the living", level="asked", wants_person=0.9)],
        [came(2, "asked")],
        {"at all": "not_at_all 2", "asked": "not_at_all 2"},
    ),
    (
        "an offer becomes a wish",
        WISH_KEEN,
        [told(2, CROSS, level="offer", wants_person=0.5)],
        [came(2, "frustrated")],
        {"asked": "newly 2", "offer": "not_at_all 2"},
    ),
    ("what is told to a person is no wish", RULES, [told(2, CROSS, level="offer"), TOLD_MARIA], [came(2, "frustrated")], {}),
    (
        "what nobody has heard yet is one",
        RULES,
        [told(2, CROSS, level="offer"), told(4, "fine"), told(6, HUMAN, level=None, heard=False)],
        [came(2, "frustrated")],
        {"asked": "newly 6"},
    ),
    (
        "it is one where nobody comes",
        CALMER,
        [told(2, CROSS, level="offer"), TOLD_MARIA],
        [came(2, "frustrated")],
        {"at all": "later 2 4", "asked": "newly 4", "offer": "not_at_all 2"},
    ),
    (
        "danger told to a person is an alarm",
        RULES,
        [told(2, "fine"), told(4, DIE, level=None, heard=False)],
        [button(3)],
        {"unsafe": "newly 4", "won": "m4"},
    ),
    (
        "an offer that was not taken is not made twice",
        RULES,
        [told(2, CROSS, level="offer"), told(4, CROSS, level="offer", offered="frustrated")],
        [came(2, "frustrated")],
        {},
    ),
    (
        "the second is made where the first is not",
        replace(RULES, frustration=replace(RULES.frustration, signs={"said_again": 20}, offer_at=20)),
        [told(2, CROSS, level="offer"), told(4, CROSS, level="offer", offered="frustrated")],
        [came(2, "frustrated")],
        {"at all": "later 2 4", "offer": "later 2 4"},
    ),
    ("a plain answer stays one", RULES, [told(2, CROSS, level="offer")], [], {}),
    (
        "of two reasons for one message the higher counts",
        RULES,
        [told(2, f"{CROSS}, {HUMAN}", level="asked")],
        [came(2, "bot_failed", decided=False), came(2, "asked"), came(2, "frustrated")],
        {},
    ),
]


@pytest.mark.parametrize(("rules", "ana", "happened", "expected"), [row[1:] for row in EPISODES], ids=[row[0] for row in EPISODES])
def test_what_changed_rules_make_of_an_episode(rules: Rules, ana: list[Told], happened: list[Came], expected: dict[str, str]) -> None:
    found = replay(Episode("ana", 1, tuple(ana), tuple(happened)), rules)
    assert shown(found) == expected
    assert found.is_changed is bool(expected)
