"""The whole way by text with real parts: Ana on the phone on the screen, Maria at the console, the real bot and service between them.

Ana texts, answers the survey with numbers, asks for a person; Maria takes her on, writes, hands her back; the survey goes on. Then Ana
asks for a call; Maria calls from the console, her phone rings first, then Ana's, and they talk. The clock runs, from a Monday at 15:00.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Browser, Page, expect
from sqlalchemy import select

from handoff.bot import RasaBot
from handoff.desk.work import Work
from handoff.simulator.cast import CAST
from handoff.store import tables as t
from tests.bot.running import Running
from tests.bot.talk import SECRET
from tests.browser.test_console_service import sign_in
from tests.browser.test_whole import press
from tests.service import Node


@pytest_asyncio.fixture(loop_scope="session")
async def node(running: Running, tmp_path: Path) -> AsyncIterator[Node]:
    bot = RasaBot(running.url, secret=SECRET, timeout=8)
    async with Node(tmp_path, bot=bot, clock=Monday(), texts_per_second=100) as node:
        yield node
    await bot.close()


class Monday:
    """A clock that runs, from Monday 23 November 2026, 15:00 UTC: a morning of the clinic and of Ana's number."""

    def __init__(self) -> None:
        self._ahead = datetime(2026, 11, 23, 15, tzinfo=UTC) - datetime.now(UTC)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead


async def sees(page: Page, text: str) -> None:
    await expect(page.locator(".said[data-mine=false] .text").filter(has_text=text).last).to_be_visible(timeout=20_000)


async def write(page: Page, text: str) -> None:
    await page.get_by_label("Write a text").fill(text)
    await page.keyboard.press("Enter")
    await expect(page.locator(".said[data-mine=true] .text").last).to_have_text(text)


async def test_a_survey_a_handoff_and_a_hand_back_by_text(browser: Browser, node: Node) -> None:
    maria = await sign_in(await browser.new_context(), node, "Maria")
    ana = await (await browser.new_context(viewport={"width": 1280, "height": 800})).new_page()
    await ana.goto(f"{node.url}/phone")
    await write(ana, "hello")
    try:
        await sees(ana, "Overall, how was your experience")
        await write(ana, "2")
        await sees(ana, "why you gave your answer")
        await write(ana, "I waited two hours, let me talk to someone")
        await sees(ana, "How would you like to go on?")
        await write(ana, "1")
        await sees(ana, "next in line")
        await expect(maria.locator(".alert")).to_contain_text("1 patient is waiting")
        await press(maria, "Take")
        await expect(maria.get_by_label("Your reply")).to_be_focused()
        await maria.keyboard.type("Hello Ana, this is Maria. I am sorry you waited so long.")
        await maria.keyboard.press("Enter")
        await sees(ana, "I am sorry you waited so long.")
        await write(ana, "Thank you. It was about my blood test.")
        await expect(maria.locator(".said .text").last).to_have_text("Thank you. It was about my blood test.")
        await press(maria, "Hand back to the bot")
        await sees(ana, "I'm the assistant again")
        await expect(maria.locator("[data-conversation]")).to_have_count(0)
        await _is_called(ana, maria, node)
    finally:
        print(await ana.locator(".said .text").all_inner_texts())


async def _is_called(ana: Page, maria: Page, node: Node) -> None:
    await node.service.desk.do(_give_phone, CAST["US"].staff)
    await write(ana, "can somebody phone me please")
    await sees(ana, "Which number may we phone you on?")
    await write(ana, "1")
    await sees(ana, "When may we phone you?")
    await write(ana, "1")
    await sees(ana, "What is it about?")
    await write(ana, "My blood test")
    await sees(ana, "will phone you on the number ending in 43 today")
    calls = maria.locator(".queue .group").filter(has_text="Calls")
    await calls.locator(".row").click()
    await expect(maria.locator(".call")).to_contain_text("My blood test")
    await press(maria, "Call now")
    nora, mine = ana.locator("[data-who=staff]"), ana.locator("[data-who=patient]")
    await nora.get_by_role("button", name="Accept").click(timeout=20_000)
    await expect(nora.get_by_text("Press 1 to take it")).to_be_visible(timeout=20_000)
    await nora.get_by_role("button", name="1", exact=True).click()
    await mine.get_by_role("button", name="Accept").click(timeout=20_000)
    await expect(mine.get_by_text("Connected with the other phone")).to_be_visible(timeout=20_000)
    await expect(maria.locator(".call-live")).to_have_text("Talking with the patient.", timeout=20_000)
    await mine.get_by_role("button", name="Hang up").click()
    await press(maria, "Write down how it went…")
    await maria.get_by_label("We talked").check()
    await press(maria, "Write it down")
    await expect(calls).to_have_count(0)
    kept = await node.service.desk.look(lambda db: db.execute(select(t.promise.c.state)).scalars().all())
    assert kept == ["kept"]


def _give_phone(work: Work, number: str) -> None:
    work.db.execute(t.staff.update().values(phone=number))
