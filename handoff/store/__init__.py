"""Storage: deeds are plain functions over a connection; the store runs each in one transaction, on SQLite or PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, Row, bindparam, func, select

from handoff.settings import Settings
from handoff.store import tables as t

T = TypeVar("T")
_LOCKED = select(t.conversation).where(t.conversation.c.id == bindparam("conversation")).with_for_update()
_NAMED = select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("name"), 0)))
BEHIND: ContextVar[bool] = ContextVar("behind", default=False)  # set in a job: what it asks for lets people and webhooks go first
RAN_OUT = "a deed let StopIteration out"  # no future can carry that: whoever waits would wait for ever


@dataclass(frozen=True)
class StoreHealth:
    """`writable`: the last write was stored; `waiting`: deeds in the queue; `lag_ms`: how long the last one waited."""

    writable: bool
    waiting: int
    lag_ms: float


class Store(Protocol):
    dialect: str

    async def write(self, deed: Callable[[Connection], T]) -> T:
        """Run `deed` in one transaction; durable when this returns. What it raises undoes it alone. Raises `StoreUnavailable`."""
        ...

    async def read(self, query: Callable[[Connection], T]) -> T:
        """Run a read-only `query` on what is committed. Raises `StoreUnavailable`."""
        ...

    async def close(self) -> None: ...

    def health(self) -> StoreHealth: ...


def open_store(settings: Settings) -> Store:
    """The store behind `settings.database`; the schema must be at head (handoff/store/migrate.py)."""
    if settings.database.startswith("sqlite"):
        from handoff.store.sqlite import SqliteStore

        return SqliteStore(settings.database)
    from handoff.store.postgres import PostgresStore

    return PostgresStore(settings.database)


def lock_conversation(db: Connection, conversation: str) -> Row[Any] | None:
    """The row of a conversation, locked until the transaction ends (SQLite has one writer and needs no lock)."""
    return db.execute(_LOCKED, {"conversation": conversation}).first()


def lock_name(db: Connection, name: str) -> None:
    """Deeds that lock the same name go one after the other: for what has no row yet (SQLite has one writer and needs no lock)."""
    if db.dialect.name == "postgresql":
        db.execute(_NAMED, {"name": name})
