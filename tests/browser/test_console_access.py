"""axe finds nothing serious in any state of the console; it fits a small screen; every shortcut is on the sheet."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect

from tests.browser.console_server import ConsoleServer, ago
from tests.browser.test_console import at_desk, open_mine, row, server

__all__ = ["server"]  # fixtures
LONG = "Donaudampfschifffahrtsgesellschaft" * 6 + " and then nobody told me anything for a very long time. " * 12
SCREENS: dict[str, dict[str, Any]] = {
    "desktop, light": {"viewport": {"width": 1360, "height": 800}, "color_scheme": "light"},
    "phone, dark": {"viewport": {"width": 320, "height": 640}, "color_scheme": "dark"},
    "zoomed to 200 %": {"viewport": {"width": 640, "height": 360}, "color_scheme": "light"},
    "forced colors": {"viewport": {"width": 1000, "height": 700}, "forced_colors": "active", "reduced_motion": "reduce"},
}


async def clean(page: Page, state: str) -> None:
    """No finding of axe, and nothing to scroll sideways for."""
    found = await Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]})
    bad = [
        (finding["id"], finding["impact"], [node["html"][:160] for node in finding["nodes"]])
        for finding in found.response["violations"]
        if finding["impact"] in ("serious", "critical", "moderate")
    ]
    assert not bad, (state, bad)
    width = await page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width[0] <= width[1], (state, width)


@pytest.mark.parametrize("screen", SCREENS.values(), ids=SCREENS.keys())
async def test_axe_in_every_state(browser: Browser, server: ConsoleServer, screen: dict[str, Any]) -> None:
    signed_out = await browser.new_page(**screen, bypass_csp=True)
    await signed_out.goto(f"{server.url}/desk")
    await signed_out.get_by_role("button", name="Sign in").click()
    await expect(signed_out.get_by_role("alert")).not_to_be_empty()
    await clean(signed_out, "signed out")

    async with at_desk(browser, server, bypass_csp=True, **screen) as page:  # axe itself is injected
        await clean(page, "empty queue")
        await server.add("c-ben", "I want to end it all", priority=0, reasons=[{"reason": "unsafe", "words": "end it all"}])
        await server.add("c-sam", LONG, state="human", owner="staff", staff={"id": "sam", "name": "Sam"}, can=["read"])
        case = {"kind": "concern", "state": "open", "due_at": ago(hours=1)}
        await server.add("c-dee", LONG, state="bot", owner="bot", priority=3, reasons=[{"reason": "follow_up", "words": ""}], case=case)
        await expect(row(page, "c-dee")).to_be_visible()
        await clean(page, "busy queue")
        server.answers["c-ana"] = [
            {"survey": "fft", "title": "FFT", "question": "overall", "text": LONG, "state": "answered", "label": LONG, "at": ago()},
            {"survey": "fft", "title": "FFT", "question": "why", "text": "Why?", "state": "open", "label": None, "at": None},
        ]
        await open_mine(page, server)
        await server.change("c-ana", mark=None)
        await server.say("c-ana", LONG)
        await server.say(
            "c-ana", "Which?", "bot", buttons=[{"id": "b.0", "title": "Very good"}, {"id": "b.1", "title": "Good"}], pressed="b.1"
        )
        server.fail["write"] = {"code": "not_yours", "message": "This conversation is not with you.", "retry": False}
        await page.get_by_label("Your reply").fill(LONG)
        await page.keyboard.press("Enter")
        await expect(page.locator(".fate.failed")).to_be_visible()
        await clean(page, "mid-handoff, a reply refused")
        await page.keyboard.press("Alt+i")
        await expect(page.locator(".context h2")).to_be_focused()
        await clean(page, "details")
        for key in ("Alt+c", "Alt+g", "Alt+/"):
            await page.keyboard.press(key)
            await expect(page.get_by_role("dialog")).to_be_visible()
            await clean(page, key)
            await page.keyboard.press("Escape")
            await expect(page.get_by_role("dialog")).to_have_count(0)
        await page.locator(".menu summary").click()
        await clean(page, "menu")
        await page.keyboard.press("Escape")
        server.refuse_connections = True
        await server.cut()
        await expect(page.locator("[data-line=cut]")).to_be_visible()
        await clean(page, "line cut")


async def test_focus_returns_to_where_a_dialog_was_opened(browser: Browser, server: ConsoleServer) -> None:
    async with at_desk(browser, server) as page:
        await open_mine(page, server)
        await page.get_by_role("button", name="Close…").click()
        await expect(page.get_by_role("dialog")).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("button", name="Close…")).to_be_focused()


async def test_a_narrow_screen_shows_one_pane_and_leads_back(browser: Browser, server: ConsoleServer) -> None:
    async with at_desk(browser, server, viewport={"width": 360, "height": 740}) as page:
        await server.add("c-ana")
        await row(page, "c-ana").locator(".row").click()
        await expect(page.locator(".queue")).to_be_hidden()
        await page.get_by_role("button", name="Details").click()
        await expect(page.locator(".thread")).to_be_hidden()
        await page.get_by_role("button", name="Conversation").click()
        await page.get_by_role("button", name="Queue").click()
        await expect(page.locator(".queue")).to_be_visible()
        await expect(page.locator(".thread")).to_be_hidden()


async def test_the_question_mark_opens_the_sheet_but_not_in_a_field_nor_when_switched_off(browser: Browser, server: ConsoleServer) -> None:
    async with at_desk(browser, server) as page:
        await page.keyboard.press("?")
        await page.get_by_role("checkbox", name="Open this sheet").uncheck()
        await page.keyboard.press("Escape")
        await page.keyboard.press("?")
        await expect(page.get_by_role("dialog")).to_have_count(0)
        await page.keyboard.press("Alt+/")
        await page.get_by_role("checkbox", name="Open this sheet").check()
        await page.keyboard.press("Escape")
        await open_mine(page, server)
        await page.keyboard.type("?")
        await expect(page.get_by_label("Your reply")).to_have_value("?")
        await expect(page.get_by_role("dialog")).to_have_count(0)
