"""The console says in words where a conversation is, how its patient writes, and what becomes of a refused offer."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from handoff.channels import CHANNELS
from tests.browser.console_server import ConsoleServer, ago
from tests.browser.test_console import at_desk, row, server

__all__ = ["server"]  # fixtures
MARIA, SAM = {"id": "maria", "name": "Maria"}, {"id": "sam", "name": "Sam"}


@pytest.mark.parametrize(
    ("state", "staff", "said"),
    [
        ("human", MARIA, "With you"),
        ("human", SAM, "With Sam"),
        ("parked", MARIA, "Parked"),
        ("parked", SAM, "Parked by Sam"),
        ("waiting", MARIA, "Passed on"),
        ("waiting", SAM, "Passed on by Sam"),
    ],
)
async def test_the_list_and_the_heading_say_where_it_is(
    browser: Browser, server: ConsoleServer, state: str, staff: dict[str, str], said: str
) -> None:
    async with at_desk(browser, server) as page:
        await server.add("c-ana", state=state, owner="staff", staff=staff, waiting_since=None)
        await expect(row(page, "c-ana").locator(".row-end")).to_have_text(said)
        await row(page, "c-ana").locator(".row").click()
        await expect(page.locator(".thread-title p")).to_have_text(said)


async def test_it_is_said_since_when_it_is_there_and_of_what_waits_how_long_it_waits(browser: Browser, server: ConsoleServer) -> None:
    async with at_desk(browser, server) as page:
        times = {"waiting_since": ago(minutes=9, seconds=5), "since": ago(minutes=2, seconds=5)}
        await server.add("c-ana", state="human", owner="staff", staff=MARIA, **times)
        await expect(row(page, "c-ana").locator(".row-end span")).to_have_text(["With you", "for 2 min"])
        await server.change("c-ana", state="parked")
        await expect(row(page, "c-ana").locator(".row-end span")).to_have_text(["Parked", "for 2 min"])
        await server.change("c-ana", state="waiting")
        await expect(row(page, "c-ana").locator(".row-end span")).to_have_text(["Passed on", "waiting 9 min"])


async def test_what_was_passed_on_stands_once_and_calls_others_than_who_has_it(browser: Browser, server: ConsoleServer) -> None:
    async with at_desk(browser, server, "sam") as sam, at_desk(browser, server) as maria:
        await server.add("c-ana", state="waiting", owner="staff", staff=MARIA)
        for page, group, alerts in ((sam, "Waiting 1", 1), (maria, "With you 1", 0)):
            await expect(row(page, "c-ana")).to_have_count(1)
            await expect(page.locator(".queue .group h3")).to_have_text([group])
            await expect(page.locator(".alert")).to_have_count(alerts)
        await expect(row(maria, "c-ana").get_by_role("button", name="Take back")).to_be_visible()


WRITES = {"web": "Website", "sms": "Text messages"}


@pytest.mark.parametrize("channel", CHANNELS)
async def test_every_channel_has_a_word(browser: Browser, server: ConsoleServer, channel: str) -> None:
    async with at_desk(browser, server, viewport={"width": 1360, "height": 800}) as page:
        await server.add("c-ana", channel=channel)
        await row(page, "c-ana").locator(".row").click()
        fact = page.locator(".facts div").filter(has=page.get_by_text("Channel", exact=True))
        await expect(fact.locator("dd")).to_have_text(WRITES[channel])


async def test_a_refused_offer_promises_nobody_who_may_not_be_here(browser: Browser, server: ConsoleServer) -> None:
    async with at_desk(browser, server) as page:
        await server.add("c-ana", offer={"mine": True, "call": False, "name": "Maria", "until": ago(seconds=-40)})
        await row(page, "c-ana").locator(".row").click()
        await page.get_by_role("button", name="Busy").click()
        await expect(page.locator(".notice")).to_contain_text("Thank you. It stays in line for whoever else is free.")
