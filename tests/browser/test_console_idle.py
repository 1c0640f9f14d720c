"""The console says that somebody is there when somebody does something, and never by itself; before the sign-out it asks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.console_server import ConsoleServer
from tests.browser.test_console import at_desk, open_mine, row, server, texts
from tests.browser.test_console_access import SCREENS, clean
from tests.fakes import until

__all__ = ["server"]  # fixtures
QUESTION = "Are you still there?"


def soon(seconds: int = 58) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


async def quiet_desk(page: Page, server: ConsoleServer) -> None:
    """Maria has a conversation before her; what she did so far does not count any more."""
    await open_mine(page, server)
    for number in range(30):
        await server.say("c-ana", f"line {number}")
    await expect(texts(page).last).to_have_text("line 29")
    server.asked.clear()
    await server.tell("idle", {"until": None}, None)
    await server.say("c-ana", "are you there?")
    await expect(texts(page).last).to_have_text("are you there?")


async def presses_a_key(page: Page) -> None:
    await page.keyboard.press("Shift")


async def clicks(page: Page) -> None:
    await page.locator(".context h2").click()


async def moves_the_pointer(page: Page) -> None:
    for place in (200, 210):
        await page.mouse.move(place, 300)


async def turns_the_wheel(page: Page) -> None:
    await page.mouse.wheel(0, 10)


@pytest.mark.parametrize("does", [presses_a_key, clicks, moves_the_pointer, turns_the_wheel])
async def test_whatever_a_person_does_is_told_at_once_and_then_once_a_minute(
    browser: Browser, server: ConsoleServer, does: Callable[[Page], Awaitable[None]]
) -> None:
    async with at_desk(browser, server, viewport={"width": 1360, "height": 800}) as page:
        await quiet_desk(page, server)
        await does(page)
        await until(lambda: server.questions("active") == [{}])
        await does(page)
        await page.keyboard.press("Alt+a")
        await until(lambda: server.questions("available"))
        assert server.questions("active") == [{}]
        await page.clock.set_system_time(await page.evaluate("Date.now()") / 1000 + 61)
        await until(lambda: server.questions("open"))  # so late the line is taken for broken, as when a computer wakes up
        await expect(page.locator("[data-line]")).to_have_count(0)
        await does(page)
        await until(lambda: server.questions("active") == [{}, {}])


async def test_what_a_console_does_by_itself_is_not_told_as_somebody(browser: Browser, server: ConsoleServer) -> None:
    """Lines arrive and scroll under a pointer that rests, the line breaks and comes back."""
    async with at_desk(browser, server) as page:
        await page.mouse.move(600, 300)
        await quiet_desk(page, server)
        for number in range(30):
            await server.say("c-ana", f"more {number}")
        await expect(texts(page).last).to_be_in_viewport()
        await server.cut()
        await until(lambda: server.questions("queue"))
        await expect(page.locator("[data-line]")).to_have_count(0)
        assert server.questions("active") == []


async def test_what_was_not_heard_is_told_again_with_the_next_key(browser: Browser, server: ConsoleServer) -> None:
    async with at_desk(browser, server) as page:
        await quiet_desk(page, server)
        server.fail["active"] = {"code": "store_unavailable", "message": "We cannot save anything right now.", "retry": True}
        await presses_a_key(page)
        await until(lambda: len(server.questions("active")) == 1)
        server.fail.clear()
        await until_told(page, server, times=2)


async def until_told(page: Page, server: ConsoleServer, *, times: int) -> None:
    for _ in range(20):
        await presses_a_key(page)
        if len(server.questions("active")) == times:
            return
        await page.evaluate("new Promise((drawn) => requestAnimationFrame(drawn))")
    raise AssertionError(server.asked)


@pytest.mark.parametrize("how", ["a key", "the button", "another tab"])
async def test_before_the_sign_out_it_asks_and_anything_keeps_one_in(browser: Browser, server: ConsoleServer, how: str) -> None:
    async with at_desk(browser, server) as page:
        await open_mine(page, server)
        await page.keyboard.press("Shift")
        server.asked.clear()
        await server.tell("idle", {"until": soon()}, None)
        question = page.get_by_role("dialog", name=QUESTION)
        await expect(question).to_contain_text("s left")
        await expect(question.get_by_role("button", name="I am still here")).to_be_focused()
        if how == "a key":
            await page.keyboard.press("x")  # to stay, and for nothing else
        elif how == "the button":
            await question.get_by_role("button", name="I am still here").click()
        else:
            await server.tell("idle", {"until": None}, None)
        await expect(page.get_by_role("dialog")).to_have_count(0)
        await expect(page.get_by_label("Your reply")).to_be_focused()
        await expect(page.get_by_label("Your reply")).to_have_value("")
        assert bool(server.questions("active")) is (how != "another tab")


async def test_it_asks_aloud_too_where_sound_is_on(browser: Browser, server: ConsoleServer) -> None:
    async with at_desk(browser, server, bypass_csp=True) as page:
        await page.locator("details.menu summary").click()
        await page.get_by_label("Sound").check()
        await page.evaluate("""() => {
          window.tones = 0;
          const start = OscillatorNode.prototype.start;
          OscillatorNode.prototype.start = function (...given) { window.tones += 1; return start.apply(this, given); };
        }""")
        await server.tell("idle", {"until": soon()}, None)
        await page.wait_for_function("window.tones === 2")


async def test_it_asks_over_an_open_dialog_too(browser: Browser, server: ConsoleServer) -> None:
    async with at_desk(browser, server) as page:
        await open_mine(page, server)
        await page.keyboard.press("Alt+c")
        await page.get_by_label("Note for colleagues").fill("half a note")
        await server.tell("idle", {"until": soon()}, None)
        await page.get_by_role("button", name="I am still here").click()
        await expect(page.get_by_role("dialog", name=QUESTION)).to_have_count(0)
        await expect(page.get_by_label("Note for colleagues")).to_have_value("half a note")
        await expect(page.get_by_label("Note for colleagues")).to_be_focused()


@pytest.mark.parametrize("screen", SCREENS.values(), ids=SCREENS.keys())
async def test_axe_while_it_asks(browser: Browser, server: ConsoleServer, screen: dict[str, object]) -> None:
    async with at_desk(browser, server, bypass_csp=True, **screen) as page:
        await server.add("c-ana")
        await expect(row(page, "c-ana")).to_be_visible()
        await server.tell("idle", {"until": soon()}, None)
        await expect(page.get_by_role("dialog", name=QUESTION)).to_be_visible()
        await clean(page, QUESTION)
