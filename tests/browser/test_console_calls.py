"""Promised calls in the console: seen when due, taken, made, written down, moved, planned; nothing typed is lost."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.browser.console_calls import PLANNED, call
from tests.browser.console_server import ConsoleServer
from tests.browser.test_console import at_desk, row, server
from tests.browser.test_console_access import LONG, SCREENS, clean
from tests.fakes import until

__all__ = ["server"]  # fixtures
Flow = Callable[[Page, ConsoleServer], Awaitable[None]]
SAM = {"id": "sam", "name": "Sam"}
MARIA = {"id": "maria", "name": "Maria"}


async def promised(server: ConsoleServer, conversation: str = "c-ana", **callback: Any) -> None:
    """The bot has promised this patient a call."""
    reasons = [{"reason": "asked", "words": ""}]
    await server.add(
        conversation, state="bot", owner="bot", waiting_since=None, reasons=reasons, callback=call(**callback), can=["read", "call"]
    )


async def opened(page: Page, conversation: str = "c-ana") -> Locator:
    await row(page, conversation).locator(".row").click()
    panel = page.locator(".context .call")
    await expect(panel).to_be_visible()
    await expect(page.locator("#thread")).to_have_attribute("aria-busy", "false")  # or what was read with it may come after what follows
    return panel


def button(page: Page, name: str) -> Locator:
    return page.locator(".context").get_by_role("button", name=name, exact=True)


def in_dialog(page: Page) -> Locator:
    return page.get_by_role("dialog")


async def says(page: Page, words: str) -> None:
    """A screen reader hears it."""
    await expect(page.locator("p.unseen[role=status]")).to_have_text(words)


async def claims_and_gives_back(page: Page, server: ConsoleServer) -> None:
    await promised(server)
    panel = await opened(page)
    await button(page, "Take the call").click()
    await expect(panel).to_contain_text("With you")
    await expect(row(page, "c-ana")).to_contain_text("you have the call")
    await expect(button(page, "Take the call")).to_have_count(0)
    await button(page, "Give it back").click()
    await expect(panel).to_contain_text("Nobody yet")
    await expect(button(page, "Give it back")).to_have_count(0)
    assert server.questions("claim_callback") == server.questions("release_callback") == [{"callback": "call-1"}]


async def comes_too_late(page: Page, server: ConsoleServer) -> None:
    await promised(server)
    await opened(page)
    server.lose("item")
    await server.promise("c-ana", state="claimed", staff=SAM)
    await button(page, "Take the call").click()
    await expect(page.locator(".notice")).to_contain_text("Sam has already taken this call.")


async def leaves_a_colleagues_call_alone(page: Page, server: ConsoleServer) -> None:
    await promised(server, state="claimed", staff=SAM)
    await expect(row(page, "c-ana")).to_contain_text("Sam has the call")
    await opened(page)
    for name in ("Take the call", "Call now", "Write down how it went…", "Give it back"):
        await expect(button(page, name)).to_have_count(0)
    await page.keyboard.press("Alt+p")
    await server.promise("c-ana", leg="ringing_staff")
    await expect(page.locator(".call-live")).to_have_text("A colleague's phone rings.")
    assert not server.questions("call_now")


async def dials_by_hand_and_writes_it_down(page: Page, server: ConsoleServer) -> None:
    await promised(server)
    panel = await opened(page)
    await expect(panel.get_by_role("link", name="+15005550199")).to_have_attribute("href", "tel:+15005550199")
    await button(page, "Call now").click()
    await expect(in_dialog(page)).to_contain_text("Please dial now: +15005550199")
    await in_dialog(page).get_by_role("button", name="Write it down").click()
    await expect(in_dialog(page).get_by_role("alert")).to_have_text("Please choose what came of it.")
    await page.get_by_label("Nobody answered").check()
    await page.get_by_label("Note for colleagues").fill("rang for a minute")
    server.fail["log_attempt"] = {"code": "busy", "message": "Too busy. Please try again.", "retry": True}
    await in_dialog(page).get_by_role("button", name="Write it down").click()
    await expect(in_dialog(page).get_by_role("alert")).to_have_text("Too busy. Please try again.")
    await expect(page.get_by_label("Note for colleagues")).to_have_value("rang for a minute")
    server.fail.clear()
    await in_dialog(page).get_by_role("button", name="Write it down").click()
    await expect(in_dialog(page)).to_have_count(0)
    await expect(panel).to_contain_text("1 of 3")
    await expect(panel).to_contain_text("Next try not before")
    await expect(panel).to_contain_text("planned")
    assert server.questions("log_attempt")[-1] == {"callback": "call-1", "outcome": "no_answer", "note": "rang for a minute"}


async def keeps_a_note_though_the_call_ends_elsewhere(page: Page, server: ConsoleServer) -> None:
    await promised(server)
    await opened(page)
    await button(page, "Write down how it went…").click()
    await page.get_by_label("Note for colleagues").fill("we talked about the bill")
    await server.gone("c-ana")
    await expect(row(page, "c-ana")).to_have_count(0)
    await expect(page.get_by_label("Note for colleagues")).to_have_value("we talked about the bill")
    await page.keyboard.press("Escape")
    await expect(in_dialog(page)).to_have_count(0)
    await expect(page.locator(".context h2")).to_be_focused()
    await page.keyboard.press("?")
    await expect(in_dialog(page)).to_contain_text("Call the patient now")


async def sees_the_phones_ring(page: Page, server: ConsoleServer) -> None:
    server.by_hand = False
    await promised(server)
    await opened(page)
    await button(page, "Call now").click()
    live = page.locator(".call-live")
    await expect(live).to_have_text("Your phone rings: press 1 to take the call.")
    await expect(button(page, "Call now")).to_have_count(0)
    await expect(button(page, "Another time…")).to_have_count(0)
    for leg, words in (("ringing_patient", "Ringing the patient."), ("talking", "Talking with the patient.")):
        await server.promise("c-ana", leg=leg)
        await expect(live).to_have_text(words)
        await says(page, words)
    await page.keyboard.press("Alt+p")  # not twice
    await server.promise("c-ana", leg=None, state="claimed")
    await expect(live).to_have_count(0)
    assert len(server.questions("call_now")) == 1


async def plans_with_a_bad_number_then_a_good_one(page: Page, server: ConsoleServer) -> None:
    await server.add("c-ana", can=["read", "take", "plan_call"])
    await row(page, "c-ana").locator(".row").click()
    await button(page, "Plan a call…").click()
    await page.get_by_label("Phone number").fill("12")
    await page.get_by_label("What is it about?").fill("the bill")
    await in_dialog(page).get_by_role("button", name="Promise the call").click()
    await expect(in_dialog(page).get_by_role("alert")).to_have_text("Please choose a time.")
    await page.get_by_label("Mon, 7 Jan, 2 to 4").check()
    await in_dialog(page).get_by_role("button", name="Promise the call").click()
    await expect(in_dialog(page).get_by_role("alert")).to_contain_text("does not look like a phone number")
    await expect(page.get_by_label("What is it about?")).to_have_value("the bill")
    await expect(page.get_by_label("Mon, 7 Jan, 2 to 4")).to_be_checked()
    await page.get_by_label("Phone number").fill("+15005550123")
    await in_dialog(page).get_by_role("button", name="Promise the call").click()
    await expect(page.locator(".context .call")).to_contain_text("the bill")
    await expect(in_dialog(page)).to_have_count(0)
    when = {"from": PLANNED[1]["from"], "to": PLANNED[1]["to"]}
    assert server.questions("plan_callback")[-1] == {"conversation": "c-ana", "number": "+15005550123", "about": "the bill", **when}


async def plans_one_for_whom_it_left_the_queue(page: Page, server: ConsoleServer) -> None:
    await server.add("c-ana")
    await row(page, "c-ana").locator(".row").click()
    item = {**server.items["c-ana"], "version": 9, "state": "bot", "owner": "bot", "reasons": [], "can": ["read", "plan_call"]}
    await server.tell("gone", {"conversation": "c-ana", "version": 9, "item": item}, None)
    await expect(row(page, "c-ana")).to_have_count(0)
    await button(page, "Plan a call…").click()
    await expect(in_dialog(page)).to_contain_text("Promise a call")
    await in_dialog(page).get_by_role("button", name="Cancel").click()
    await server.tell("gone", {"conversation": "c-ana", "version": 10, "item": None}, None)
    await expect(button(page, "Plan a call…")).to_have_count(0)


async def moves_it(page: Page, server: ConsoleServer) -> None:
    await promised(server, begins=-5, state="escalated", attempts=3)
    panel = await opened(page)
    await expect(panel).to_contain_text("Three tries in vain")
    await expect(button(page, "Call now")).to_have_count(0)
    await button(page, "Another time…").click()
    await expect(in_dialog(page).get_by_label("Phone number")).to_have_count(0)
    await page.get_by_label("Mon, 7 Jan, 9 to 11").check()
    await in_dialog(page).get_by_role("button", name="Move the call").click()
    await expect(panel).to_contain_text("planned")
    assert server.questions("move_callback") == [{"callback": "call-1", "from": PLANNED[0]["from"], "to": PLANNED[0]["to"]}]


async def hears_when_it_is_due_and_overdue(page: Page, server: ConsoleServer) -> None:
    seconds = 1 / 3600
    await promised(server, begins=3 * seconds, length=4 * seconds)
    await expect(row(page, "c-ana")).to_contain_text("planned")
    await says(page, "A call is due now: the number ending in 99.")
    await expect(row(page, "c-ana")).to_contain_text("due now")
    await says(page, "A call is overdue: the number ending in 99.")
    await expect(row(page, "c-ana")).to_contain_text("overdue")


async def finds_the_overdue_first(page: Page, server: ConsoleServer) -> None:
    await promised(server, "c-later", id="l", begins=3)
    await promised(server, "c-again", id="a", begins=-9, next_at="2030-01-01T00:00:00Z", attempts=2)
    await promised(server, "c-now", id="n")
    await promised(server, "c-over", id="o", begins=-4)
    await server.change("c-now", state="human", owner="staff", staff=SAM)  # a colleague writes with that patient
    calls = page.locator(".group", has=page.get_by_role("heading", name="Calls"))
    await expect(calls.locator(".item")).to_have_count(4)
    order = await calls.locator(".item").evaluate_all("(all) => all.map((one) => one.dataset.conversation)")
    assert order == ["c-over", "c-now", "c-later", "c-again"]
    await expect(row(page, "c-again")).to_contain_text("tried 2 of 3")
    await expect(row(page, "c-over")).to_contain_text("number ending in 99")


async def sets_their_own_phone(page: Page, server: ConsoleServer) -> None:
    menu = page.locator(".menu summary")
    for typed, kept in (("12", None), ("+15005550111", "+15005550111"), ("", None)):
        await menu.click()
        await page.get_by_role("button", name="Your phone…").click()
        await expect(in_dialog(page)).to_contain_text("It rings first when you phone a patient")
        await page.get_by_label("Your own phone number").fill(typed)
        await page.keyboard.press("Enter")
        if typed == "12":
            await expect(in_dialog(page).get_by_role("alert")).to_contain_text("does not look like a phone number")
            await expect(page.get_by_label("Your own phone number")).to_have_value("12")
            await page.keyboard.press("Escape")
        await expect(in_dialog(page)).to_have_count(0)
        await expect(menu).to_be_focused()
        assert server.phones.get("maria@clinic.example") == kept


async def needs_no_mouse(page: Page, server: ConsoleServer) -> None:
    await promised(server)
    await expect(row(page, "c-ana")).to_be_visible()
    await page.keyboard.press("Alt+j")
    await expect(page.locator(".thread h2")).to_be_focused()
    await page.keyboard.press("Alt+p")
    await expect(in_dialog(page)).to_be_visible()
    await page.get_by_label("We talked").focus()
    await page.keyboard.press("Space")
    await page.keyboard.press("Tab")
    await page.keyboard.type("all is well")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(in_dialog(page)).to_have_count(0)
    await until(lambda: bool(server.questions("log_attempt")))
    assert server.questions("log_attempt") == [{"callback": "call-1", "outcome": "spoke", "note": "all is well"}]
    await expect(page.locator(".thread h2")).to_be_focused()


FLOWS: list[Flow] = [
    claims_and_gives_back,
    comes_too_late,
    leaves_a_colleagues_call_alone,
    dials_by_hand_and_writes_it_down,
    keeps_a_note_though_the_call_ends_elsewhere,
    sees_the_phones_ring,
    plans_with_a_bad_number_then_a_good_one,
    plans_one_for_whom_it_left_the_queue,
    moves_it,
    hears_when_it_is_due_and_overdue,
    finds_the_overdue_first,
    sets_their_own_phone,
    needs_no_mouse,
]


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.__name__)
async def test_whoever_phones_a_patient(browser: Browser, server: ConsoleServer, flow: Flow) -> None:
    async with at_desk(browser, server) as page:
        await flow(page, server)


@pytest.mark.parametrize("screen", SCREENS.values(), ids=SCREENS.keys())
async def test_axe_with_calls(browser: Browser, server: ConsoleServer, screen: dict[str, Any]) -> None:
    async with at_desk(browser, server, bypass_csp=True, **screen) as page:
        staff = {"id": "sam", "name": LONG[:80]}
        await promised(server, "c-later", id="l", begins=3)
        await promised(server, "c-over", id="o", begins=-4, state="claimed", staff=staff, about=LONG)
        await promised(server, about=LONG, attempts=1, leg="ringing_patient", state="dialling", staff=MARIA)
        await expect(row(page, "c-ana")).to_be_visible()
        await clean(page, "calls in the queue")
        for conversation, state in (("c-over", "a colleague's, overdue"), ("c-ana", "the patient's phone rings")):
            await row(page, conversation).locator(".row").evaluate("(row) => row.click()")
            await page.keyboard.press("Alt+i")
            await expect(page.locator(".context .call")).to_be_visible()
            await clean(page, state)
        await server.promise("c-ana", leg=None, state="claimed")
        for name in (re.compile("Call now"), re.compile("Another time")):
            await page.locator(".context").get_by_role("button", name=name).click()
            await expect(in_dialog(page)).to_be_visible()
            await clean(page, name.pattern)
            await page.keyboard.press("Escape")
            await expect(in_dialog(page)).to_have_count(0)
        await server.change("c-ana", state="waiting", callback=None, can=["read", "plan_call"])
        await button(page, "Plan a call…").click()
        await expect(page.get_by_label("Mon, 7 Jan, 2 to 4")).to_be_visible()
        await clean(page, "plan a call")
