"""Whoever comes back to the console reads what became of those who were with them, and the keyboard stands somewhere."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.console_server import PASSWORD, ConsoleServer, ago
from tests.browser.test_console import at_desk, open_mine, row, server

__all__ = ["server"]  # fixtures
LOW = [{"reason": "low_score", "words": ""}]
BACK = {"state": "waiting", "owner": "queue", "staff": None, "can": ["read", "take"]}


async def comes_back(page: Page, server: ConsoleServer) -> None:
    server.refuse_connections = False
    await page.evaluate("dispatchEvent(new Event('online'))")
    await expect(page.locator("[data-line]")).to_have_count(0)


async def signs_in_again(page: Page, server: ConsoleServer) -> None:
    await page.get_by_label("Email address").fill("maria@clinic.example")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.locator(".queue")).to_be_visible()


async def lines_break(page: Page, server: ConsoleServer) -> None:
    server.refuse_connections = True
    await server.cut()
    await expect(page.locator("[data-line=cut]")).to_be_visible()


@pytest.mark.parametrize("width", [1360, 375])
async def test_who_was_lost_reads_where_each_one_went_and_stands_on_what_was_open(
    browser: Browser, server: ConsoleServer, width: int
) -> None:
    async with at_desk(browser, server, viewport={"width": width, "height": 700}) as page:
        mine = {"state": "human", "owner": "staff", "staff": {"id": "maria", "name": "Maria"}}
        await server.add("c-ben", reasons=LOW, waiting_since=ago(minutes=9), **mine)
        await server.add("c-dee", reasons=LOW, waiting_since=ago(minutes=8), **mine)
        await server.add("c-eve", **mine)
        await open_mine(page, server)
        await lines_break(page, server)
        await server.change("c-ana", **BACK)
        await server.taken_by("c-ben", "sam@clinic.example")
        del server.items["c-dee"]
        await comes_back(page, server)
        notice = page.locator(".notice.bad")
        await expect(notice).to_contain_text(
            "While you were not connected: “Low score” went to Sam; “Low score” is not with you any more; “Asked for a person” went back in line."
        )
        await expect(page.locator(".thread h2")).to_be_focused()
        await notice.get_by_role("button", name="Dismiss").press("Enter")
        await expect(notice).to_have_count(0)
        await expect(page.locator(".thread h2")).to_be_focused()


async def test_whoever_was_signed_out_meanwhile_reads_it_after_the_sign_in(browser: Browser, server: ConsoleServer) -> None:
    async with at_desk(browser, server) as page:
        await open_mine(page, server)
        await server.end_sessions()
        await server.change("c-ana", **BACK)
        await signs_in_again(page, server)
        await expect(page.locator(".notice.bad")).to_contain_text("“Asked for a person” went back in line.")


@pytest.mark.parametrize("how", ["a short cut", "signed out", "somebody else"])
async def test_whoever_lost_nothing_or_is_somebody_else_reads_nothing(browser: Browser, server: ConsoleServer, how: str) -> None:
    async with at_desk(browser, server) as page:
        await open_mine(page, server)
        if how == "a short cut":
            await lines_break(page, server)
            await comes_back(page, server)
        elif how == "signed out":
            await page.locator("details.menu summary").click()
            await page.get_by_role("button", name="Sign out").click()
            await server.change("c-ana", **BACK)
            await signs_in_again(page, server)
        else:
            await server.end_sessions()
            await server.change("c-ana", **BACK)
            await page.get_by_label("Email address").fill("sam@clinic.example")
            await page.get_by_label("Password").fill(PASSWORD)
            await page.keyboard.press("Enter")
        await expect(row(page, "c-ana")).to_be_visible()
        await expect(page.locator("[data-line]")).to_have_count(0)
        await expect(page.locator(".notice.bad")).to_have_count(0)


async def test_on_a_phone_send_stays_in_reach_under_two_notices_and_a_note(browser: Browser, server: ConsoleServer) -> None:
    async with at_desk(browser, server, viewport={"width": 375, "height": 700}) as page:
        await server.add("c-ben")
        await open_mine(page, server)
        await server.change("c-ana", note="She was charged twice. " * 12)
        server.fail["park"] = {"code": "not_yours", "message": "This conversation is not with you.", "retry": False}
        await page.keyboard.press("Alt+w")
        await expect(page.locator(".notice.bad")).to_be_visible()
        await lines_break(page, server)
        await expect(page.get_by_role("button", name="Send")).to_be_in_viewport(ratio=1)
