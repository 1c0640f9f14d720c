"""SQLAlchemy engines for both databases, and what their errors mean.

SQLite comes from the `pysqlite3` wheel where there is one: Debian's has the WAL-reset bug (RELIABILITY: sqlite.org/wal.html).
"""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any

from sqlalchemy import Engine, NullPool, create_engine, event
from sqlalchemy.exc import DBAPIError

from handoff.errors import StoreUnavailable

SQLITE_BUSY_MS = 5000
# Primary result codes of SQLite that speak of the file or the disk, not of the statement.
SQLITE_OUTAGES = {
    3: "read_only",  # PERM
    5: "locked",  # BUSY
    6: "locked",  # LOCKED
    7: "disk",  # NOMEM
    8: "read_only",  # READONLY
    10: "disk",  # IOERR
    11: "damaged",  # CORRUPT
    13: "full",  # FULL
    14: "disk",  # CANTOPEN
    15: "locked",  # PROTOCOL
    26: "damaged",  # NOTADB
}
# Classes of PostgreSQL's codes: connection, resources, operator intervention, system error; then single codes.
POSTGRES_OUTAGES = {"08": "disk", "53": "full", "57": "disk", "58": "disk", "XX": "damaged"}
POSTGRES_CODES = {"25006": "read_only", "55P03": "locked", "53300": "disk", "28P01": "disk", "28000": "disk", "3D000": "disk"}
UNREACHABLE = {"OperationalError", "InterfaceError", "ConnectionTimeout"}  # of psycopg, where there is no code
POSTGRES_SETUP = (
    "SET synchronous_commit TO on",  # acked means stored, whatever the server's default is
    "SET lock_timeout TO '8s'",
    "SET statement_timeout TO '30s'",
    "SET idle_in_transaction_session_timeout TO '60s'",
)


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
        url,
        module=sqlite_module(),
        poolclass=NullPool if not reader else None,
        connect_args={"check_same_thread": False, "timeout": SQLITE_BUSY_MS / 1000},
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # transactions are begun by us, or savepoints would not hold
        pragmas = ["foreign_keys=ON", "synchronous=FULL", f"busy_timeout={SQLITE_BUSY_MS}", "secure_delete=ON"]
        pragmas += ["query_only=ON", "wal_autocheckpoint=0"] if reader else ["journal_mode=WAL"]
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN" if reader else "BEGIN IMMEDIATE")

    return engine


def postgres_engine(url: str, *, size: int) -> Engine:
    """A pool of `size` connections that are tested before use."""
    lifelines = {"connect_timeout": 5, "tcp_user_timeout": 15000, "keepalives_idle": 30, "application_name": "heard"}
    engine = create_engine(url, pool_size=size, max_overflow=0, pool_pre_ping=True, pool_timeout=10, connect_args=lifelines)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _: Any) -> None:
        with connection.cursor() as cursor:
            for statement in POSTGRES_SETUP:
                cursor.execute(statement)
        connection.commit()

    return engine


def outage(error: BaseException | None) -> str | None:
    """full | locked | read_only | damaged | disk where the database itself refused; None where the statement was wrong.

    Never the statement or its values.
    """
    cause = error.orig if isinstance(error, DBAPIError) else error
    code, state = getattr(cause, "sqlite_errorcode", None), getattr(cause, "sqlstate", None)
    if code is not None:
        return SQLITE_OUTAGES.get(code & 0xFF)
    if state is not None:
        return POSTGRES_CODES.get(state) or POSTGRES_OUTAGES.get(state[:2])
    if isinstance(error, StoreUnavailable):
        return str(error.facts.get("reason", "disk"))
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    unreachable = type(cause).__module__.startswith("psycopg") and type(cause).__name__ in UNREACHABLE
    return "disk" if lost or unreachable else None
