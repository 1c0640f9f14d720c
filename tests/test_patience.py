"""A bot that hangs keeps nobody from a person: whoever asks for one, by the service's own rules, is not let wait for its words."""

from __future__ import annotations

import asyncio

import pytest

from handoff.duties import Duties
from handoff.jobs import Job
from handoff.metrics import Metrics
from tests.cast import Cast
from tests.fakes import FakeBot


async def shown(conversation: str, on: bool) -> None:
    return None


async def asked(cast: Cast, bot: FakeBot) -> None:
    lease, payload = await cast.job("ask_bot")
    job = Job(id=lease.job, kind="ask_bot", key=cast.ana, payload=payload, attempts=0, lease=lease)
    await Duties(cast.desk, bot, Metrics(), typing=shown, patience=0.01).ask_bot(job)


@pytest.mark.parametrize("words", ["human please", "necesito hablar con una persona"])
async def test_who_asks_for_a_person_is_shown_the_routes_soon(cast: Cast, words: str) -> None:
    bot = FakeBot()
    bot.gate = asyncio.Event()  # which nobody opens
    await cast.writes(words)
    async with asyncio.timeout(10):
        await asked(cast, bot)
    assert await cast.state() == ("choosing", "bot")


async def test_all_else_waits_for_the_bot_as_long_as_that_takes(cast: Cast) -> None:
    bot = FakeBot()
    bot.gate = asyncio.Event()
    bot.will_say("And why?")
    await cast.writes("it was all right")
    asking = asyncio.create_task(asked(cast, bot))
    await asyncio.wait([asking], timeout=0.2)
    assert not asking.done()
    bot.gate.set()
    await asking
    assert await cast.last() == "And why?"
