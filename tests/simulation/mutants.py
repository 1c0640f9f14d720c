"""Faults in who owns a conversation, its turns, timers and age, put in on purpose; with those of the line (line_mutants.py)."""

from __future__ import annotations

from handoff import jobs
from handoff.desk import line, patients, thread, turns
from tests.simulation.line_mutants import LINE_MUTANTS
from tests.simulation.mutant import Mutant

MUTANTS = (
    Mutant(
        "the bot's answer is not asked for its epoch",
        turns,
        "bot_answered",
        'thread.core.owner != BOT or thread.core.epoch != payload["epoch"]',
        "thread.core.owner != BOT",
        frozenset({"old_answer"}),
        55,
    ),
    Mutant(
        "the bot's answer is not asked for its owner",
        turns,
        "bot_answered",
        'if thread.core.owner != BOT or thread.core.epoch != payload["epoch"]:',
        "if False:",
        frozenset({"old_answer", "bot_in_turn", "survey_ended"}),
        11,
    ),
    Mutant("a lease never ends", jobs, "_lost", "or_(j.lease_until < moment, orphaned)", "orphaned", frozenset({"jobs_are_done"}), 3),
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
        0,
    ),
    Mutant(
        "a safety matter waits for the hours",
        patients,
        "unsafe",
        "reason = assessing",
        "if not thread.work.house.hours.is_open(thread.work.now):\n        return\n    reason = assessing",
        frozenset({"safety_delayed", "turn_answered"}),
        1,
    ),
    Mutant(
        "a safety matter queues like others",
        line,
        "queue",
        "SAFETY if thread.core.unsafe else ",
        "",
        frozenset({"safety_first", "danger_waits"}),
        0,
    ),
    Mutant(
        "the same message is taken in twice",
        patients,
        "receive",
        "if seq is not None:",
        "if False:",
        frozenset({"IntegrityError in do_execute"}),
        0,
    ),
    *LINE_MUTANTS,
)
