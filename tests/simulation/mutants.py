"""Faults put into the service on purpose: each is one place in its source, changed while it holds."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from handoff import jobs
from handoff.desk import line, patients, thread, turns


@dataclass(frozen=True)
class Mutant:
    """`old` stands in the source of `function`, and `new` in its place; `finds`: what the simulation then calls it;
    `seed`: of the first history to look at, shortly before one that meets it."""

    fault: str
    module: ModuleType
    function: str
    old: str
    new: str
    finds: frozenset[str]
    seed: int


@contextmanager
def mutated(mutant: Mutant) -> Iterator[None]:
    """The service with this fault."""
    *owner, name = mutant.function.split(".")
    holder: Any = getattr(mutant.module, owner[0]) if owner else mutant.module
    sound = getattr(holder, name)
    source = textwrap.dedent(inspect.getsource(sound))
    assert source.count(mutant.old) == 1, f"{mutant.function} has {source.count(mutant.old)} times: {mutant.old}"
    made: dict[str, Any] = {}
    exec("from __future__ import annotations\n" + source.replace(mutant.old, mutant.new), mutant.module.__dict__, made)
    setattr(holder, name, made[name])
    _forget(mutant.module)
    try:
        yield
    finally:
        setattr(holder, name, sound)
        _forget(mutant.module)


def _forget(module: ModuleType) -> None:
    """Statements that were built with the other source."""
    for member in vars(module).values():
        if hasattr(member, "cache_clear"):
            member.cache_clear()


MUTANTS = (
    Mutant(
        "the bot's answer is not asked for its epoch",
        turns,
        "bot_answered",
        'thread.core.owner != BOT or thread.core.epoch != payload["epoch"]',
        "thread.core.owner != BOT",
        frozenset({"old_answer"}),
        19,
    ),
    Mutant(
        "the bot's answer is not asked for its owner",
        turns,
        "bot_answered",
        'if thread.core.owner != BOT or thread.core.epoch != payload["epoch"]:',
        "if False:",
        frozenset({"old_answer", "bot_in_turn", "survey_ended"}),
        15,
    ),
    Mutant("a lease never ends", jobs, "_lost", "or_(j.lease_until < moment, orphaned)", "orphaned", frozenset({"jobs_are_done"}), 4),
    Mutant("no timer is set", thread, "Thread.set_timer", "TIMERS.get(self.core.state)", "None", frozenset({"one_timer"}), 0),
    Mutant(
        "the timer of the state before stays",
        thread,
        "Thread.set_timer",
        "jobs.cancel(self.work.db, dedupe=name)",
        "pass",
        frozenset({"one_timer"}),
        0,
    ),
    Mutant(
        "who comes back into line begins anew",
        line,
        "queue",
        '"state": "queued",',
        '"state": "queued", "queue_age_from": work.now,',
        frozenset({"age_kept"}),
        1,
    ),
    Mutant(
        "a safety matter waits for the hours",
        patients,
        "unsafe",
        'reason = Reason("unsafe"',
        'if not thread.work.house.hours.is_open(thread.work.now):\n        return\n    reason = Reason("unsafe"',
        frozenset({"safety_delayed", "turn_answered"}),
        0,
    ),
    Mutant("a safety matter queues like others", line, "queue", "SAFETY if thread.core.unsafe else ", "", frozenset({"safety_first"}), 0),
    Mutant(
        "the same message is taken in twice",
        patients,
        "receive",
        "if seq is not None:",
        "if False:",
        frozenset({"IntegrityError in do_execute"}),
        0,
    ),
)
