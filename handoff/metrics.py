"""What is counted for Prometheus: numbers by channel, state and error code. Never a word, a name or a number of a patient."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from sqlalchemy import Connection, func, select

from handoff import jobs
from handoff.desk import text_health
from handoff.desk.work import Desk
from handoff.outbound_text import TextState
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
        self.texts = Gauge("heard_texts", "Texts that we sent, by state", ["state"], registry=self.registry)
        self.text_failures = Gauge("heard_text_failures", "Texts that failed, by class of error", ["kind"], registry=self.registry)
        self.text_notices = Gauge("heard_texts_hindered", "1: texts wait for this", ["by"], registry=self.registry)
        self.text_segments = Gauge("heard_text_segments_today", "Segments sent since midnight at the clinic", registry=self.registry)
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
        for state in TextState:
            self.texts.labels(state).set(counted["texts"].get(state, 0))
        for kind, number in counted["text_failures"].items():
            self.text_failures.labels(kind).set(number)
        for notice in text_health.NOTICES:
            self.text_notices.labels(notice).set(counted["text_notices"].get(notice, 0))
        self.text_segments.set(counted["text_segments"]["today"])
        self.oldest_due.set(counted["jobs"]["oldest_due"])
        self.line.set(counted["line"]["queued"])
        self.writer_waiting.set(desk.store.health().waiting)
        return generate_latest(self.registry)


def _count(db: Connection, desk: Desk) -> dict[str, dict[str, float]]:
    def by(column: object) -> dict[str, float]:
        return {row[0]: row[1] for row in db.execute(select(column, func.count()).group_by(column))}  # type: ignore[call-overload]

    r, now = t.handoff_request.c, desk.clock.now()
    in_line = db.execute(select(func.count()).where(r.state == "queued")).scalar_one()
    return {
        "conversations": by(t.conversation.c.state),
        "messages": by(t.message.c.author),
        "jobs": jobs.counts(db, now),
        "line": {"queued": in_line},
        "texts": {**text_health.texts_by_state(db)},
        "text_failures": {**text_health.failures_by_class(db)},
        "text_notices": dict.fromkeys(text_health.notices(db, now), 1),
        "text_segments": {"today": text_health.spent_today(db, now, desk.house.settings)},
    }
