"""A bot that hangs keeps nobody from a person: whoever asks for one, by the service's own rules, is not let wait for its words."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from handoff.bot import RasaBot
from handoff.duties import Duties
from handoff.errors import BotFailed
from handoff.jobs import Job
from handoff.metrics import Metrics
from tests.cast import Cast
from tests.fakes import FakeBot


async def shown(conversation: str, on: bool) -> None:
    return None


@pytest.mark.parametrize(
    ("words", "soon"), [("human please", True), ("necesito hablar con una persona", True), ("it was all right", False)]
)
async def test_the_bots_answer_to_a_wish_for_a_person_must_come_soon(cast: Cast, words: str, soon: bool) -> None:
    bot = FakeBot()
    bot.will_fail()
    await cast.writes(words)
    lease, payload = await cast.job("ask_bot")
    job = Job(id=lease.job, kind="ask_bot", key=cast.ana, payload=payload, attempts=0, lease=lease)
    await Duties(cast.desk, bot, Metrics(), typing=shown).ask_bot(job)
    assert bot.soon is soon
    assert await cast.state() == ("choosing", "bot")


async def test_soon_is_for_all_tries_together() -> None:
    gate = asyncio.Event()  # which nobody opens

    async def hang(request: web.Request) -> web.Response:
        await gate.wait()
        return web.Response()

    app = web.Application()
    app.router.add_post("/webhooks/heard/turn", hang)
    async with TestServer(app) as server:
        bot = RasaBot(str(server.make_url("")).rstrip("/"), secret="s", timeout=60, soon=0.05)
        async with asyncio.timeout(20):
            with pytest.raises(BotFailed) as failed:
                await bot.ask({"kind": "text"}, soon=True)
        assert failed.value.facts["how"] == "slow"
        await bot.close()
        gate.set()
