"""Two members of staff on two nodes take the same callback, or the same conversation, at the same time: one has it, the other hears whose.

On PostgreSQL each node has connections of its own; on SQLite, where there is one node, both have its one writer.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection, select

from handoff.desk import callback_acts, staff
from handoff.desk.work import Desk
from handoff.doorbell import Doorbell
from handoff.errors import AlreadyTaken, StoreUnavailable
from handoff.settings import Settings
from handoff.staff import accounts
from handoff.staff.access import Person, Role
from handoff.store import open_store
from handoff.store import tables as t
from tests.fakes import FakeClock
from tests.phoning import ask_for_a_call

SEED, ROUNDS, TRIES = 20261126, 50, 3


@pytest.fixture
async def desks(desk: Desk, settings: Settings, clock: FakeClock) -> AsyncIterator[tuple[Desk, Desk]]:
    """Two nodes of one database."""
    other = desk.store if desk.store.dialect == "sqlite" else open_store(settings)
    yield desk, Desk(other, replace(desk.house, node="south"), clock=clock, doorbell=Doorbell(node="south"))
    await other.close()


async def hire(desk: Desk, name: str) -> Person:
    new = await desk.do(accounts.add, email=f"{name.lower()}@clinic.example", name=name, role=Role.SUPERVISOR)
    return Person(new, name, Role.SUPERVISOR)


async def until_told(desk: Desk, take: Callable[..., dict[str, Any]], person: Person, wanted: str) -> dict[str, Any]:
    """Take it as a person does, who tries again where that is said to help: a machine that stands still for seconds is no one's claim."""
    for _ in range(TRIES):
        try:
            return await desk.do(take, person, wanted)
        except StoreUnavailable as error:
            told = error
    raise told


def winner_of(results: list[Any]) -> str:
    """The name that the one who lost was told. Exactly one won, and nothing else went wrong."""
    assert len([one for one in results if isinstance(one, dict)]) == 1, (SEED, results)
    (lost,) = [one for one in results if isinstance(one, AlreadyTaken)]
    assert str(lost) == f"Already taken by {lost.facts['by']}."
    return str(lost.facts["by"])


@pytest.mark.parametrize("what", ["callback", "conversation"])
async def test_of_two_who_take_at_once_on_two_nodes_one_has_it(desks: tuple[Desk, Desk], what: str) -> None:
    chance = random.Random(SEED)
    people = [await hire(desks[0], "Priya"), await hire(desks[0], "Petra")]
    ids = {person.name: person.id for person in people}
    won: Counter[str] = Counter()
    for number in range(ROUNDS):
        conversation, callback = await desks[0].do(ask_for_a_call, f"+1202555{number:04d}")
        take, wanted = (callback_acts.claim, callback) if what == "callback" else (staff.take, conversation)
        tries = [until_told(desk, take, person, wanted) for desk, person in zip(desks, people, strict=True)]
        chance.shuffle(tries)
        results = await asyncio.gather(*tries, return_exceptions=True)
        name = winner_of(results)
        holder = (ids[name], "claimed") if what == "callback" else (f"staff:{ids[name]}", "human")
        assert await desks[1].look(_holder, what, wanted) == holder, SEED
        assert await desks[0].look(_acts, conversation) == [f"staff:{ids[name]}"], SEED
        won[name] += 1
    assert set(won) == set(ids), "both have won some"


def _holder(db: Connection, what: str, wanted: str) -> tuple[str, str]:
    c, v = t.callback.c, t.conversation.c
    query = select(c.staff, c.state).where(c.id == wanted) if what == "callback" else select(v.owner, v.state).where(v.id == wanted)
    held, state = db.execute(query).one()
    return held, state


def _acts(db: Connection, conversation: str) -> list[str]:
    """Who is in the audit of a conversation."""
    return list(db.execute(select(t.audit.c.who).where(t.audit.c.conversation == conversation)).scalars())
