"""Forgetting: nothing of an erased conversation is left in any table, nothing of another's is touched, and time limits hold."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import JSON, BigInteger, Boolean, Column, Connection, ForeignKey, Integer, LargeBinary, MetaData, Table, Text, func, select

from handoff.settings import Settings
from handoff.store import Store, purge
from handoff.store import tables as t
from tests.fakes import MONDAY, FakeClock, SequentialIds

ANA, BEN = "conversation-ana", "conversation-ben"


def fill(db: Connection, conversation: str, at: datetime = MONDAY) -> None:
    """One row in every table, all of one conversation: ids are `<table>-<conversation>`, references follow from the tables."""
    for table in t.metadata.sorted_tables:
        db.execute(table.insert(), {column.name: _value(table, column, conversation, at) for column in table.c})


def _value(table: Table, column: Column[Any], conversation: str, at: datetime) -> Any:
    if column.primary_key:
        return conversation if table is t.conversation else f"{table.name}-{conversation}"
    if table is t.offer and column.name == "callback":
        return None  # an offer is of a request or of a call
    for key in column.foreign_keys:
        return conversation if key.column.table is t.conversation else f"{key.column.table.name}-{conversation}"
    if table is t.ticket and column.name == "session":
        return f"patient_session-{conversation}"
    if table is t.ticket and column.name == "kind":
        return "patient"
    if (table is t.job and column.name == "key") or column.name == "conversation":
        return conversation
    if table is t.job and column.name == "state":
        return "ready"
    if isinstance(column.type, t.Moment):
        return at
    kinds: dict[type, Any] = {Boolean: False, Integer: 1, BigInteger: 1, JSON: {}, Text: f"{column.name} of {conversation}"}
    kinds[LargeBinary] = f"{column.name} of {conversation}".encode()
    return next(value for kind, value in kinds.items() if isinstance(column.type, kind))


def rows_of(db: Connection, conversation: str) -> dict[str, int]:
    """How many rows of each table name the conversation in any column."""
    found = {}
    for table in t.metadata.sorted_tables:
        rows = [row for row in db.execute(select(table)).all() if any(conversation in str(value) for value in row)]
        if rows:
            found[table.name] = len(rows)
    return found


async def test_erasing_ana_leaves_no_row_of_hers_and_all_of_bens(store: Store) -> None:
    await store.write(lambda db: (fill(db, ANA), fill(db, BEN)))
    before = await store.read(lambda db: rows_of(db, BEN))
    assert set(before) == set(t.metadata.tables)  # the fixture reaches every table there is, or will be
    await store.write(lambda db: purge.erase_conversation(db, ANA))
    # Staff and what is theirs belong to the clinic; the audit outlives what it tells of and holds no words; who asked for no more
    # texts goes on getting none (47 CFR 64.1200(d)(6) has us keep such a request for five years).
    staffs = {"staff", "sign_in_code", "sign_in_failure", "staff_session", "presence"}
    assert set(await store.read(lambda db: rows_of(db, ANA))) == {"audit", "forgotten_text", "opt_out", *staffs}
    assert await store.read(lambda db: rows_of(db, BEN)) == before


async def test_a_table_added_later_is_erased_too_however_long_the_chain(store: Store) -> None:
    later = MetaData()
    for table in t.metadata.sorted_tables:
        table.to_metadata(later)
    call = Table("visit", later, Column("id", Text, primary_key=True), Column("case", ForeignKey("case.id")), Column("number", Text))
    attempt = Table("attempt", later, Column("id", Text, primary_key=True), Column("call", ForeignKey("visit.id")))

    def plan(db: Connection) -> None:
        later.create_all(db, tables=[call, attempt])
        for name in (ANA, BEN):
            fill(db, name)
            db.execute(call.insert(), {"id": f"call-{name}", "case": f"case-{name}", "number": "555"})
            db.execute(attempt.insert(), {"id": f"attempt-{name}", "call": f"call-{name}"})
        purge.erase_conversation(db, ANA, tables=later)
        left = [db.execute(select(table.c.id)).scalars().all() for table in (call, attempt)]
        assert left == [[f"call-{BEN}"], [f"attempt-{BEN}"]]
        raise Undone

    with pytest.raises(Undone):
        await store.write(plan)


class Undone(Exception):
    """Takes the tables of a test away again."""


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
async def test_erased_words_are_gone_from_the_file_itself(store: Store, settings: Settings) -> None:
    canary = "zanzibar-canary-" * 20
    await store.write(lambda db: fill(db, ANA))
    await store.write(lambda db: db.execute(t.message.update().values(text=canary)))
    await store.write(lambda db: purge.erase_conversation(db, ANA))
    await store.close()
    folder = Path(settings.database.removeprefix("sqlite:///")).parent
    assert not [file.name for file in folder.glob("heard.db*") if b"zanzibar-canary" in file.read_bytes()]


@pytest.mark.parametrize(
    ("state", "days", "open_case", "goes"),
    [
        ("closed", 731, False, True),
        ("closed", 729, False, False),
        ("bot", 3000, False, False),
        ("closed", 731, True, False),
    ],
)
async def test_conversations_go_when_closed_long_enough_without_an_open_case(
    store: Store, settings: Settings, clock: FakeClock, state: str, days: int, open_case: bool, goes: bool
) -> None:
    def plan(db: Connection) -> None:
        fill(db, ANA, at=MONDAY - timedelta(days=days))
        db.execute(t.conversation.update().values(state=state))
        db.execute(t.case.update().values(state="open" if open_case else "closed"))

    await store.write(plan)
    assert (await store.read(lambda db: purge.expired(db, clock.now(), settings))) == ([ANA] if goes else [])


@pytest.mark.parametrize(
    ("table", "column", "lived", "goes"),
    [
        ("job", "created_at", timedelta(days=8), True),
        ("job", "created_at", timedelta(days=6), False),
        ("ticket", "expires_at", timedelta(seconds=1), True),
        ("ticket", "expires_at", timedelta(seconds=-1), False),
        ("sign_in_code", "expires_at", timedelta(seconds=1), True),
        ("sign_in_failure", "at", timedelta(hours=25), True),
        ("sign_in_failure", "at", timedelta(hours=23), False),
        ("staff_session", "expires_at", timedelta(seconds=1), True),
        ("session_secret", "superseded_at", timedelta(hours=25), True),
        ("presence", "lease_until", timedelta(hours=25), True),
        ("audit", "at", timedelta(days=2191), True),
        ("audit", "at", timedelta(days=2189), False),
    ],
)
async def test_what_is_used_up_is_swept_when_its_time_has_come(
    store: Store, settings: Settings, table: str, column: str, lived: timedelta, goes: bool
) -> None:
    def plan(db: Connection) -> int:
        fill(db, ANA)
        db.execute(t.job.update().values(state="done"))
        db.execute(t.metadata.tables[table].update().values({column: MONDAY - lived}))
        return purge.sweep(db, MONDAY, settings)[table]

    assert await store.write(plan) == int(goes)


async def test_an_unfinished_job_is_never_swept(store: Store, settings: Settings, ids: SequentialIds) -> None:
    def plan(db: Connection) -> int:
        fill(db, ANA, at=MONDAY - timedelta(days=400))
        purge.sweep(db, MONDAY, settings)
        return db.execute(select(func.count()).select_from(t.job)).scalar_one()

    assert await store.write(plan) == 1
