"""The whole way by text with real parts: Ana on the phone on the screen, Maria at the console, the real bot and service between them.

Ana texts, answers the survey with numbers, asks for a person; Maria takes her on, writes, hands her back; the survey goes on.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from handoff.bot import RasaBot
from tests.bot.running import Running
from tests.bot.talk import SECRET
from tests.browser.test_console import browser
from tests.browser.test_console_service import sign_in
from tests.browser.test_whole import press
from tests.service import Node

__all__ = ["browser"]  # fixture


@pytest.fixture
async def node(running: Running, tmp_path: Path) -> AsyncIterator[Node]:
    bot = RasaBot(running.url, secret=SECRET, timeout=8)
    async with Node(tmp_path, bot=bot, texts_per_second=100) as node:
        yield node
    await bot.close()


async def sees(page: Page, text: str) -> None:
    await expect(page.locator(".said[data-mine=false] .text").filter(has_text=text).last).to_be_visible(timeout=20_000)


async def write(page: Page, text: str) -> None:
    await page.get_by_label("Write a text").fill(text)
    await page.keyboard.press("Enter")
    await expect(page.locator(".said[data-mine=true] .text").last).to_have_text(text)


async def test_a_survey_a_handoff_and_a_hand_back_by_text(browser: Browser, node: Node) -> None:
    maria = await sign_in(await browser.new_context(), node, "Maria")
    ana = await (await browser.new_context(viewport={"width": 390, "height": 780})).new_page()
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
    finally:
        print(await ana.locator(".said .text").all_inner_texts())
