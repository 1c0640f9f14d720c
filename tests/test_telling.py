"""The task that tells those in line: seldom, never lost, stopped with the node."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from handoff.channels.telling import GATHER, RETRY, Telling
from handoff.errors import StoreUnavailable
from tests.fakes import Pause, until


@pytest.fixture
def pause() -> Pause:
    return Pause()


class Told:
    """What is called to tell: counts, and raises what it is given to raise."""

    def __init__(self) -> None:
        self.times = 0
        self.fails: list[Exception] = []
        self.may_end = asyncio.Event()
        self.may_end.set()

    async def __call__(self) -> None:
        self.times += 1
        await self.may_end.wait()
        if self.fails:
            raise self.fails.pop()


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
async def telling(told: Told, pause: Pause) -> AsyncIterator[Telling]:
    telling = Telling(told, sleep=pause)
    telling.start()
    yield telling
    await telling.stop()


async def test_what_moves_while_moves_are_gathered_is_told_at_once(telling: Telling, told: Told, pause: Pause) -> None:
    for _ in range(100):
        telling.ask()
    await pause.begins(1)
    telling.ask()
    assert told.times == 0
    pause.ends()
    await until(lambda: told.times)
    telling.ask()
    await pause.begins(2)
    assert (told.times, pause.lengths) == (1, [GATHER, GATHER])


async def test_what_moves_during_a_telling_is_told_after_it(telling: Telling, told: Told, pause: Pause) -> None:
    told.may_end.clear()
    telling.ask()
    pause.ends()
    await until(lambda: told.times == 1)
    telling.ask()
    told.may_end.set()
    await pause.begins(2)
    pause.ends()
    await until(lambda: told.times == 2)


@pytest.mark.parametrize(("error", "said"), [(StoreUnavailable(), "store_unavailable"), (KeyError("Ana, +12025550123"), "KeyError")])
async def test_what_fails_is_told_later_and_logged_by_its_code_alone(
    telling: Telling, told: Told, pause: Pause, caplog: pytest.LogCaptureFixture, error: Exception, said: str
) -> None:
    told.fails = [error]
    telling.ask()
    pause.ends()
    await pause.begins(2)
    assert pause.lengths == [GATHER, RETRY]
    assert [record.getMessage() for record in caplog.records] == [f"the line could not be told: {said}"]
    assert all(record.exc_info is None for record in caplog.records)
    pause.ends()
    await until(lambda: told.times == 2)
    telling.ask()
    await pause.begins(3)
    assert pause.lengths[2] == GATHER


@pytest.mark.parametrize("when", ["before it starts", "with nothing to tell", "in the pause", "in a telling"])
async def test_it_stops_whatever_it_does(told: Told, pause: Pause, when: str) -> None:
    telling, others = Telling(told, sleep=pause), asyncio.all_tasks()
    if when != "before it starts":
        telling.start()
    if when in ("in the pause", "in a telling"):
        telling.ask()
        await pause.begins(1)
    if when == "in a telling":
        told.may_end.clear()
        pause.ends()
        await until(lambda: told.times)
    await telling.stop()
    telling.ask()
    assert asyncio.all_tasks() == others
