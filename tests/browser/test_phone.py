"""The phone on the screen: texts with their marks, calls that are taken and not taken, failures, with the keyboard, on every screen."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from tests.browser.conftest import LATE_FRAMES
from tests.browser.phone_server import GREETING, WHISPER, PhoneServer
from tests.browser.test_console_access import LONG, SCREENS, clean
from tests.browser.test_whole import press, tab_to
from tests.fakes import until


@pytest_asyncio.fixture(loop_scope="session")
async def server(tmp_path: Path) -> AsyncIterator[PhoneServer]:
    async with PhoneServer(tmp_path) as running:
        yield running


@asynccontextmanager
async def phone_page(browser: Browser, server: PhoneServer, path: str = "/phone", **context: Any) -> AsyncIterator[Page]:
    """Fails on any error of the page, and on any breach of its content policy."""
    opened = await browser.new_context(**context)
    page, wrong = await opened.new_page(), list[str]()
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda line: wrong.append(line.text) if line.type == "error" and "Failed to load" not in line.text else None)
    await page.goto(server.url + path)
    yield page
    await opened.close()
    assert not wrong, wrong


def pane(page: Page, who: str) -> Locator:
    return page.locator(f"[data-who={who}]")


async def write(page: Page, text: str) -> None:
    await page.get_by_label("Write a text").fill(text)
    await page.keyboard.press("Enter")


async def switch(label: Locator, *, on: bool = True) -> None:
    """Switch a failure on or off: the page shows it once the provider has it."""
    await label.click()
    await expect(label).to_be_checked(checked=on)


async def test_what_comes_before_the_first_frame_is_shown(browser: Browser, server: PhoneServer) -> None:
    await server.text("Hello")
    page = await browser.new_page()
    await page.add_init_script(LATE_FRAMES)
    await page.goto(f"{server.url}/phone")
    await expect(page.locator(".said .text")).to_have_text("Hello")


async def test_a_text_goes_and_comes_with_its_mark(browser: Browser, server: PhoneServer) -> None:
    async with phone_page(browser, server) as page:
        await expect(page.get_by_text("Nothing here yet. Write a text")).to_be_visible()
        await write(page, "hello, it went well")
        mine = page.locator(".said[data-mine=true]")
        await expect(mine.locator(".text")).to_have_text("hello, it went well")
        await expect(mine.locator(".mark")).to_contain_text("Delivered")
        await until(lambda: server.texts == ["hello, it went well"])
        await server.text("Thank you!\n1 Good\n2 Poor")
        theirs = page.locator(".said[data-mine=false]")
        await expect(theirs).to_have_attribute("data-state", "there")
        assert (await theirs.locator(".text").inner_text()).splitlines() == ["Thank you!", "1 Good", "2 Poor"]
        await page.reload()
        await expect(page.locator(".said")).to_have_count(2)


async def test_shift_and_enter_begins_a_line_and_nothing_is_not_sent(browser: Browser, server: PhoneServer) -> None:
    async with phone_page(browser, server) as page:
        await write(page, "   ")
        await page.get_by_label("Write a text").fill("one")
        await page.keyboard.press("Shift+Enter")
        await page.keyboard.type("two")
        await page.keyboard.press("Enter")
        await until(lambda: server.texts == ["one\ntwo"])
        await expect(page.get_by_label("Write a text")).to_be_focused()


async def test_a_picture_goes_without_words(browser: Browser, server: PhoneServer) -> None:
    async with phone_page(browser, server) as page:
        await page.get_by_role("button", name="Send a picture").click()
        await expect(page.locator(".said .media")).to_contain_text("A picture")
        await until(lambda: server.texts == ["[1 picture]"])


async def test_a_text_that_looks_like_html_stays_text(browser: Browser, server: PhoneServer) -> None:
    async with phone_page(browser, server) as page:
        await server.text("<img src=x onerror=alert(1)>")
        await expect(page.locator(".said .text")).to_have_text("<img src=x onerror=alert(1)>")
        await expect(page.locator(".said img")).to_have_count(0)


@pytest.mark.parametrize(
    ("choice", "mark"),
    [
        ("are not delivered: the phone is off", "Never arrived on this phone: the phone cannot be reached (30003)"),
        ("are filtered by the carrier", "Never arrived on this phone: the carrier filtered it (30007)"),
    ],
)
async def test_texts_that_do_not_arrive_say_why(browser: Browser, server: PhoneServer, choice: str, mark: str) -> None:
    async with phone_page(browser, server) as page:
        await switch(page.get_by_label(choice))
        await until(lambda: server.twilio.faults.errors)
        await server.text("Are you there?")
        await expect(page.locator(".said .mark")).to_contain_text(mark)
        await switch(page.get_by_label("arrive", exact=True))
        await until(lambda: not server.twilio.faults.errors)


async def test_the_switches_reach_the_provider_and_show_what_is_so(browser: Browser, server: PhoneServer) -> None:
    async with phone_page(browser, server) as page:
        await switch(page.get_by_label("loses its status reports"))
        await switch(page.get_by_label("answers slowly"))
        await until(lambda: server.twilio.faults.slow and server.twilio.faults.callbacks == "lost")
        await switch(page.get_by_label("This phone has opted out"))
        await until(lambda: server.twilio.opted_out == {(server.ana, server.account.number)})
        await page.reload()
        await expect(page.get_by_label("loses its status reports")).to_be_checked()
        await switch(page.get_by_label("This phone has opted out"), on=False)
        await until(lambda: not server.twilio.opted_out)
        await write(page, "STOP")
        await expect(page.get_by_label("This phone has opted out")).to_be_checked()
        await expect(page.get_by_text("You have successfully been unsubscribed.")).to_be_visible()


async def test_a_clinic_that_is_away_or_refuses_is_shown(browser: Browser, server: PhoneServer) -> None:
    async with phone_page(browser, server) as page:
        await switch(page.get_by_label("cannot reach us"))
        await until(lambda: server.twilio.faults.deaf)
        await write(page, "anybody?")
        await expect(page.locator(".said .mark").last).to_contain_text("The clinic could not be reached.")
        await switch(page.get_by_label("cannot reach us"), on=False)
        await until(lambda: not server.twilio.faults.deaf)
        server.refuses = 503
        await write(page, "and now?")
        await expect(page.locator(".said .mark").last).to_contain_text("did not take it (503)")


async def test_what_could_not_be_sent_stays_in_the_field(browser: Browser, server: PhoneServer) -> None:
    async with phone_page(browser, server) as page:
        await page.route("**/simulator/text", lambda route: route.abort())
        await write(page, "do not lose me")
        await expect(page.get_by_role("alert").filter(has_text="That was not sent.")).to_be_visible()
        await expect(page.get_by_label("Write a text")).to_have_value("do not lose me")


async def test_a_callback_rings_staff_first_and_connects_both_phones(browser: Browser, server: PhoneServer) -> None:
    async with phone_page(browser, server) as page:
        await server.call(server.nora, "staff")
        nora, ana = pane(page, "staff"), pane(page, "patient")
        await expect(page).to_have_title("☎ Ringing")
        await expect(page.get_by_role("alert").filter(has_text="Incoming call. Staff phone.")).to_have_count(1)
        await nora.get_by_role("button", name="Accept").click()
        await expect(nora.get_by_text(WHISPER)).to_be_visible()
        await nora.get_by_role("button", name="1", exact=True).click()
        await ana.get_by_role("button", name="Accept").click()
        await expect(ana.get_by_text(GREETING)).to_be_visible()
        await ana.get_by_role("button", name="1", exact=True).click()
        await expect(ana.get_by_text("Connected with the other phone")).to_be_visible()
        await expect(nora.get_by_text("Connected with the other phone")).to_be_visible()
        assert server.keys == ["1", "1"]
        await ana.get_by_role("button", name="Hang up").click()
        await expect(ana.locator(".called")).to_contain_text("Call, 0:")
        await expect(nora.locator(".called")).to_contain_text("Call, 0:")
        await expect(page).to_have_title("Phone")


@pytest.mark.parametrize(("button", "shown"), [("Decline", "Declined call"), ("Voicemail", "Voicemail"), ("Let it ring", "Missed call")])
async def test_a_call_may_be_declined_left_or_go_to_voicemail(browser: Browser, server: PhoneServer, button: str, shown: str) -> None:
    async with phone_page(browser, server) as page:
        ana = pane(page, "patient")
        await server.call(server.ana, "patient", ring=2)
        await ana.get_by_role("button", name=button).click()
        await expect(ana.locator(".called")).to_contain_text(shown)
        if button == "Voicemail":
            await expect(ana.locator(".called blockquote")).to_contain_text(GREETING)


async def test_a_caller_who_gives_up_stops_the_ringing(browser: Browser, server: PhoneServer) -> None:
    async with phone_page(browser, server) as page:
        sid = await server.call(server.ana, "patient")
        await expect(page.get_by_role("heading", name="Incoming call")).to_be_visible()
        await server.phone.hang_up(sid)
        await expect(page.get_by_role("heading", name="Incoming call")).to_have_count(0)
        await expect(page.locator(".called")).to_contain_text("Missed call")


async def test_another_number_is_another_phone(browser: Browser, server: PhoneServer) -> None:
    async with phone_page(browser, server) as page:
        await write(page, "from Ana")
        await page.get_by_text("Change the number").click()
        await page.get_by_label("Number of this phone").fill("12")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("That is no number")).to_be_visible()
        await page.get_by_label("Number of this phone").fill("+1 (202) 555-0199")
        await page.keyboard.press("Enter")
        await expect(pane(page, "patient").locator(".number")).to_have_text("+12025550199")
        await expect(page.locator(".said")).to_have_count(0)
        await page.reload()
        await expect(pane(page, "patient").locator(".number")).to_have_text("+12025550199")
        await write(page, "from Ben")
        await until(lambda: [text.sender for text in server.twilio.texts] == [server.ana, "+12025550199"])


async def test_everything_with_the_keyboard_alone(browser: Browser, server: PhoneServer) -> None:
    async with phone_page(browser, server, viewport={"width": 390, "height": 780}) as page:
        await tab_to(page, "Write a text")
        await page.keyboard.type("hello")
        await page.keyboard.press("Enter")
        await until(lambda: server.texts == ["hello"])
        await server.call(server.ana, "patient")
        await expect(page.get_by_role("heading", name="Incoming call")).to_be_visible()
        await press(page, "Accept")
        await expect(page.get_by_text(GREETING)).to_be_visible()
        await page.keyboard.press("1")  # the focus went into the call
        await until(lambda: server.keys == ["1"])
        await expect(page.locator(".called")).to_contain_text("Call, 0:")
        await press(page, "Failures")
        await tab_to(page, "arrive")
        await page.keyboard.press("ArrowDown")
        await until(lambda: server.twilio.faults.errors == {server.ana: 30003})


async def test_a_tab_says_that_the_other_phone_rings(browser: Browser, server: PhoneServer) -> None:
    async with phone_page(browser, server, viewport={"width": 390, "height": 780}) as page:
        await server.call(server.nora, "staff")
        tab = page.get_by_role("button", name="Staff phone")
        await expect(tab).to_contain_text("Incoming call")
        await tab.click()
        await page.get_by_role("button", name="Decline").click()
        await expect(tab).not_to_contain_text("Incoming call")


async def test_a_page_that_lost_the_service_says_so_and_comes_back(browser: Browser, server: PhoneServer) -> None:
    async with phone_page(browser, server) as page:
        await expect(page.get_by_label("Write a text")).to_be_visible()
        await page.route("**/simulator/events*", lambda route: route.abort())
        await page.reload()
        await expect(page.get_by_text("No connection to the service.")).to_be_visible()
        await page.unroute("**/simulator/events*")
        await expect(page.get_by_text("No connection to the service.")).to_have_count(0, timeout=15_000)
        await write(page, "back again")
        await expect(page.locator(".said .text")).to_have_text("back again")


@pytest.mark.parametrize("screen", SCREENS.values(), ids=SCREENS.keys())
async def test_axe_in_every_state(browser: Browser, server: PhoneServer, screen: dict[str, Any]) -> None:
    async with phone_page(browser, server, bypass_csp=True, **screen) as page:
        await clean(page, "empty")
        await server.twilio.text_in(server.ana, LONG[:1500])
        await server.text(LONG[:700])
        await expect(page.locator(".said[data-mine=false][data-state=there]")).to_have_count(1)
        server.twilio.faults.errors[server.ana] = 30007
        await server.text("filtered")
        await expect(page.locator("[data-state=failed]")).to_have_count(1)
        await server.call(server.ana, "patient")
        await expect(page.get_by_role("heading", name="Incoming call")).to_be_visible()
        await clean(page, "ringing, with an error and long texts")
        await page.get_by_role("button", name="Accept").click()
        await expect(page.get_by_text(GREETING)).to_be_visible()
        await clean(page, "talking")
        await page.get_by_role("button", name="Hang up").click()
        await expect(page.locator(".called")).to_have_count(1)
        await page.get_by_text("Change the number").click()
        await clean(page, "after a call, number open")
        if await page.get_by_role("navigation", name="Show").is_visible():
            for tab in ("Staff phone", "Failures"):
                await page.get_by_role("button", name=tab).click()
                await clean(page, tab)


async def test_website_phone_and_console_stand_side_by_side(browser: Browser, server: PhoneServer) -> None:
    async with phone_page(browser, server, "/all", viewport={"width": 1600, "height": 900}) as page:
        await expect(page.frame_locator("[title=Phone]").get_by_label("Write a text")).to_be_visible()
        await expect(page.frame_locator("[title^=Console]").locator("#app")).to_be_attached()
        await expect(page.frame_locator("[title*=website]").get_by_role("link", name="a phone on the screen")).to_be_visible()
