"""Nobody who works with the keyboard is lost: whatever ends their part in a conversation leads on to the next, or to the list."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.console_server import ConsoleServer, ago
from tests.browser.test_console import at_desk, open_mine, row, server

__all__ = ["server"]  # fixtures


async def press(page: Page, button: str) -> None:
    """With the keyboard, on the button itself."""
    await page.locator(".thread-acts").get_by_role("button", name=button).press("Enter")


async def hands_back(page: Page) -> None:
    await press(page, "Hand back")


async def hands_back_by_shortcut(page: Page) -> None:
    await page.keyboard.press("Alt+b")


async def parks(page: Page) -> None:
    await press(page, "Park")


async def parks_by_shortcut(page: Page) -> None:
    await page.keyboard.press("Alt+w")


async def closes(page: Page) -> None:
    await press(page, "Close…")
    await page.get_by_label("Answered", exact=True).press("Space")
    await page.keyboard.press("Enter")


async def passes_on(page: Page) -> None:
    await press(page, "Pass on…")
    await page.get_by_label("To whom?").select_option(label="Sam (here)")
    await page.get_by_label("Note for colleagues").press("Tab")
    await page.get_by_role("button", name="Pass it on").press("Enter")


ENDS = [hands_back, hands_back_by_shortcut, parks, parks_by_shortcut, closes, passes_on]


@pytest.mark.parametrize("ends", ENDS)
async def test_when_one_is_done_the_next_of_the_list_has_the_focus(
    browser: Browser, server: ConsoleServer, ends: Callable[[Page], Awaitable[None]]
) -> None:
    async with at_desk(browser, server) as page:
        await open_mine(page, server)
        await server.add("c-ben")
        await expect(row(page, "c-ben")).to_be_visible()
        await ends(page)
        await expect(row(page, "c-ben").locator(".row")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page.locator(".thread h2")).to_be_focused()


@pytest.mark.parametrize("ends", ENDS)
@pytest.mark.parametrize("width", [1360, 375])
async def test_when_there_is_none_the_list_itself_has_it(
    browser: Browser, server: ConsoleServer, ends: Callable[[Page], Awaitable[None]], width: int
) -> None:
    async with at_desk(browser, server, viewport={"width": width, "height": 800}) as page:
        await open_mine(page, server)
        await ends(page)
        await expect(page.locator(".queue h2")).to_be_focused()


async def test_what_is_refused_leaves_the_focus_where_it_is(browser: Browser, server: ConsoleServer) -> None:
    async with at_desk(browser, server) as page:
        await open_mine(page, server)
        server.fail["hand_back"] = {"code": "not_yours", "message": "This conversation is not with you.", "retry": False}
        await hands_back(page)
        await expect(page.get_by_text("This conversation is not with you.").first).to_be_visible()
        await expect(page.get_by_role("button", name="Hand back")).to_be_focused()


async def test_whoever_says_no_to_an_offer_goes_on_to_the_next(browser: Browser, server: ConsoleServer) -> None:
    async with at_desk(browser, server) as page:
        await server.add("c-ana", offer={"mine": True, "call": False, "name": "Maria", "until": ago(seconds=-40)})
        await server.add("c-ben")
        await row(page, "c-ana").locator(".row").click()
        await page.get_by_role("button", name="Busy").press("Enter")
        await expect(row(page, "c-ben").locator(".row")).to_be_focused()


async def says_busy(page: Page) -> None:
    await page.get_by_role("button", name="Busy").click()


async def goes_back(page: Page) -> None:
    await page.keyboard.press("Alt+q")


@pytest.mark.parametrize("leaves", [says_busy, parks, goes_back])
@pytest.mark.parametrize("width", [1360, 375])
async def test_whoever_sees_only_the_queue_is_not_said_to_be_viewing(
    browser: Browser, server: ConsoleServer, leaves: Callable[[Page], Awaitable[None]], width: int
) -> None:
    async with at_desk(browser, server, "sam") as sam, at_desk(browser, server, viewport={"width": width, "height": 800}) as page:
        await open_mine(page, server)
        await server.change("c-ana", offer={"mine": True, "call": False, "name": "Maria", "until": ago(seconds=-40)})
        await row(sam, "c-ana").locator(".row").click()
        viewing = sam.get_by_text("Maria is viewing")
        await expect(viewing).to_be_visible()
        await leaves(page)
        await expect(page.locator(".queue :focus")).to_have_count(1)
        await expect(page.locator(".thread")).to_be_visible(visible=width > 1000)
        await server.say("c-ana", "are you there?")
        await expect(row(page, "c-ana")).to_contain_text("are you there?")
        await expect(row(page, "c-ana").locator(".unread")).to_have_count(int(width < 1000))
        await expect(viewing).to_have_count(int(width > 1000))


async def wants_no_more_texts(page: Page, server: ConsoleServer) -> str:
    await server.change("c-ana", channel="sms", texts="on")
    await page.get_by_role("button", name="This patient wants no more texts").press("Enter")
    await expect(page.get_by_role("button", name="This patient wants no more texts")).to_have_count(0)
    return ".context h2"


async def dismisses_a_notice(page: Page, server: ConsoleServer) -> str:
    server.fail["park"] = {"code": "not_yours", "message": "This conversation is not with you.", "retry": False}
    await page.keyboard.press("Alt+w")
    await page.get_by_role("button", name="Dismiss").press("Enter")
    await expect(page.get_by_role("button", name="Dismiss")).to_have_count(0)
    return "#reply"


async def tries_the_line_again(page: Page, server: ConsoleServer) -> str:
    server.refuse_connections = True
    await server.cut()
    again = page.get_by_role("button", name="Try now")
    await again.focus()
    server.refuse_connections = False
    await page.keyboard.press("Enter")
    await expect(again).to_have_count(0)
    return "#reply"


async def loses_it_while_writing(page: Page, server: ConsoleServer) -> str:
    await page.get_by_label("Your reply").focus()
    await server.change("c-ana", state="waiting", owner="queue", staff=None, can=["read", "take"])
    await expect(page.get_by_label("Your reply")).to_have_count(0)
    return ".thread h2"


LOSES = [wants_no_more_texts, dismisses_a_notice, tries_the_line_again, loses_it_while_writing]


@pytest.mark.parametrize("loses", LOSES)
async def test_what_goes_with_the_focus_on_it_leaves_it_near(
    browser: Browser, server: ConsoleServer, loses: Callable[[Page, ConsoleServer], Awaitable[str]]
) -> None:
    async with at_desk(browser, server, viewport={"width": 1360, "height": 800}) as page:
        await open_mine(page, server)
        near = await loses(page, server)
        await expect(page.locator(near)).to_be_focused()
