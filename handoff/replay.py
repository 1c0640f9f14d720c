"""Changed rules over a stored episode: what would have come to a person earlier, later, newly or not at all, level by level. Pure.

Each message is judged again with what the bot understood of it and with what came before it. Only what rules decide is compared: the
button, a bot that failed and staff who step in come anyway. Where the rules now bring a person later than they did, what was told to
that person meanwhile is judged by its words alone, for the bot was not asked about it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from handoff.desk.assessing import new_offer
from handoff.episodes import Came, Episode, Told
from handoff.history import History
from handoff.triage import PRIORITY, Assessment, Level, Rules, assess

HANDED = (Level.UNSAFE, Level.ASKED, Level.OFFER)
OUTCOMES = ("same", "earlier", "later", "newly", "not_at_all", "never")
UNCHANGED = ("same", "never")
LOOK_BACK = 10  # messages, as when they were first judged


@dataclass(frozen=True)
class Step:
    """A message that leads to a person: where it stands, and the strongest of what speaks for that."""

    seq: int
    message: str
    level: Level
    rule: str = ""
    words: str = ""


@dataclass(frozen=True)
class Compared:
    """The first message that leads to a person at one level, as it was and as it would be."""

    outcome: str
    was: Step | None
    then: Step | None

    @property
    def why(self) -> Step | None:
        """What speaks for the step that is new, else for the one that is gone."""
        return self.then or self.was


@dataclass(frozen=True)
class Replayed:
    """`at_all`: a person at any level and for any cause, the button too. `lost`, `won`: safety alarms, message by message."""

    conversation: str
    episode: int
    at_all: Compared
    levels: Mapping[Level, Compared]
    lost: tuple[Step, ...] = ()
    won: tuple[Step, ...] = ()

    @property
    def is_changed(self) -> bool:
        compared = (self.at_all, *self.levels.values())
        return bool(self.lost or self.won) or any(one.outcome not in UNCHANGED for one in compared)


def replay(episode: Episode, rules: Rules) -> Replayed:
    """What `rules` would have made of an episode."""
    anyway = [_step(one) for one in episode.came if not one.decided]
    was = _highest(_step(one) for one in episode.came if one.decided)
    then = _decided(episode, rules)
    levels = {level: (_of(level, was, anyway), _of(level, then, anyway)) for level in HANDED}
    alarms, alarms_then = levels[Level.UNSAFE]
    return Replayed(
        episode.conversation,
        episode.number,
        _compared([*anyway, *was], [*anyway, *then]),
        {level: _compared(before, after) for level, (before, after) in levels.items()},
        lost=_without(alarms, alarms_then),
        won=_without(alarms_then, alarms),
    )


def _step(came: Came) -> Step:
    return Step(came.seq, came.message, came.level, came.rule, came.words)


def _highest(steps: Iterable[Step]) -> list[Step]:
    """One step for each message, its highest: a message may have been a reason for several."""
    found: dict[str, Step] = {}
    for step in steps:
        known = found.get(step.message)
        if known is None or PRIORITY[step.level] < PRIORITY[known.level]:
            found[step.message] = step
    return list(found.values())


def _decided(episode: Episode, rules: Rules) -> list[Step]:
    """Every message that leads to a person by `rules`."""
    found: list[Step] = []
    anyway = [one for one in episode.came if not one.decided]
    places = [one.seq for one in anyway]  # where a person is offered, asked for or called
    heard = 0  # the place of the last message about which the bot was asked
    for number, told in enumerate(episode.told):
        heard = told.seq if told.heard else heard
        offered = frozenset(one.reason for one in anyway if one.seq < told.seq)
        earlier = tuple(one.message for one in episode.told[max(0, number - LOOK_BACK) : number])
        history = History(earlier, **_counts(told), offered=offered)
        made = assess(told.message, told.understanding, history, rules)
        cause = new_offer(made, history) if made.level is Level.OFFER else next(iter(made.causes), None)
        with_person = any(heard <= place < told.seq for place in places)
        if cause is not None and not _leads_nowhere(made, told, episode, with_person=with_person):
            places.append(told.seq)
            found.append(Step(told.seq, told.message.id, made.level, cause.best.rule, cause.best.words))
    return found


def _counts(told: Told) -> dict[str, Any]:
    names = ("asked", "not_understood", "low_score", "came_before", "bot_failed")
    return {name: told.history[name] for name in names if name in told.history}


def _leads_nowhere(made: Assessment, told: Told, episode: Episode, *, with_person: bool) -> bool:
    """Is it too little for a person, or said to one already, or what led nowhere then either: a plain answer, a yes to being answered?"""
    if made.level not in HANDED or (with_person and made.level is not Level.UNSAFE):
        return True
    was_once = told.level is Level.OFFER and bool(told.history.get("offered"))
    return made.level is told.level and not was_once and all(one.message != told.message.id for one in episode.came)


def _of(level: Level, steps: Iterable[Step], anyway: Iterable[Step]) -> list[Step]:
    """Those of a level, but where the same comes anyway."""
    here = {step.message for step in anyway if step.level is level}
    return [step for step in steps if step.level is level and step.message not in here]


def _without(steps: Iterable[Step], others: Iterable[Step]) -> tuple[Step, ...]:
    there = {step.message for step in others}
    return tuple(step for step in steps if step.message not in there)


def _compared(was: Iterable[Step], then: Iterable[Step]) -> Compared:
    first, now = min(was, key=lambda step: step.seq, default=None), min(then, key=lambda step: step.seq, default=None)
    if first is None or now is None:
        return Compared("never" if first is now else "newly" if first is None else "not_at_all", first, now)
    return Compared("same" if now.seq == first.seq else "earlier" if now.seq < first.seq else "later", first, now)
