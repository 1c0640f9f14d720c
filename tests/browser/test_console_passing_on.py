"""The dialog to pass a conversation on says who is not here, before it is done."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Browser, expect

from tests.browser.console_server import ConsoleServer, ago
from tests.browser.test_console import at_desk, open_mine, row, server
from tests.browser.test_console_access import LONG, SCREENS, clean

__all__ = ["server"]  # fixtures
AT_ONCE = " Other colleagues who are here are asked at once, and it is yours again if nobody takes it."
WAITS = " The patient would wait: other colleagues are asked after a while, and it is yours again if nobody takes it."


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("Sam (here)", ""),
        ("Priya (away)", "Priya is away now." + WAITS),
        ("The clinic", ""),
        ("Billing (nobody here)", "Nobody of Billing is here now." + AT_ONCE),
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


async def test_danger_that_one_has_passed_on_oneself_calls_oneself_too(browser: Browser, server: ConsoleServer) -> None:
    """It waits, is in the list once, and can be taken back; the note is one's own. Anything else that one has passed on calls nobody."""
    async with at_desk(browser, server) as page:
        await open_mine(page, server)
        mine = {"state": "waiting", "owner": "staff", "can": ["read", "write", "take"], "note": "She is at home."}
        await server.change("c-ana", **mine)
        await expect(page.get_by_role("region", name="Your note to colleagues")).to_contain_text("She is at home.")
        await expect(page.locator(".alert")).to_have_count(0)
        await server.change("c-ana", reasons=[{"reason": "unsafe", "words": "end it all"}])
        await expect(page.locator(".alert.safety")).to_contain_text("Safety matter waiting")
        await expect(page.locator(".item")).to_have_count(1)
        await expect(page.locator(".item .take")).to_have_text("Take back")
        await server.change("c-ana", offer={"name": "Sam", "mine": False, "until": "2026-11-24T12:00:45.000Z", "call": False})
        await expect(page.get_by_text("Offered to Sam now. You can take it back.")).to_be_visible()


async def test_whoever_is_away_while_patients_wait_is_told_so(browser: Browser, server: ConsoleServer) -> None:
    async with at_desk(browser, server) as page:
        await server.add("c-ana")
        await expect(page.locator(".alert")).to_be_visible()
        away = page.locator(".alert").get_by_text("You are set to away: nothing is offered to you.")
        await expect(away).to_have_count(0)
        await page.get_by_role("switch", name="Available").click()
        await expect(away).to_be_visible()


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


@pytest.mark.parametrize("note", ["She was charged twice.\nPlease phone billing.", LONG], ids=["short", "long"])
@pytest.mark.parametrize("width", [1360, 375])
async def test_the_note_stands_above_what_was_said_for_whoever_is_asked_and_takes_it(
    browser: Browser, server: ConsoleServer, width: int, note: str
) -> None:
    async with at_desk(browser, server, viewport={"width": width, "height": 667}, bypass_csp=True) as page:
        offer = {"mine": True, "call": False, "name": "Maria", "until": ago(seconds=-45)}
        await server.add("c-ana", note=note, offer=offer)
        await row(page, "c-ana").locator(".row").click()
        shown = page.locator(".thread").get_by_role("region", name="Note from a colleague")
        await expect(page.get_by_role("group", name="This is offered to you.")).to_be_visible()
        await expect(shown).to_contain_text(note)
        await expect(shown).to_be_in_viewport(ratio=1)
        await clean(page, "an offer with a note")
        await page.locator(".thread-acts .primary").click()
        await expect(page.get_by_label("Your reply")).to_be_focused()
        await server.change("c-ana", offer=None)
        await expect(page.get_by_role("group", name="This is offered to you.")).to_have_count(0)
        await page.get_by_role("heading", level=2, name="Asked for a person").scroll_into_view_if_needed()
        await expect(shown).to_be_in_viewport(ratio=1)
        await server.change("c-ana", note=None)
        await expect(shown).to_have_count(0)
