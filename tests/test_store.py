"""The store on both databases: a deed is whole or not there, what was said to be stored is stored, and a bad disk is told."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event, select, text
from sqlalchemy.exc import IntegrityError

from handoff.errors import AlreadyTaken, StoreUnavailable
from handoff.settings import Settings, load
from handoff.store import BEHIND, Store, lock_conversation, migrate, open_store, writer
from handoff.store import tables as t
from handoff.store.engine import sqlite_engine, sqlite_module
from handoff.store.sqlite import SqliteStore
from tests.fakes import MONDAY, until

ROOT = Path(__file__).resolve().parent.parent


def put(name: str, size: int = 1) -> Any:
    """A deed that stores one row by that name."""

    def deed(db: Connection) -> int:
        db.execute(t.audit.insert(), {"id": name, "at": MONDAY, "who": "x" * size, "act": "put", "detail": {}})
        return 1

    return deed


def names(db: Connection) -> list[str]:
    return list(db.execute(select(t.audit.c.id).order_by(t.audit.c.id)).scalars())


class TestDeeds:
    async def test_what_a_deed_returns_comes_back_and_is_stored(self, store: Store) -> None:
        assert await store.write(put("a")) == 1
        assert await store.read(names) == ["a"]

    async def test_a_deed_that_raises_undoes_itself_and_no_other(self, store: Store) -> None:
        def half(db: Connection) -> None:
            put("half")(db)
            raise AlreadyTaken(by="Maria")

        def twice(db: Connection) -> None:
            put("twice")(db)
            put("twice")(db)

        def empty(db: Connection) -> None:
            put("empty")(db)
            next(iter(()))

        deeds = [put("a"), half, put("b"), twice, put("c"), empty, put("d")]
        outcomes = await asyncio.gather(*[store.write(deed) for deed in deeds], return_exceptions=True)
        assert [type(outcome) for outcome in outcomes] == [int, AlreadyTaken, int, IntegrityError, int, RuntimeError, int]
        assert await store.read(names) == ["a", "b", "c", "d"]
        assert store.health().writable

    async def test_deeds_of_one_moment_see_one_another(self, store: Store) -> None:
        """500 counts of one row: none is lost, on either database."""
        await store.write(put("count"))

        def add(db: Connection) -> None:
            row = db.execute(select(t.audit.c.detail).where(t.audit.c.id == "count").with_for_update()).one()
            db.execute(t.audit.update().where(t.audit.c.id == "count").values(detail={"n": row.detail.get("n", 0) + 1}))

        await asyncio.gather(*[store.write(add) for _ in range(500)])
        assert await store.read(lambda db: db.execute(select(t.audit.c.detail)).scalar_one()) == {"n": 500}

    async def test_a_reader_cannot_write(self, store: Store) -> None:
        with pytest.raises(StoreUnavailable) as refused:
            await store.read(put("a"))
        assert refused.value.facts == {"reason": "read_only"}
        assert store.health().writable

    async def test_a_query_sees_one_moment(self, store: Store) -> None:
        loop = asyncio.get_running_loop()
        between = threading.Event()

        def twice(db: Connection) -> tuple[list[str], list[str]]:
            first = names(db)
            asyncio.run_coroutine_threadsafe(store.write(put("b")), loop).add_done_callback(lambda _: between.set())
            assert between.wait(10)
            return first, names(db)

        await store.write(put("a"))
        assert await store.read(twice) == (["a"], ["a"])
        assert await store.read(names) == ["a", "b"]

    async def test_a_caller_who_goes_away_undoes_nothing(self, store: Store) -> None:
        started, gone = threading.Event(), threading.Event()

        def slow(db: Connection) -> None:
            started.set()
            gone.wait(10)
            put("a")(db)

        task = asyncio.create_task(store.write(slow))
        await asyncio.to_thread(started.wait, 10)
        task.cancel()
        gone.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        await store.write(put("b"))
        async with asyncio.timeout(10):
            while await store.read(names) != ["a", "b"]:
                await asyncio.sleep(0.01)

    async def test_closing_finishes_what_waits_and_refuses_what_comes(self, store: Store, settings: Settings) -> None:
        waiting = [asyncio.create_task(store.write(put(f"{number:03}"))) for number in range(100)]
        await asyncio.sleep(0)
        await store.close()
        assert await asyncio.gather(*waiting) == [1] * 100
        for late in (store.write(put("late")), store.read(names)):
            with pytest.raises(StoreUnavailable):
                await late
        again = open_store(settings)
        assert len(await again.read(names)) == 100
        await again.close()

    async def test_a_locked_conversation_waits_for_the_other_transaction(self, store: Store) -> None:
        row = {"id": "ana", "channel": "web", "state": "bot", "owner": "bot", "epoch": 0, "last_seq": 0, "version": 0, "episode": 1}
        row |= {"locale": "en", "survey": "fft", "unsafe": False, "meanwhile": [], "created_at": MONDAY, "changed_at": MONDAY}
        await store.write(lambda db: db.execute(t.conversation.insert(), row))

        def step(db: Connection) -> int:
            found = lock_conversation(db, "ana")
            assert found is not None
            db.execute(t.conversation.update().values(last_seq=found.last_seq + 1))
            return int(found.last_seq) + 1

        assert sorted(await asyncio.gather(*[store.write(step) for _ in range(100)])) == list(range(1, 101))


@pytest.mark.parametrize("settings", ["postgresql"], indirect=True)
class TestPostgres:
    async def test_a_deadlock_is_tried_again(self, store: Store) -> None:
        await store.write(put("a"))
        await store.write(put("b"))
        meet = threading.Barrier(2)
        tries: list[str] = []

        def lock(first: str, second: str) -> Any:
            def deed(db: Connection) -> None:
                tries.append(first)
                db.execute(t.audit.update().where(t.audit.c.id == first).values(who=first))
                if len(tries) <= 2:
                    meet.wait(10)
                db.execute(t.audit.update().where(t.audit.c.id == second).values(act=first))

            return deed

        await asyncio.gather(store.write(lock("a", "b")), store.write(lock("b", "a")))
        assert len(tries) >= 3  # under load they may meet once more

    async def test_a_lost_connection_is_told_and_the_next_deed_has_a_new_one(self, store: Store) -> None:
        def cut(db: Connection) -> None:
            put("half")(db)
            db.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

        with pytest.raises(StoreUnavailable) as lost:
            await store.write(cut)
        assert lost.value.facts == {"reason": "disk"}
        assert not store.health().writable
        await until(lambda: store.health().writable)
        await store.write(put("whole"))
        assert await store.read(names) == ["whole"]

    async def test_all_connections_cut_at_once_lose_nothing_that_was_acked(self, store: Store) -> None:
        def cut_all(db: Connection) -> None:
            db.execute(
                text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'heard' AND pid <> pg_backend_pid()")
            )

        acked: list[str] = []

        async def producer(name: str) -> None:
            for number in range(40):
                try:
                    await store.write(put(f"{name}-{number:02}"))
                    acked.append(f"{name}-{number:02}")
                except StoreUnavailable:
                    await asyncio.sleep(0.01)

        tasks = [asyncio.create_task(producer(name)) for name in "abcdefgh"]
        for _ in range(5):
            await asyncio.sleep(0.05)
            await asyncio.gather(store.write(cut_all), return_exceptions=True)
        await asyncio.gather(*tasks)
        stored = await store.read(names)
        assert set(acked) <= set(stored)
        assert len(stored) == len(set(stored))
        assert len(acked) > 100


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
class TestSqlite:
    async def test_readers_never_move_the_log_and_every_commit_is_synced(self, store: Store) -> None:
        def pragmas(db: Connection) -> list[Any]:
            read = ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "wal_autocheckpoint", "query_only")
            return [db.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in read]

        assert await store.write(pragmas) == ["wal", 2, 1, 1, 1000, 0]
        assert await store.read(pragmas) == ["wal", 2, 1, 1, 0, 1]

    async def test_many_deeds_share_a_commit(self, store: SqliteStore) -> None:
        commits = 0

        def count(_: Any) -> None:
            nonlocal commits
            commits += 1

        event.listen(store._writer._engine, "commit", count)
        await asyncio.gather(*[store.write(put(f"{number:03}")) for number in range(400)])
        assert commits < 40

    async def test_people_go_before_jobs_and_one_job_goes_in_any_case(self, store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(writer, "LONGEST_GROUP", 0.0)
        order: list[str] = []

        def job(db: Connection) -> None:
            order.append("job")

        def person(db: Connection) -> None:
            order.append("person")

        async def leave_jobs() -> list[asyncio.Task[None]]:
            BEHIND.set(True)
            return [asyncio.create_task(store.write(job)) for _ in range(6)]

        held = threading.Event()
        holding = asyncio.create_task(store.write(lambda db: held.wait(10)))
        while store.health().waiting:
            await asyncio.sleep(0)
        behind = await asyncio.create_task(leave_jobs())
        await asyncio.sleep(0)
        ahead = [asyncio.create_task(store.write(person)) for _ in range(3)]
        await asyncio.sleep(0)
        held.set()
        await asyncio.gather(holding, *behind, *ahead)
        assert order == ["job", "person", "job", "person", "job", "person", "job", "job", "job"]

    async def test_a_full_disk_is_told_and_what_is_acked_is_there(self, store: Store) -> None:
        pages = await store.write(lambda db: db.exec_driver_sql("PRAGMA page_count").scalar_one())
        await store.write(lambda db: db.exec_driver_sql(f"PRAGMA max_page_count={pages + 20}").scalar_one())
        outcomes = await asyncio.gather(*[store.write(put(f"{number:03}", 3000)) for number in range(60)], return_exceptions=True)
        refused = [outcome for outcome in outcomes if outcome != 1]
        assert refused
        assert {(type(error), error.facts["reason"]) for error in refused if isinstance(error, StoreUnavailable)} == {
            (StoreUnavailable, "full")
        }
        assert len(refused) == sum(isinstance(error, StoreUnavailable) for error in refused)
        assert not store.health().writable
        assert await store.read(names) == [f"{number:03}" for number, outcome in enumerate(outcomes) if outcome == 1]

    async def test_it_finds_out_by_itself_that_the_disk_is_well_again(self, store: SqliteStore) -> None:
        bad = True

        def refuse(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
            if bad:
                raise _disk_error()

        event.listen(store._writer._engine, "before_cursor_execute", refuse)
        for _ in range(3):
            with pytest.raises(StoreUnavailable) as refused:
                await store.write(put("a"))
            assert refused.value.facts == {"reason": "disk"}
        assert not store.health().writable
        bad = False
        await until(lambda: store.health().writable)
        assert await store.write(put("b")) == 1
        assert await store.read(names) == ["b"]

    async def test_a_failed_commit_acks_nobody_of_its_group(self, store: SqliteStore) -> None:
        bad = True

        def refuse(_: Any) -> None:
            if bad:
                raise _disk_error()

        event.listen(store._writer._engine, "commit", refuse)
        outcomes = await asyncio.gather(*[store.write(put(f"{number:02}")) for number in range(20)], return_exceptions=True)
        assert {type(outcome) for outcome in outcomes} == {StoreUnavailable}
        assert await store.read(names) == []
        bad = False
        await until(lambda: store.health().writable)
        assert await store.write(put("a")) == 1

    async def test_a_read_only_database_is_told(self, store: Store) -> None:
        await store.write(put("a"))
        await store.write(lambda db: db.exec_driver_sql("PRAGMA query_only=ON").close())
        with pytest.raises(StoreUnavailable) as refused:
            await store.write(put("b"))
        assert refused.value.facts == {"reason": "read_only"}
        assert not store.health().writable
        assert await store.read(names) == ["a"]

    async def test_another_program_that_holds_the_lock_is_told_and_waited_out(self, store: Store, settings: Settings) -> None:
        other = sqlite_engine(settings.database)
        with other.begin():
            with pytest.raises(StoreUnavailable) as refused:
                await store.write(put("a"))
            assert refused.value.facts == {"reason": "locked"}
            assert await store.read(names) == []
        await until(lambda: store.health().writable)
        assert await store.write(put("b")) == 1
        other.dispose()

    async def test_more_than_the_queue_holds_is_refused_at_once(self, store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("handoff.store.sqlite.MOST_WAITING", 10)
        begun, gate = threading.Event(), threading.Event()
        first = asyncio.create_task(store.write(lambda db: begun.set() or gate.wait(10)))
        await asyncio.to_thread(begun.wait, 10)
        waiting = [asyncio.create_task(store.write(put(f"{number:02}"))) for number in range(10)]
        await asyncio.sleep(0)
        with pytest.raises(StoreUnavailable) as refused:
            await store.write(put("one too many"))
        assert refused.value.facts == {"reason": "busy"}
        gate.set()
        assert await asyncio.gather(first, *waiting) == [True] + [1] * 10

    async def test_the_log_is_emptied_once_a_minute(self, store: SqliteStore, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
        await store.write(put("a", 50_000))
        log = Path(settings.database.removeprefix("sqlite:///") + "-wal")
        assert log.stat().st_size > 0
        monkeypatch.setattr("handoff.store.writer.TIDY", 0.0)
        await store.write(put("b"))
        await until(lambda: log.stat().st_size == 0)
        assert await store.read(names) == ["a", "b"]


def _disk_error() -> Exception:
    """An error as SQLite gives it when fsync fails."""
    error = sqlite_module().OperationalError("disk I/O error")
    error.sqlite_errorcode = 10  # SQLITE_IOERR
    return error


PRODUCER = """
import asyncio, sys
from pathlib import Path
from handoff import jobs
from handoff.clock import RandomIds, SystemClock
from handoff.errors import StoreUnavailable
from handoff.settings import load
from handoff.store import open_store, tables as t

