"""Migrations on both databases: they make what tables.py says, whole or not at all, and a database that cannot be used is told so."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine, NullPool, create_engine, event, inspect, text

from handoff.errors import BadDatabase
from handoff.settings import Settings, load
from handoff.store import migrate, open_store
from handoff.store.engine import sqlite_engine
from handoff.store.tables import metadata

_NUMBER = itertools.count(1)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """Settings whose database has no table yet."""
    if request.param == "sqlite":
        yield load(data_dir=tmp_path)
        return
    server, name = request.getfixturevalue("postgres_url"), f"empty_{next(_NUMBER)}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with admin.connect() as db:
        db.execute(text(f"CREATE DATABASE {name}"))
    head, _, query = server.partition("?")
    yield load(data_dir=tmp_path, database_url=f"{head.rpartition('/')[0]}/{name}" + (f"?{query}" if query else ""))
    with admin.connect() as db:
        db.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@contextlib.contextmanager
def opened(settings: Settings) -> Iterator[Connection]:
    sqlite = settings.database.startswith("sqlite")
    engine = sqlite_engine(settings.database) if sqlite else create_engine(settings.database, poolclass=NullPool)
    with engine.begin() as db:
        yield db
    engine.dispose()


def refusal(act: Callable[[Settings], None], settings: Settings) -> str:
    with pytest.raises(BadDatabase) as refused:
        act(settings)
    assert refused.value.message.count("\n") == 0
    return refused.value.message


def test_migrating_makes_exactly_what_the_tables_say(empty: Settings) -> None:
    migrate.upgrade(empty)
    with opened(empty) as db:
        context = MigrationContext.configure(db, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []
        made = {index["name"]: index["unique"] for index in inspect(db).get_indexes("job")}
    assert made["job_running"]
    migrate.check(empty)


def test_migrating_twice_or_at_the_same_time_is_migrating_once(empty: Settings) -> None:
    with ThreadPoolExecutor(3) as threads:
        list(threads.map(migrate.upgrade, [empty] * 3))
    migrate.upgrade(empty)
    migrate.check(empty)


def test_interrupted_at_any_statement_nothing_is_half_made_and_it_goes_through_next_time(
    empty: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut after 1, 2, 3 … statements that change something, until one run gets through."""
    make, left = migrate._engine, 0

    def cut(settings: Settings) -> Engine:
        engine = make(settings)

        @event.listens_for(engine, "after_cursor_execute")
        def count(_: Any, __: Any, statement: str, *___: Any) -> None:
            nonlocal left
            if statement.lstrip().split()[0] in ("CREATE", "INSERT", "UPDATE"):
                left -= 1
                if left == 0:
                    raise KeyboardInterrupt

        return engine

    monkeypatch.setattr(migrate, "_engine", cut)
    for cuts in itertools.count(1, 7):
        left = cuts
        try:
            migrate.upgrade(empty)
            break
        except KeyboardInterrupt:
            with opened(empty) as db:
                assert inspect(db).get_table_names() == []
    assert cuts > 28
    migrate.check(empty)


def test_a_database_without_our_tables_is_older(empty: Settings) -> None:
    assert refusal(migrate.check, empty) == "The database is older than this version of Heard. Run: heard db upgrade"


@pytest.mark.parametrize("older", ["0001", "0002", "0003"])
def test_a_database_of_an_older_version_is_older_and_can_be_upgraded(empty: Settings, older: str) -> None:
    with opened(empty) as db:
        command.upgrade(migrate._config(db), older)
    assert "older" in refusal(migrate.check, empty)
    migrate.upgrade(empty)
    migrate.check(empty)


def test_pages_of_what_is_waited_for_go_on_and_all_others_have_ended(empty: Settings) -> None:
    with opened(empty) as db:
        command.upgrade(migrate._config(db), "0007")
        for name, unsafe, state in (("waits", True, "waiting"), ("helped", True, "human"), ("safe", False, "waiting")):
            row = {"id": name, "unsafe": unsafe, "state": state}
            db.execute(
                text(
                    "INSERT INTO conversation (id, channel, state, owner, epoch, last_seq, version, episode, locale, survey, unsafe, meanwhile,"
                    " created_at, changed_at) VALUES (:id, 'web', :state, 'queue', 1, 0, 1, 1, 'en', 'fft', :unsafe, '[]', 1, 1)"
                ),
                row,
            )
            db.execute(text("INSERT INTO page (id, conversation, step, who, at) VALUES (:id, :id, 0, 'everybody', 7)"), row)
    migrate.upgrade(empty)
    with opened(empty) as db:
        ended = {row.id: row.ended_at for row in db.execute(text("SELECT id, ended_at FROM page"))}
        assert ended == {"waits": None, "helped": 7, "safe": 7}
        command.downgrade(migrate._config(db), "0007")
        assert "page" not in {column["name"] for column in inspect(db).get_columns("outbound_text")}
        assert "outbound_text_by_state" in {index["name"] for index in inspect(db).get_indexes("outbound_text")}


