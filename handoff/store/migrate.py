"""Bringing a database to this version's schema, and saying in one sentence why one cannot be used."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, NullPool, create_engine, inspect, text
from sqlalchemy.exc import DBAPIError

from handoff.errors import BadDatabase
from handoff.settings import Settings
from handoff.store.engine import outage, sqlite_engine

LOCK = 4_811_207  # PostgreSQL advisory lock: two nodes that start together migrate once
SENTENCES = {
    "full": "The disk of the database is full. Free some space and start again.",
    "locked": "The database is locked by another program. Stop it and start again.",
    "read_only": "The database cannot be written to. Check the rights of its file and folder.",
    "damaged": "The database is damaged, or is not a database. Restore a backup, or choose another with HEARD_DATABASE_URL.",
    "disk": "The database cannot be opened. Check HEARD_DATABASE_URL and HEARD_DATA_DIR.",
}


def upgrade(settings: Settings) -> None:
    """Bring the database to head; does nothing where it is there. Raises `BadDatabase`."""
    _with_database(settings, _upgrade)


def check(settings: Settings) -> None:
    """Raises `BadDatabase` where the database is older or newer than this version, not ours, or cannot be written."""
    _with_database(settings, _check)


def _with_database(settings: Settings, act: Callable[[Connection], None]) -> None:
    engine = _engine(settings)
    try:
        with engine.begin() as db:
            act(db)
    except DBAPIError as error:
        raise BadDatabase(SENTENCES[outage(error) or "disk"]) from error
    except CommandError as error:
        raise BadDatabase("The database is newer than this version of Heard. Update Heard, or restore an older backup.") from error
    finally:
        engine.dispose()


def _engine(settings: Settings) -> Engine:
    if settings.database.startswith("sqlite:///"):
        folder = Path(settings.database.removeprefix("sqlite:///")).parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            raise BadDatabase(f"The folder {folder} cannot be made. Check HEARD_DATA_DIR.") from None
        return sqlite_engine(settings.database)
    return create_engine(settings.database, poolclass=NullPool)


def _upgrade(db: Connection) -> None:
    if db.dialect.name == "postgresql":
        db.execute(text("SET LOCAL lock_timeout TO '60s'"))
        db.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
    _refuse_strangers(db)
    command.upgrade(_config(db), "head")


def _check(db: Connection) -> None:
    _refuse_strangers(db)
    head, now = ScriptDirectory.from_config(_config(db)).get_current_head(), MigrationContext.configure(db).get_current_revision()
    if now == head:
        return
    known = {script.revision for script in ScriptDirectory.from_config(_config(db)).walk_revisions()}
    if now is None or now in known:
        raise BadDatabase("The database is older than this version of Heard. Run: heard db upgrade")
    raise CommandError("newer")


def _refuse_strangers(db: Connection) -> None:
    names = set(inspect(db).get_table_names())
    if names and not {"alembic_version", "conversation", "job"} <= names:
        raise BadDatabase("The database belongs to another program. Choose another with HEARD_DATABASE_URL.")


def _config(db: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = db
    return config
