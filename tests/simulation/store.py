"""A store without threads: one SQLite in memory, deeds run where they are asked for. `forget` undoes a whole world at once."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Generator
from typing import Any, TypeVar

from sqlalchemy import Connection, StaticPool, create_engine

from handoff.store import StoreHealth
from handoff.store.engine import sqlite_module
from handoff.store.tables import metadata

T = TypeVar("T")


class Pause:
    """Awaited by whoever waits for another machine: the simulation goes on with it later, or never."""

    def __await__(self) -> Generator[Pause, None, None]:
        yield self


def drive(deed: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that waits for nothing. Raises what it raises."""
    try:
        deed.send(None)
    except StopIteration as done:
        value: T = done.value
        return value
    deed.close()
    raise AssertionError("a deed waits for something")


class InlineStore:
    dialect = "sqlite"

    def __init__(self) -> None:
        arguments = {"check_same_thread": False, "cached_statements": 2000}
        engine = create_engine("sqlite://", module=sqlite_module(), poolclass=StaticPool, connect_args=arguments)
        self.db: Connection = engine.connect()
        self.raw: Any = self.db.connection.driver_connection
        self.raw.isolation_level = None
        self.raw.execute("PRAGMA foreign_keys=ON")
        metadata.create_all(self.db)
        self.db.commit()
        self.raw.execute("BEGIN")
        self.raw.execute("SAVEPOINT world")

    def forget(self) -> None:
        """As empty as at first."""
        self.raw.execute("ROLLBACK TO world")

    async def write(self, deed: Callable[[Connection], T]) -> T:
        self.raw.execute("SAVEPOINT deed")
        try:
            value = deed(self.db)
        except BaseException:
            self.raw.execute("ROLLBACK TO deed")
            raise
        finally:
            self.raw.execute("RELEASE deed")
        return value

    async def read(self, query: Callable[[Connection], T]) -> T:
        return query(self.db)

    def ask(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows, without SQLAlchemy's share of the time."""
        found: list[tuple[Any, ...]] = self.raw.execute(statement, values).fetchall()
        return found

    def health(self) -> StoreHealth:
        return StoreHealth(True, 0, 0.0)

    async def close(self) -> None:
        return None


class Tail:
    """What a table has got since it was read last. `statement`: takes the last id that was seen, and gives rows that begin with theirs,
    in its order."""

    def __init__(self, store: InlineStore, statement: str) -> None:
        self._store, self._statement, self._last = store, statement, ""

    def read(self) -> list[tuple[Any, ...]]:
        rows = self._store.ask(self._statement, self._last)
        self._last = rows[-1][0] if rows else self._last
        return rows
