"""The dialog to pass a conversation on says who is not here, before it is done."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Browser, expect

from tests.browser.console_server import ConsoleServer
from tests.browser.test_console import at_desk, open_mine, server
from tests.browser.test_console_access import SCREENS, clean

__all__ = ["server"]  # fixtures
WAITS = " The patient would wait: other colleagues are asked after a while, and it is yours again if nobody takes it."


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("Sam (here)", ""),
        ("Priya (away)", "Priya is away now." + WAITS),
        ("The clinic", ""),
        ("Billing (nobody here)", "Nobody of Billing is here now." + WAITS),
    ],
)
async def test_whoever_is_chosen_and_not_here_is_said_to_be_away(browser: Browser, server: ConsoleServer, target: str, said: str) -> None:
    async with at_desk(browser, server) as page:
        await open_mine(page, server)
        await page.keyboard.press("Alt+g")
        dialog = page.get_by_role("dialog", name="Pass the conversation on")
        await dialog.get_by_label("To whom?").select_option(label=target)
        await expect(dialog.get_by_role("status")).to_have_text(said)
        await dialog.get_by_role("button", name="Pass it on").click()
        await expect(dialog).to_have_count(0)
        assert len(server.questions("transfer")) == 1  # it may be done all the same


async def test_a_safety_matter_is_offered_to_everybody_at_once(browser: Browser, server: ConsoleServer) -> None:
    async with at_desk(browser, server) as page:
        await open_mine(page, server)
        await server.change("c-ana", reasons=[{"reason": "unsafe", "words": "end it all"}])
        await expect(page.locator(".context .reasons")).to_contain_text("end it all")
        await page.keyboard.press("Alt+g")
        await page.get_by_label("To whom?").select_option(label="Priya (away)")
        await expect(page.get_by_role("dialog").get_by_role("status")).to_have_text(
            "Priya is away now. As a safety matter it is offered to everybody who is here at once, and it is yours again if nobody takes it."
        )


async def test_who_is_here_is_asked_anew_with_each_choice(browser: Browser, server: ConsoleServer) -> None:
    async with at_desk(browser, server) as page:
        await open_mine(page, server)
        await page.keyboard.press("Alt+g")
        dialog = page.get_by_role("dialog", name="Pass the conversation on")
        await expect(dialog.get_by_label("To whom?")).to_contain_text("Sam (here)")
        for person in server.targets["people"]:
            person["here"] = False
        await dialog.get_by_label("To whom?").select_option(label="Sam (here)")
        await expect(dialog.get_by_role("status")).to_have_text("Sam is away now." + WAITS)
        await expect(dialog.get_by_label("To whom?")).to_have_value("to:sam")


@pytest.mark.parametrize("screen", SCREENS.values(), ids=SCREENS.keys())
async def test_axe_while_nobody_is_here(browser: Browser, server: ConsoleServer, screen: dict[str, Any]) -> None:
    async with at_desk(browser, server, bypass_csp=True, **screen) as page:
        await open_mine(page, server)
        await page.keyboard.press("Alt+g")
        await page.get_by_label("To whom?").select_option(label="Billing (nobody here)")
        await expect(page.get_by_role("dialog").get_by_role("status")).not_to_be_empty()
        await clean(page, "passing on to nobody")
