"""SQLAlchemy engines for both databases. SQLite comes from the `pysqlite3` wheel where there is one: Debian's has the WAL-reset bug."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any

from sqlalchemy import Engine, NullPool, create_engine, event


def sqlite_module() -> ModuleType:
    """The newest SQLite at hand: the `pysqlite3` wheel, else Python's own."""
    for name in ("pysqlite3", "sqlite3"):
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    raise ImportError("Python was built without SQLite.")


def sqlite_engine(url: str, *, reader: bool = False) -> Engine:
    """WAL, every commit fsynced, deleted pages zeroed. A reader never writes and never checkpoints."""
    engine = create_engine(
        url, module=sqlite_module(), poolclass=NullPool if not reader else None, connect_args={"check_same_thread": False, "timeout": 5}
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # transactions are begun by us, or savepoints would not hold
        pragmas = ["foreign_keys=ON", "synchronous=FULL", "busy_timeout=5000", "secure_delete=ON"]
        pragmas += ["query_only=ON", "wal_autocheckpoint=0"] if reader else ["journal_mode=WAL"]
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    if not reader:

        @event.listens_for(engine, "begin")
        def _begin(connection: Any) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    else:

        @event.listens_for(engine, "begin")
        def _begin_reading(connection: Any) -> None:
            connection.exec_driver_sql("BEGIN")

    return engine


def postgres_engine(url: str, *, size: int) -> Engine:
    """A pool of `size` connections that are tested before use."""
    return create_engine(url, pool_size=size, max_overflow=0, pool_pre_ping=True, pool_timeout=10)
