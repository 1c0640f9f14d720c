"""What is counted for Prometheus: numbers by channel, state and error code. Never a word, a name or a number of a patient."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from sqlalchemy import Connection, func, select

from handoff import jobs
from handoff.desk.work import Desk
from handoff.store import tables as t

FAST = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20)


class Metrics:
    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.bot_seconds = Histogram("heard_bot_seconds", "Seconds the bot took for a turn", buckets=FAST, registry=self.registry)
        self.bot_failures = Counter("heard_bot_failures", "Turns without an answer", ["how"], registry=self.registry)
        self.conversations = Gauge("heard_conversations", "Conversations by state", ["state"], registry=self.registry)
        self.messages = Gauge("heard_messages", "Messages kept, by author", ["author"], registry=self.registry)
        self.line = Gauge("heard_line", "Patients in line for a person", registry=self.registry)
        self.jobs = Gauge("heard_jobs", "Jobs by state", ["state"], registry=self.registry)
        self.oldest_due = Gauge("heard_oldest_due_job_seconds", "Age of the oldest job that is due", registry=self.registry)
        self.writer_waiting = Gauge("heard_writer_waiting", "Deeds waiting for the database", registry=self.registry)

    async def page(self, desk: Desk) -> bytes:
        """The text of `/metrics`."""
        counted = await desk.look(_count, desk)
        for state, number in counted["conversations"].items():
            self.conversations.labels(state).set(number)
        for author, number in counted["messages"].items():
            self.messages.labels(author).set(number)
        for state in ("ready", "running", "dead"):
            self.jobs.labels(state).set(counted["jobs"][state])
        self.oldest_due.set(counted["jobs"]["oldest_due"])
        self.line.set(counted["line"]["queued"])
        self.writer_waiting.set(desk.store.health().waiting)
        return generate_latest(self.registry)


def _count(db: Connection, desk: Desk) -> dict[str, dict[str, float]]:
    def by(column: object) -> dict[str, float]:
        return {row[0]: row[1] for row in db.execute(select(column, func.count()).group_by(column))}  # type: ignore[call-overload]

    r = t.handoff_request.c
    in_line = db.execute(select(func.count()).where(r.state == "queued")).scalar_one()
    return {
        "conversations": by(t.conversation.c.state),
        "messages": by(t.message.c.author),
        "jobs": jobs.counts(db, desk.clock.now()),
        "line": {"queued": in_line},
    }