async def main(folder, name):
    store, ids, clock = open_store(load(data_dir=Path(folder))), RandomIds(), SystemClock()
    async def produce(who):
        number = 0
        while True:
            row = f"{name}-{who}-{number:06}"
            def deed(db):
                db.execute(t.audit.insert(), {"id": row, "at": clock.now(), "who": "x" * 200, "act": "put", "detail": {}})
                jobs.enqueue(db, ids=ids, now=clock.now(), kind="work", key=row, payload={})
            try:
                await store.write(deed)
            except StoreUnavailable as error:
                print("refused", error.facts["reason"], flush=True)
                return
            print(row, flush=True)
            number += 1
    await asyncio.gather(*[produce(who) for who in range(8)])

if len(sys.argv) > 3:
    import resource, signal
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]),) * 2)
asyncio.run(main(sys.argv[1], sys.argv[2]))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    migrate.upgrade(load(data_dir=tmp_path))
    return tmp_path


def producer(folder: Path, name: str, *limit: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", PRODUCER, str(folder), name, *limit]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=folder)


async def stored(folder: Path) -> tuple[list[str], list[str]]:
    """The rows, and the jobs that came with them."""
    store = open_store(load(data_dir=folder))
    try:
        rows = await store.read(names)
        return rows, await store.read(lambda db: list(db.execute(select(t.job.c.key).order_by(t.job.c.key)).scalars()))
    finally:
        await store.close()


async def test_what_was_acked_survives_kill_9_at_any_point(folder: Path) -> None:
    """Eight kills; each row that was acked is there, once, with its job; nothing is there by half."""
    seed = random.SystemRandom().randrange(10**6)
    chance, acked = random.Random(seed), []
    for kill in range(8):
        process = producer(folder, f"{kill}")
        assert process.stdout is not None
        acked += [process.stdout.readline().strip()]  # it runs
        await asyncio.sleep(chance.uniform(0, 0.15))
        process.send_signal(signal.SIGKILL)
        rest = process.communicate()[0]
        acked += [line for line in rest.split("\n")[:-1] if line]
    rows, keys = await stored(folder)
    assert len(acked) > 8, f"seed {seed}"
    assert set(acked) - set(rows) == set(), f"seed {seed}"
    assert rows == keys, f"seed {seed}"
    assert len(rows) - len(acked) <= 8 * 8, f"seed {seed}"  # stored and not yet told: at most one for each producer and kill


async def test_a_file_that_may_not_grow_acks_nothing_it_does_not_hold(folder: Path) -> None:
    """The system refuses to write past a size: everybody hears it, the database is whole, and works again with more room."""
    size = sum(file.stat().st_size for file in folder.glob("heard.db"))
    process = producer(folder, "tight", str(size + 400_000))
    lines = process.communicate(timeout=60)[0].split("\n")[:-1]
    refused = [line for line in lines if line.startswith("refused")]
    acked = [line for line in lines if not line.startswith("refused")]
    assert process.returncode == 0
    assert len(refused) == 8
    assert set(refused) <= {"refused full", "refused disk"}
    rows, keys = await stored(folder)
    assert acked
    assert set(acked) <= set(rows)
    assert rows == keys
    store = open_store(load(data_dir=folder))
    assert await store.write(put("again")) == 1
    assert await store.read(lambda db: db.exec_driver_sql("PRAGMA integrity_check").scalar_one()) == "ok"
    await store.close()


async def test_a_server_that_is_not_there_is_told_in_a_sentence(tmp_path: Path) -> None:
    away = open_store(load(database_url="postgresql+psycopg://heard@127.0.0.1:1/heard", data_dir=tmp_path))
    with pytest.raises(StoreUnavailable):
        await away.write(put("a"))
    assert not away.health().writable
    await away.close()


async def test_the_library_has_no_wal_reset_bug() -> None:
    found = tuple(int(part) for part in sqlite_module().sqlite_version.split("."))
    assert found >= (3, 51, 3) or found[:2] in ((3, 50), (3, 44))
