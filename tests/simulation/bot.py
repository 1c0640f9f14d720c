"""The bot of a simulated world: what it answers is drawn, and it may be down, slow, or slow and then down."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from handoff import signals as sig
from handoff.desk.answer import BotAnswer, Reply
from handoff.errors import BotFailed
from handoff.understanding import Understanding
from tests.simulation.store import Pause

if TYPE_CHECKING:
    from tests.simulation.world import World

MOODS = ("well", "well", "well", "slow", "down", "flaky")
MARK = re.compile(r"\(turn (\S+) of epoch (\d+)\)")
SURVEY = "fft"
_BUTTONS = ({"title": "Very good", "payload": "/very_good"}, {"title": "Poor", "payload": "/poor"})
_ANSWERS: tuple[tuple[int, tuple[sig.Signal, ...]], ...] = (
    (10, (sig.SurveyStarted(SURVEY, "1"), sig.Asked(SURVEY, "overall", 1))),
    (10, (sig.Answered(SURVEY, "overall", "poor", "Poor"), sig.Asked(SURVEY, "why", 1))),
    (10, ()),
    (4, (sig.SurveyCompleted(SURVEY),)),
    (2, (sig.SurveyStopped(SURVEY, "stopped"),)),
    (4, (sig.WantsPerson("asked", "a person"),)),
    (3, (sig.WantsPerson("frustrated", "useless"),)),
    (2, (sig.WantsPerson("not_understood"),)),
    (3, (sig.FollowUp(True),)),
    (1, (sig.Unsafe("self_harm", "end it"),)),
    (1, (sig.SurveyRestarted(SURVEY),)),
)


class SimBot:
    """`epoch`: of the turn that is asked next; each reply carries both, so that the auditor can tell an old answer, and a second one."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.epoch = 0

    async def ask(self, turn: dict[str, Any], *, soon: bool = False) -> BotAnswer:
        chance, mood, epoch = self._world.chance, self._world.mood, self.epoch
        answer = self._answer(turn, epoch)
        if mood == "down" or (mood == "flaky" and chance.random() < 0.4):
            raise BotFailed(how=chance.choice(("down", "broken", "empty")))
        if mood == "slow" or chance.random() < 0.15:
            fails = chance.random() < 0.2
            await Pause()
            if fails:
                raise BotFailed(how="slow")
        return answer

    def _answer(self, turn: dict[str, Any], epoch: int) -> BotAnswer:
        chance = self._world.chance
        if turn["kind"] == "listen":
            return BotAnswer((), (sig.Unsafe("self_harm", "end it"),) if chance.random() < 0.05 else ())
        (signals,) = chance.choices([one for _, one in _ANSWERS], [weight for weight, _ in _ANSWERS])
        understanding = Understanding(intent="inform", confidence=0.9, frustration=0.95) if chance.random() < 0.1 else None
        reply = Reply(f"(turn {turn['message']} of epoch {epoch}) And how was it?", _BUTTONS if chance.random() < 0.5 else ())
        return BotAnswer((reply,), signals, "test", understanding)

    async def ready(self) -> bool:
        return self._world.mood != "down"

    async def close(self) -> None:
        return None