@pytest.mark.parametrize("act", [migrate.check, migrate.upgrade])
def test_a_database_of_a_newer_version_is_refused(empty: Settings, act: Callable[[Settings], None]) -> None:
    migrate.upgrade(empty)
    with opened(empty) as db:
        db.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert refusal(act, empty) == "The database is newer than this version of Heard. Update Heard, or restore an older backup."


@pytest.mark.parametrize("act", [migrate.check, migrate.upgrade])
@pytest.mark.parametrize("table", ["orders", "alembic_version"])
def test_a_database_of_another_program_is_left_alone(empty: Settings, act: Callable[[Settings], None], table: str) -> None:
    with opened(empty) as db:
        db.execute(text(f"CREATE TABLE {table} (version_num TEXT)"))
    assert refusal(act, empty) == "The database belongs to another program. Choose another with HEARD_DATABASE_URL."
    with opened(empty) as db:
        assert inspect(db).get_table_names() == [table]


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "heard.db").write_bytes(b"This is a letter, not a database. " * 100)
    assert "is not a database" in refusal(migrate.check, load(data_dir=tmp_path))


def test_a_locked_database_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(data_dir=tmp_path)
    migrate.upgrade(settings)
    monkeypatch.setattr("handoff.store.engine.SQLITE_BUSY_MS", 50)
    with opened(settings):
        assert refusal(migrate.check, settings) == "The database is locked by another program. Stop it and start again."
    migrate.check(settings)


def test_a_read_only_database_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings, make = load(data_dir=tmp_path), migrate._engine
    migrate.upgrade(settings)

    def read_only(given: Settings) -> Engine:
        engine = make(given)
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA query_only=ON").close())
        event.listen(engine, "begin", lambda db: db.exec_driver_sql("DELETE FROM job").close())
        return engine

    monkeypatch.setattr(migrate, "_engine", read_only)
    assert refusal(migrate.check, settings) == "The database cannot be written to. Check the rights of its file and folder."


def test_a_full_disk_is_told_and_leaves_nothing_half_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings, make = load(data_dir=tmp_path), migrate._engine

    def tiny(given: Settings) -> Engine:
        engine = make(given)
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA max_page_count=10").close())
        return engine

    monkeypatch.setattr(migrate, "_engine", tiny)
    assert refusal(migrate.upgrade, settings) == "The disk of the database is full. Free some space and start again."
    monkeypatch.undo()
    migrate.upgrade(settings)
    migrate.check(settings)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert refusal(migrate.upgrade, load(data_dir=tmp_path / "file" / "data")).startswith("The folder ")


def test_a_server_that_is_not_there_is_told(tmp_path: Path) -> None:
    settings = load(data_dir=tmp_path, database_url="postgresql+psycopg://heard@127.0.0.1:1/heard")
    assert refusal(migrate.check, settings) == "The database cannot be opened. Check HEARD_DATABASE_URL and HEARD_DATA_DIR."


async def test_a_log_left_by_a_crash_is_taken_in(tmp_path: Path) -> None:
    """The file and its log as they are after kill -9, copied elsewhere: what the log holds is there; without it, it still opens."""
    settings = load(data_dir=tmp_path / "here")
    migrate.upgrade(settings)
    store = open_store(settings)
    await store.write(lambda db: db.execute(text("INSERT INTO sign_in_failure VALUES ('a', 'k', 1)")))
    for name, kept in (("with", ("heard.db", "heard.db-wal")), ("without", ("heard.db",))):
        (tmp_path / name).mkdir()
        for file in kept:
            (tmp_path / name / file).write_bytes((tmp_path / "here" / file).read_bytes())
    await store.close()
    found = {}
    for name in ("with", "without"):
        migrate.check(load(data_dir=tmp_path / name))
        copy = open_store(load(data_dir=tmp_path / name))
        found[name] = await copy.read(lambda db: db.execute(text("SELECT count(*) FROM sign_in_failure")).scalar_one())
        await copy.close()
    assert found == {"with": 1, "without": 0}
