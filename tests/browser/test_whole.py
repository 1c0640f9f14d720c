"""The whole way with real parts: Ana and Maria in two browsers, the real bot and service between them, and no mouse.

Ana answers the survey, says what went wrong, asks for a person; Maria takes her on, writes, hands her back; the bot goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio
from playwright.async_api import Browser, Page, expect
from sqlalchemy import select

from handoff.bot import RasaBot
from handoff.store import tables as t
from tests.bot.running import Running
from tests.bot.talk import SECRET
from tests.browser.test_console_service import sign_in
from tests.service import Node

FOCUSED = """() => {
  let one = document.activeElement;
  while (one?.shadowRoot?.activeElement) one = one.shadowRoot.activeElement;
  return one ? (one.getAttribute('aria-label') || one.innerText || one.labels?.[0]?.innerText || one.id || one.tagName).trim() : '';
}"""


@pytest_asyncio.fixture(loop_scope="session")
async def node(running: Running, tmp_path: Path) -> AsyncIterator[Node]:
    bot = RasaBot(running.url, secret=SECRET, timeout=8)
    async with Node(tmp_path, bot=bot) as node:
        yield node
    await bot.close()


async def tab_to(page: Page, name: str) -> None:
    """Tab until what has the focus is called so (or begins so)."""
    passed = []
    for _ in range(40):
        passed.append(str(await page.evaluate(FOCUSED)))
        if passed[-1].startswith(name):
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {name!r}; it passes {passed}")


async def press(page: Page, name: str) -> None:
    await tab_to(page, name)
    await page.keyboard.press("Enter")


async def write(page: Page, text: str) -> None:
    await tab_to(page, "Write a message")
    await page.keyboard.type(text)
    await page.keyboard.press("Enter")


async def sees(page: Page, text: str) -> Any:
    found = page.get_by_text(text).last
    await expect(found).to_be_visible(timeout=15000)
    return found


async def test_a_survey_a_handoff_and_a_hand_back_by_keyboard(browser: Browser, node: Node) -> None:
    maria = await sign_in(await browser.new_context(), node, "Maria")
    ana = await (await browser.new_context(viewport={"width": 390, "height": 780})).new_page()
    await ana.goto(f"{node.url}/chat")
    await sees(ana, "Overall, how was your experience")
    await press(ana, "Poor")
    await sees(ana, "I'm sorry")
    await press(ana, "Go on with the questions")
    await sees(ana, "why you gave your answer")
    await write(ana, "I waited two hours. You are not listening, let me talk to someone")
    await expect(ana.get_by_role("button", name="Chat with a person now")).to_be_visible(timeout=15000)  # the same words were said before
    await press(ana, "Chat with a person now")
    await sees(ana, "next in line")

    await expect(maria.locator(".alert")).to_contain_text("1 patient is waiting")
    await press(maria, "Take")
    await expect(maria.get_by_label("Your reply")).to_be_focused()
    await expect(maria.locator(".said .text").get_by_text("I waited two hours.")).to_have_count(1)
    await expect(maria.get_by_text("Poor", exact=True).first).to_be_visible()
    await maria.keyboard.type("Hello Ana, this is Maria. I am sorry you waited so long.")
    await maria.keyboard.press("Enter")
    await sees(ana, "I am sorry you waited so long.")
    await sees(ana, "You are chatting with Maria.")
    await write(ana, "Thank you. It was about my blood test.")
    await expect(maria.locator(".said .text").last).to_have_text("Thank you. It was about my blood test.")

    await ana.reload()
    await sees(ana, "You are chatting with Maria.")
    await sees(ana, "It was about my blood test.")

    await press(maria, "Hand back to the bot")
    await sees(ana, "I'm the assistant again")
    await sees(ana, "I'm back.")  # the bot's answer to that, so that nothing more is on its way
    await expect(maria.locator("[data-conversation]")).to_have_count(0)
    await same_as_database(ana, node)


async def same_as_database(ana: Page, node: Node) -> None:
    """What Ana reads, in order, is what is stored."""

    def stored(db: Any) -> list[str]:
        return [str(row.text) for row in db.execute(select(t.message.c.text).order_by(t.message.c.seq)) if row.text]

    expected = await node.service.desk.look(stored)
    await expect(ana.locator(".said .text")).to_have_text(expected)
