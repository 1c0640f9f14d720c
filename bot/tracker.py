"""Rasa's tracker as a cache: one row a turn, the newest few kept, and nothing of the request in it.

What was said and answered is the service's to keep. Here it serves two ends: a repeated turn gets its recorded answer, and the few
slots are carried on. Of the patient's message only its id, its intent and what the heads made of it are stored; an answer in free words is
in the recorded signals, which `heard erase` and `KEEP_DAYS` remove.
An error is raised, never hidden behind a store in memory as Rasa's own wrapper does.
"""

from __future__ import annotations

import json
import time
from typing import Any

from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy import Column, Engine, Float, Integer, MetaData, String, Table, Text, create_engine, delete, event, inspect, select

KEEP_TURNS = 8  # of one conversation
KEEP_DAYS = 7
SWEEP_EVERY = 500  # saves

EVENTS = Table(
    "events",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("sender_id", String(80), nullable=False, index=True),
    Column("message", String(80), nullable=False),
    Column("data", Text, nullable=False),
    Column("at", Float, nullable=False, index=True),
)


class TurnStore(TrackerStore):  # type: ignore[misc]
    def __init__(self, domain: Domain | None = None, host: str = "", event_broker: Any = None, **_: Any) -> None:
        """`host`: an SQLAlchemy URL, as Rasa hands over the `url` of endpoints.yml."""
        super().__init__(domain, event_broker)
        self.engine = _open(host)
        self._saves = 0
        self._sweep()

    def recorded(self, conversation: str, message: str) -> dict[str, Any] | None:
        """The turn of `message` as it was saved: `{"events": [...], "slots": {...}}`; None when there was none."""
        query = select(EVENTS.c.data).where(EVENTS.c.sender_id == conversation, EVENTS.c.message == message)
        with self.engine.connect() as db:
            found = db.execute(query.order_by(EVENTS.c.id.desc()).limit(1)).scalar()
        return None if found is None else json.loads(found)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """A tracker with the slots of the newest turn and without its events: every turn stands for itself."""
        query = select(EVENTS.c.data).where(EVENTS.c.sender_id == sender_id).order_by(EVENTS.c.id.desc()).limit(1)
        with self.engine.connect() as db:
            found = db.execute(query).scalar()
        if found is None:
            return None
        tracker = self.init_tracker(sender_id)
        tracker.update_with_events([SlotSet(name, value) for name, value in json.loads(found)["slots"].items()], self.domain)
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Store the newest turn. Raises SQLAlchemy's errors."""
        events = list(tracker.events)
        start = max((place for place, one in enumerate(events) if isinstance(one, UserUttered)), default=None)
        if start is None:
            return
        user = events[start]
        data = {
            "events": [_bare(one) if isinstance(one, UserUttered) else one.as_dict() for one in events[start:]],
            "slots": {name: slot.value for name, slot in tracker.slots.items() if slot.value != slot.initial_value},
        }
        mine = EVENTS.c.sender_id == tracker.sender_id
        with self.engine.begin() as db:
            db.execute(EVENTS.insert().values(sender_id=tracker.sender_id, message=user.message_id, data=json.dumps(data), at=time.time()))
            newest = select(EVENTS.c.id).where(mine).order_by(EVENTS.c.id.desc()).limit(1).offset(KEEP_TURNS).scalar_subquery()
            db.execute(delete(EVENTS).where(mine, EVENTS.c.id <= newest))
        self._saves += 1
        if self._saves % SWEEP_EVERY == 0:
            self._sweep()

    async def keys(self) -> list[str]:
        with self.engine.connect() as db:
            return list(db.execute(select(EVENTS.c.sender_id).distinct()).scalars())

    def _sweep(self) -> None:
        with self.engine.begin() as db:
            db.execute(delete(EVENTS).where(EVENTS.c.at < time.time() - KEEP_DAYS * 86400))


def _bare(user: UserUttered) -> dict[str, Any]:
    """A user event without its words and without the request that came with it."""
    intent = {key: user.intent.get(key) for key in ("name", "confidence")}
    understood = (user.parse_data or {}).get("understanding") or {}  # numbers and names
    kept = {"intent": intent, "understanding": understood}
    return {"event": "user", "timestamp": user.timestamp, "message_id": user.message_id, "parse_data": kept}


def _open(url: str) -> Engine:
    """The database with its table; a cache of another shape is thrown away."""
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def _fast(connection: Any, _: Any) -> None:
            for pragma in ("journal_mode=WAL", "synchronous=OFF", "secure_delete=ON", "busy_timeout=2000"):
                connection.execute(f"PRAGMA {pragma}")

    there = inspect(engine)
    if there.has_table(EVENTS.name) and {column["name"] for column in there.get_columns(EVENTS.name)} != set(EVENTS.c.keys()):
        EVENTS.drop(engine)
    EVENTS.metadata.create_all(engine)
    return engine
