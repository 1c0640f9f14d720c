"""Where the phone provider is ourselves, it is asked nothing before our own port is open."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from handoff.catch_up import NAME
from handoff.own_port import until_open
from handoff.store import tables as t
from tests.fakes import FakeClock
from tests.service import Node, free_port
from tests.twilio import ANA


async def test_the_wait_ends_when_somebody_listens_or_when_it_was_long_enough() -> None:
    port = free_port()
    assert not await until_open(f"http://127.0.0.1:{port}/any", within=0.05)
    waiting = asyncio.create_task(until_open(f"http://127.0.0.1:{port}/any"))
    async with await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", port):
        assert await waiting


async def test_the_first_look_for_missed_texts_finds_the_look_alike_at_home(
    tmp_path: Path, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        for _ in range(2):  # the second start finds the look that the first one planned, long overdue
            async with Node(tmp_path, clock=clock) as node:
                assert node.service.twilio is not None
                twilio, desk = node.service.twilio, node.service.desk
                async with asyncio.timeout(20):
                    while not twilio.requests or not await desk.look(_has_looked):
                        await asyncio.sleep(0.01)
                looks = [asked for asked in twilio.requests if asked.method == "GET"]  # an answer to Ana may be sent meanwhile
                assert {asked.fields["To"] for asked in looks} == {twilio.account.number}
                await twilio.text_in(ANA, "hello")
            clock.forward(hours=1)
    assert [record.getMessage() for record in caplog.records if record.name.startswith("handoff")] == []


def _has_looked(db: Connection) -> bool:
    return db.execute(select(t.job.c.id).where(t.job.c.kind == NAME, t.job.c.state == "done")).first() is not None
