"""Ana goes on by text, by the keyboard alone, with the real service and a look-alike of Twilio; axe finds nothing on the way."""

from __future__ import annotations

from pathlib import Path

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect

from tests.browser.test_whole import press, write
from tests.fakes import until
from tests.service import Node
from tests.twilio import ANA, Line

WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}  # the rest is about the page around it


async def sees(page: Page, text: str) -> None:
    await expect(page.locator("#panel").get_by_text(text).last).to_be_visible(timeout=15_000)
    found = await Axe().run(page, context="feedback-chat", options=WCAG)
    assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found.response["violations"]] == []


async def test_a_code_typed_back_moves_the_chat_to_texts(browser: Browser, tmp_path: Path) -> None:
    async with Line() as line, Node(tmp_path, twilio=line, texts_per_second=100) as node:
        ana = await (await browser.new_context(viewport={"width": 1280, "height": 800})).new_page()
        await ana.goto(node.url)
        await press(ana, "Give feedback")
        await sees(ana, "You said: opened")
        await press(ana, "Talk to a person")
        await sees(ana, "Nobody from the team is here")  # at whatever hour this runs
        await press(ana, "Go on by text message")
        await sees(ana, "Which mobile number may we text?")
        await write(ana, "202 555 0101")
        await sees(ana, "would text you on (202) 555-0101")
        await press(ana, "Yes, text me")
        await sees(ana, "six digits to the number ending in 01")
        (text,) = await until(lambda: line.twilio.received_by(ANA))
        await write(ana, text[:6])
        await sees(ana, "We go on by text to the number ending in 01. If you write here, answers come here.")
        await expect(ana.locator("#panel").get_by_text(text[:6])).to_have_count(0)
        await line.twilio.text_in(ANA, "I am on the bus now")
        await sees(ana, "I am on the bus now")
        await write(ana, "And here I am again")
        await sees(ana, "so answers come here. To get them as texts again")
