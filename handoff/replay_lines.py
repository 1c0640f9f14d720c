"""What `heard triage replay` prints: a table of counts, how many safety alarms were lost and won, and a line for each changed episode."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from rich.table import Table

from handoff.replay import HANDED, OUTCOMES, UNCHANGED, Compared, Replayed, Step
from handoff.screen_table import screen_table
from handoff.triage import Level

LEVELS = {Level.UNSAFE: "safety alarm", Level.ASKED: "asked for a person", Level.OFFER: "offered a person"}
AT_ALL = "a person at all"  # at any level, by the button too


def summary(replayed: Sequence[Replayed]) -> Table:
    """How many episodes have each outcome, level by level."""
    table = screen_table("episodes", *(_spoken(outcome) for outcome in OUTCOMES))
    rows = {AT_ALL: Counter(one.at_all.outcome for one in replayed)}
    rows |= {LEVELS[level]: Counter(one.levels[level].outcome for one in replayed) for level in HANDED}
    for name, counts in rows.items():
        table.add_row(name, *(str(counts[outcome]) for outcome in OUTCOMES))
    return table


def lines(replayed: Sequence[Replayed], *, words: bool) -> Iterator[str]:
    """The alarms, then each changed episode, those that lose one first. `words`: with what patients wrote and what it was found by."""
    lost, won = sum(len(one.lost) for one in replayed), sum(len(one.won) for one in replayed)
    yield f"Safety alarms: {lost} lost, {won} won."
    changed = [one for one in replayed if one.is_changed]
    for one in sorted(changed, key=lambda one: (not one.lost, not one.won, one.conversation, one.episode)):
        parts = [*(f"ALARM LOST {_step(step, words)}" for step in one.lost), *(f"alarm won {_step(step, words)}" for step in one.won)]
        named = {LEVELS[level]: one.levels[level] for level in (Level.ASKED, Level.OFFER)}
        if one.at_all not in one.levels.values():  # which says it already
            named[AT_ALL] = one.at_all
        parts += [_change(name, compared, words) for name, compared in named.items() if compared.outcome not in UNCHANGED]
        yield f"{one.conversation} episode {one.episode}: {'; '.join(parts)}"


def _change(name: str, compared: Compared, words: bool) -> str:
    """`offered a person not at all: was m4 (frustration.anger)`"""
    was = "" if compared.was is None else f"was {_step(compared.was, words)}"
    then = "" if compared.then is None else f"now {_step(compared.then, words)}"
    return f"{name} {_spoken(compared.outcome)}: {', '.join(part for part in (was, then) if part)}"


def _step(step: Step, words: bool) -> str:
    """The message and the rule; the phrase that was found says what was written, and is left out with the words."""
    rule = step.rule if words else step.rule.partition(": ")[0]
    said = f' "{step.words}"' if words and step.words else ""
    return f"{step.message} ({rule or 'no rule'}){said}"


def _spoken(outcome: str) -> str:
    return outcome.replace("_", " ")
