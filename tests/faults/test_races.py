"""Races on both databases: two staff for one conversation, and the bot's answer against a take. 500 of each."""

from __future__ import annotations

import asyncio
import random
from typing import Any

from sqlalchemy import select

from handoff import jobs
from handoff.channels import Inbound
from handoff.desk import patients, sessions, staff, turns
from handoff.desk.turns import BotAnswer, Reply
from handoff.desk.work import Desk
from handoff.errors import AlreadyTaken
from handoff.staff import accounts
from handoff.staff.access import Person, Role
from handoff.store import tables as t

RACES = 500
SEED = 20261124
AT_ONCE = 20


async def people(desk: Desk) -> tuple[Person, Person]:
    found = []
    for name in ("Priya", "Petra"):
        added = await desk.do(accounts.add, email=f"{name}@clinic.example", name=name, role=Role.SUPERVISOR)
        found.append(Person(added, name, Role.SUPERVISOR))
    return found[0], found[1]


async def conversation(desk: Desk) -> str:
    session = await desk.do(sessions.open_session, secret=None, site="https://a.example", protocol="widget", locale="en")
    return session.conversation


async def rows(desk: Desk, table: Any, *where: Any) -> list[dict[str, Any]]:
    return await desk.look(lambda db: [dict(row) for row in db.execute(select(table).where(*where)).mappings()])


async def test_of_two_staff_who_take_at_once_one_does(desk: Desk) -> None:
    chance = random.Random(SEED)
    priya, petra = await people(desk)

    async def race() -> None:
        wanted = await conversation(desk)
        first, second = (priya, petra) if chance.random() < 0.5 else (petra, priya)
        results = await asyncio.gather(desk.do(staff.take, first, wanted), desk.do(staff.take, second, wanted), return_exceptions=True)
        lost = [result for result in results if isinstance(result, AlreadyTaken)]
        won = [result for result in results if isinstance(result, dict)]
        assert (len(won), len(lost)) == (1, 1), (SEED, results)
        winner = won[0]["staff"]["name"]
        assert lost[0].facts == {"by": winner}, SEED
        row = (await rows(desk, t.conversation, t.conversation.c.id == wanted))[0]
        assert row["owner"] == f"staff:{priya.id if winner == 'Priya' else petra.id}", SEED
        taken = await rows(desk, t.move, t.move.c.conversation == wanted, t.move.c.event == "taken")
        assert len(taken) == 1, SEED

    for _ in range(RACES // AT_ONCE):
        await asyncio.gather(*(race() for _ in range(AT_ONCE)))


async def test_no_bot_word_after_a_take(desk: Desk) -> None:
    chance = random.Random(SEED)
    priya, _ = await people(desk)
    applied = 0

    async def leased(wanted: str) -> tuple[jobs.Lease, dict[str, Any]]:
        open_ones = await rows(desk, t.job, t.job.c.kind == "ask_bot", t.job.c.key == wanted, t.job.c.state.in_(("ready", "running")))
        newest = max(open_ones, key=lambda row: str(row["id"]))
        await desk.do(
            lambda work: work.db.execute(
                t.job.update().where(t.job.c.id == newest["id"]).values(state="running", lease_owner="x", lease_epoch=9)
            )
        )
        return jobs.Lease(newest["id"], "x", 9), newest["payload"]

    async def race() -> None:
        nonlocal applied
        wanted = await conversation(desk)
        opening, opened = await leased(wanted)
        await desk.do(turns.bot_answered, opening, opened, BotAnswer((Reply("Hello"),), ()))
        await desk.do(patients.receive, Inbound(wanted, "a1", "it was good"))
        lease, payload = await leased(wanted)
        answer = desk.do(turns.bot_answered, lease, payload, BotAnswer((Reply("Thank you"), Reply("And why?")), ()))
        take = desk.do(staff.take, priya, wanted)
        pair = [answer, take] if chance.random() < 0.5 else [take, answer]
        results = await asyncio.gather(*pair)
        applied += results.count(True)
        said = await rows(desk, t.message, t.message.c.conversation == wanted)
        joined = next(row["seq"] for row in said if "has joined" in row["text"])
        late = [row for row in said if row["author"] == "bot" and row["seq"] > joined]
        assert late == [], SEED
        assert sorted(row["seq"] for row in said) == list(range(1, len(said) + 1)), SEED
        discarded = await rows(desk, t.audit, t.audit.c.conversation == wanted, t.audit.c.act == "bot_reply_discarded")
        assert len(discarded) == results.count(False), SEED

    for _ in range(RACES // AT_ONCE):
        await asyncio.gather(*(race() for _ in range(AT_ONCE)))
    assert 0 < applied < RACES, "both orders happened"
