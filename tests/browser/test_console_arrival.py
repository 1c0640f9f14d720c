"""The console: who was called to a safety matter, and how an arrival is judged."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from tests.browser.console_server import ConsoleServer, ago
from tests.browser.test_console import at_desk, open_mine, row, server
from tests.browser.test_console_access import clean
from tests.fakes import until

__all__ = ["server"]  # fixtures


async def test_an_arrival_is_judged_with_one_press(browser: Browser, server: ConsoleServer) -> None:
    async with at_desk(browser, server, viewport={"width": 1360, "height": 800}, bypass_csp=True) as page:
        await open_mine(page, server)
        marks = page.get_by_role("group", name="Did it come to you at the right time?")
        await expect(marks).to_have_count(0)
        await server.change("c-ana", mark=None)
        await expect(marks.get_by_role("button")).to_have_count(4)
        await marks.get_by_role("button", name="Too late").click()
        await expect(marks.get_by_role("button", name="Too late")).to_have_attribute("aria-pressed", "true")
        await expect(marks.get_by_role("button", name="Right")).to_have_attribute("aria-pressed", "false")
        assert server.questions("mark") == [{"conversation": "c-ana", "mark": "too_late"}]
        await clean(page, "an arrival that was judged")


MARKS = "Did it come to you at the right time?"


@pytest.mark.parametrize("mark", ["Too early", None])
async def test_closing_asks_for_the_mark_that_nobody_gave_and_forces_none(
    browser: Browser, server: ConsoleServer, mark: str | None
) -> None:
    async with at_desk(browser, server, viewport={"width": 1360, "height": 800}, bypass_csp=True) as page:
        await open_mine(page, server)
        await server.change("c-ana", mark=None)
        await expect(page.get_by_role("group", name=MARKS)).to_be_visible()
        await page.keyboard.press("Alt+c")
        dialog = page.get_by_role("dialog")
        await expect(dialog.get_by_role("group", name=MARKS)).to_be_visible()
        await clean(page, "closing with a mark")
        await dialog.get_by_label("Answered", exact=True).check()
        if mark:
            await dialog.get_by_label(mark).check()
        await dialog.get_by_role("button", name="Close conversation").click()
        await expect(dialog).to_have_count(0)
        assert [(event, data.get("mark")) for _, event, data in server.asked if event in ("mark", "close")] == (
            [("mark", "too_early"), ("close", None)] if mark else [("close", None)]
        )


async def test_closing_does_not_ask_for_a_mark_that_was_given_or_is_not_theirs_to_give(browser: Browser, server: ConsoleServer) -> None:
    async with at_desk(browser, server) as page:
        await open_mine(page, server)
        for given in ({}, {"mark": "right"}):
            await server.change("c-ana", **given)
            await expect(page.get_by_role("group", name=MARKS)).to_have_count(len(given))
            await page.keyboard.press("Alt+c")
            await expect(page.get_by_role("dialog").get_by_role("group", name="How did it end?")).to_be_visible()
            await expect(page.get_by_role("dialog").get_by_role("group", name=MARKS)).to_have_count(0)
            await page.keyboard.press("Escape")
            await expect(page.get_by_role("dialog")).to_have_count(0)


async def test_a_closed_conversation_can_still_be_judged(browser: Browser, server: ConsoleServer) -> None:
    async with at_desk(browser, server, viewport={"width": 1360, "height": 800}, bypass_csp=True) as page:
        await open_mine(page, server)
        await server.change("c-ana", mark=None)
        await expect(page.get_by_role("group", name=MARKS)).to_be_visible()
        await page.keyboard.press("Alt+c")
        await page.get_by_label("Answered", exact=True).check()
        await page.keyboard.press("Enter")
        await expect(row(page, "c-ana")).to_have_count(0)
        await expect(page.locator(".thread-title p")).to_have_text("Closed")
        await page.get_by_role("group", name=MARKS).get_by_role("button", name="Wrong team").click()
        await expect(page.get_by_role("button", name="Wrong team")).to_have_attribute("aria-pressed", "true")
        assert server.questions("mark") == [{"conversation": "c-ana", "mark": "wrong_team"}]
        await clean(page, "closed, and judged")


async def test_a_closed_conversation_that_is_looked_at_again_stays_as_it_was_read(browser: Browser, server: ConsoleServer) -> None:
    async with at_desk(browser, server) as page:
        await open_mine(page, server)
        await page.keyboard.press("Alt+c")
        await page.get_by_label("Answered", exact=True).check()
        await page.keyboard.press("Enter")
        await expect(row(page, "c-ana")).to_have_count(0)
        server.asked.clear()
        await page.evaluate("dispatchEvent(new Event('online'))")  # as after each quiet while
        await until(lambda: server.questions("sync"))
        await page.keyboard.press("Alt+a")
        await until(lambda: server.questions("available"))
        await expect(page.locator(".thread").get_by_role("alert")).to_have_count(0)
        await expect(page.locator(".said .text").first).to_be_visible()


async def test_a_mark_that_is_refused_is_said(browser: Browser, server: ConsoleServer) -> None:
    async with at_desk(browser, server, viewport={"width": 1360, "height": 800}) as page:
        await open_mine(page, server)
        await server.change("c-ana", mark=None)
        server.fail["mark"] = {"code": "not_allowed", "message": "You are not allowed to do that.", "retry": False}
        await page.get_by_role("button", name="Wrong team").click()
        await expect(page.get_by_text("You are not allowed to do that.").first).to_be_visible()


@pytest.mark.parametrize(("who", "rings"), [("maria", 1), ("priya", 2)])
async def test_who_was_called_is_shown_and_rings_again_for_them(browser: Browser, server: ConsoleServer, who: str, rings: int) -> None:
    async with at_desk(browser, server, who, bypass_csp=True) as page:  # waiting for the page is a string that is evaluated there
        await page.evaluate("""() => {
          window.tones = 0;
          const start = OscillatorNode.prototype.start;
          OscillatorNode.prototype.start = function (...given) { window.tones += 1; return start.apply(this, given); };
          localStorage.clear();
        }""")
        await page.locator("details.menu summary").click()
        await page.get_by_label("Sound").check()
        await page.evaluate("window.tones = 0")
        page_of = {"who": "everybody", "step": 0, "at": ago()}
        await server.add("c-ben", "I want to end it all", priority=0, reasons=[{"reason": "unsafe", "words": "end it all"}], page=page_of)
        await expect(row(page, "c-ben")).to_contain_text("Everybody called")
        await server.change("c-ben", page={"who": "supervisor", "step": 1, "at": ago()})
        await expect(row(page, "c-ben")).to_contain_text("Supervisors called")
        await page.wait_for_function(f"window.tones >= {3 * rings}")
        await page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
        assert await page.evaluate("window.tones") == 3 * rings
