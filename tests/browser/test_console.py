"""The console in a real Chromium, against a recording stand-in of the service."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest_asyncio
from playwright.async_api import Browser, Error, Page, expect

from tests.browser.conftest import LATE_FRAMES
from tests.browser.console_server import PASSWORD, PEOPLE, ConsoleServer, ago
from tests.fakes import until


@pytest_asyncio.fixture(loop_scope="session")
async def server() -> AsyncIterator[ConsoleServer]:
    async with ConsoleServer() as server:
        yield server


@asynccontextmanager
async def at_desk(browser: Browser, server: ConsoleServer, who: str = "maria", **context: Any) -> AsyncIterator[Page]:
    """A signed-in console. Fails on any error of the page, and on any breach of its content policy."""
    opened = await browser.new_context(**context)
    page = await opened.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda line: wrong.append(line.text) if line.type == "error" and "Failed to load" not in line.text else None)
    page.on("requestfailed", lambda request: print("not loaded:", request.url, request.failure))
    await page.goto(f"{server.url}/desk")
    try:
        await page.get_by_label("Email address").fill(f"{who}@clinic.example")
    except Error:
        print(wrong, await page.content())
        raise
    await page.get_by_label("Password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.locator(".queue")).to_be_visible()
    await expect(page.locator("[data-line]")).to_have_count(0)
    yield page
    assert not wrong
    await opened.close()


def row(page: Page, conversation: str) -> Any:
    return page.locator(f'[data-conversation="{conversation}"]')


def texts(page: Page) -> Any:
    return page.locator(".said .text")


async def open_mine(page: Page, server: ConsoleServer, conversation: str = "c-ana") -> None:
    """Maria takes a conversation and has its reply before her."""
    await server.add(conversation)
    await row(page, conversation).get_by_role("button", name="Take").click()
    await expect(page.get_by_label("Your reply")).to_be_focused()


async def test_a_wrong_password_is_said_and_the_fields_stay(browser: Browser, server: ConsoleServer) -> None:
    page = await browser.new_page()
    await page.goto(f"{server.url}/desk")
    await expect(page.get_by_label("Email address")).to_be_focused()
    await page.get_by_label("Email address").fill("maria@clinic.example")
    await page.get_by_label("Password").fill("wrong")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_have_text("That sign-in was not right. Please check the address and the password.")
    await expect(page.get_by_label("Email address")).to_have_value("maria@clinic.example")


async def test_a_one_time_code_signs_in_leaves_the_address_and_asks_for_a_password(browser: Browser, server: ConsoleServer) -> None:
    page = await browser.new_page()
    await page.goto(f"{server.url}/desk#code=one-time")
    await page.get_by_role("button", name="Set a password").click()
    assert page.url == f"{server.url}/desk"
    await page.get_by_label("New password").fill("a quiet waiting room")
    await page.get_by_role("button", name="Save password").click()
    await expect(page.get_by_role("button", name="Set a password")).to_have_count(0)
    assert server.passwords == [(None, "a quiet waiting room")]


async def test_a_used_code_says_so(browser: Browser, server: ConsoleServer) -> None:
    page = await browser.new_page()
    await page.goto(f"{server.url}/desk#code=used")
    await expect(page.get_by_role("alert")).to_contain_text("already used or has expired")
    assert "code" not in page.url


async def test_a_waiting_patient_appears_and_cannot_be_overlooked_until_taken(browser: Browser, server: ConsoleServer) -> None:
    async with at_desk(browser, server) as page:
        await expect(page.get_by_text("Nobody is waiting")).to_be_visible()
        await server.add("c-ben", "I want to end it all", priority=0, reasons=[{"reason": "unsafe", "words": "end it all"}])
        await server.add(
            "c-ana", "This is useless", reasons=[{"reason": "frustrated", "words": "This is useless"}], waiting_since=ago(minutes=5)
        )
        await expect(page.locator(".alert")).to_contain_text("Safety matter waiting")
        await expect(page.locator(".alert")).to_contain_text("2 patients are waiting")
        await expect(page).to_have_title(re.compile(r"^\(2\) Safety matter waiting"))
        await expect(page.locator(".item").first).to_contain_text("Safety")
        await expect(row(page, "c-ana")).to_contain_text("waiting 5 min")
        await server.taken_by("c-ben", "sam@clinic.example")
        await expect(row(page, "c-ben")).to_contain_text("With Sam")
        await expect(page.locator(".alert")).not_to_contain_text("Safety")
        await server.gone("c-ana")
        await expect(page.locator(".alert")).to_have_count(0)
        await expect(page).to_have_title("Heard")


async def test_the_wait_grows_by_itself(browser: Browser, server: ConsoleServer) -> None:
    async with at_desk(browser, server) as page:
        await server.add("c-ana", waiting_since=ago(seconds=57))
        await expect(row(page, "c-ana")).to_contain_text("waiting 1 min")


async def test_take_write_and_close_with_the_keyboard_alone(browser: Browser, server: ConsoleServer) -> None:
    async with at_desk(browser, server) as page:
        await server.add("c-ana")
        await expect(row(page, "c-ana")).to_be_visible()
        await page.keyboard.press("Alt+n")
        await expect(page.locator(".thread h2")).to_be_focused()
        await expect(page.locator(".thread-acts .primary")).to_be_visible()
        await page.keyboard.press("Alt+t")
        await expect(page.get_by_label("Your reply")).to_be_focused()
        await page.keyboard.type("Hello Ana")
        await page.keyboard.press("Shift+Enter")
        await page.keyboard.type("How can I help?")
        await page.keyboard.press("Enter")
        await expect(texts(page).last).to_have_text("Hello Ana\nHow can I help?")
        await expect(page.locator(".fate")).to_have_text("Sent")
        await page.keyboard.press("Alt+c")
        await expect(page.get_by_role("dialog")).to_be_visible()
        await page.keyboard.press("Enter")
        await page.get_by_role("button", name="Close conversation").click()
        await expect(page.get_by_role("dialog").get_by_role("alert")).to_have_text("Please choose how it ended.")
        await page.get_by_label("Passed on to somebody else").check()
        await page.get_by_label("Note for colleagues").fill("to the front desk")
        await page.get_by_role("button", name="Close conversation").click()
        await expect(row(page, "c-ana")).to_have_count(0)
        assert server.questions("close") == [{"conversation": "c-ana", "outcome": "passed_on", "note": "to the front desk"}]


async def test_two_staff_see_each_others_takes_views_and_typing(browser: Browser, server: ConsoleServer) -> None:
    async with at_desk(browser, server) as maria, at_desk(browser, server, "sam") as sam:
        await server.add("c-ana")
        for page in (maria, sam):
            await row(page, "c-ana").locator(".row").click()
            await expect(texts(page)).to_have_count(1)
        await expect(sam.locator(".viewers")).to_have_text("Maria is viewing")
        await expect(maria.locator(".viewers")).to_have_text("Sam is viewing")
        await maria.keyboard.press("Alt+t")
        await expect(row(sam, "c-ana")).to_contain_text("With Maria")
        await expect(sam.get_by_text("Maria answers this patient.")).to_be_visible()
        await maria.get_by_label("Your reply").press_sequentially("Hel")
        await expect(sam.get_by_text("Maria is replying…")).to_be_visible()
        await expect(maria.locator(".typing")).to_have_text("")


async def test_who_takes_too_late_hears_it_kindly(browser: Browser, server: ConsoleServer) -> None:
    async with at_desk(browser, server) as page:
        await server.add("c-ana")
        server.lose("item")
        await expect(row(page, "c-ana")).to_be_visible()
        await server.taken_by("c-ana", "sam@clinic.example")
        await row(page, "c-ana").get_by_role("button", name="Take").click()
        await expect(page.locator(".notice")).to_contain_text("Already taken by Sam")


async def test_lost_doubled_and_reordered_events_leave_no_trace(browser: Browser, server: ConsoleServer) -> None:
    async with at_desk(browser, server) as page:
        await open_mine(page, server)
        said = await texts(page).all_inner_texts()
        server.double()
        await server.say("c-ana", "one")
        server.double(False)
        server.hold()
        await server.say("c-ana", "two")
        await server.say("c-ana", "three")
        await server.release(backwards=True)
        server.lose("message")
        await server.say("c-ana", "four")
        server.lose()
        await expect(texts(page)).to_have_text([*said, "one", "two", "three", "four"])
        assert server.questions("sync")


async def test_an_older_item_never_replaces_a_newer_one(browser: Browser, server: ConsoleServer) -> None:
    async with at_desk(browser, server) as page:
        await server.add("c-ana")
        await server.add("c-ben")
        old = [dict(server.items["c-ana"]), dict(server.items["c-ben"])]
        await server.taken_by("c-ana", "sam@clinic.example")
        await server.gone("c-ben")
        for item in old:
            await server.tell("item", item, None)
        await server.add("c-last")
        await expect(row(page, "c-last")).to_be_visible()
        await expect(row(page, "c-ana")).to_contain_text("With Sam")
        await expect(row(page, "c-ben")).to_have_count(0)


async def test_an_answer_that_comes_before_the_first_frame_is_shown(browser: Browser, server: ConsoleServer) -> None:
    page = await browser.new_page()
    await page.add_init_script(LATE_FRAMES)
    await page.goto(f"{server.url}/desk")
    await expect(page.get_by_label("Email address")).to_be_visible(timeout=20_000)


async def test_after_a_cut_line_nothing_is_missing_and_nothing_is_left_over(browser: Browser, server: ConsoleServer) -> None:
    async with at_desk(browser, server) as page:
        await open_mine(page, server)
        await server.add("c-old")
        await expect(row(page, "c-old")).to_be_visible()
        server.refuse_connections = True
        await server.cut()
        await expect(page.locator("[data-line=cut]")).to_be_visible()
        await server.gone("c-old")
        await server.add("c-new")
        for number in range(250):
            await server.say("c-ana", f"line {number}")
        await page.get_by_label("Your reply").fill("written while away")
        await page.keyboard.press("Enter")
        await expect(page.locator(".fate").last).to_have_text("Will be sent when the connection is back")
        await page.get_by_role("button", name="Try now").click()
        server.refuse_connections = False  # the next try comes by itself
        await expect(page.locator("[data-line]")).to_have_count(0, timeout=20_000)
        await expect(row(page, "c-old")).to_have_count(0)
        await expect(row(page, "c-new")).to_be_visible()
        await expect(texts(page).last).to_have_text("written while away")
        assert [message["text"] for message in server.messages["c-ana"]].count("written while away") == 1
        while await page.locator(".older").count():
            await page.locator(".older").click()
        shown = [int(await said.get_attribute("data-seq") or 0) for said in await page.locator(".said").all()]
        assert shown == list(range(1, len(server.messages["c-ana"]) + 1))


async def test_a_lost_ack_is_asked_for_again_under_the_same_id(browser: Browser, server: ConsoleServer) -> None:
    async with at_desk(browser, server) as page:
        await open_mine(page, server)
        server.lose_acks = 1
        await page.get_by_label("Your reply").fill("only once")
        await page.keyboard.press("Enter")
        await until(lambda: len(server.questions("write")) == 2, seconds=15)
        assert len({asked["client_id"] for asked in server.questions("write")}) == 1
        await expect(page.locator(".fate")).to_have_text("Sent")
        await expect(texts(page).get_by_text("only once")).to_have_count(1)


async def test_a_refused_reply_is_kept_and_can_be_tried_again_or_changed(browser: Browser, server: ConsoleServer) -> None:
    async with at_desk(browser, server) as page:
        await open_mine(page, server)
        server.fail["write"] = {"code": "not_yours", "message": "This conversation is not with you.", "retry": False}
        for text in ("first", "second"):
            await page.get_by_label("Your reply").fill(text)
            await page.keyboard.press("Enter")
        await expect(page.locator(".fate.failed")).to_have_count(2)
        server.fail.clear()
        await page.get_by_role("button", name="Try again").first.click()
        await expect(page.locator(".fate.failed")).to_have_count(1)
        await page.get_by_role("button", name="Edit").click()
        await expect(page.get_by_label("Your reply")).to_have_value("second")
        first, _, again = server.questions("write")
        assert again == first


async def test_unsent_words_survive_a_reload_and_go_with_the_sign_out(browser: Browser, server: ConsoleServer) -> None:
    async with at_desk(browser, server) as page:
        await open_mine(page, server)
        await page.get_by_label("Your reply").fill("half a sentence")
        await page.reload()
        await row(page, "c-ana").locator(".row").click()
        await expect(page.get_by_label("Your reply")).to_have_value("half a sentence")
        await page.locator(".menu summary").click()
        await page.get_by_role("button", name="Sign out").click()
        await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        assert await page.evaluate("sessionStorage.length") == 0


async def test_enter_that_ends_a_composition_does_not_send(browser: Browser, server: ConsoleServer) -> None:
    async with at_desk(browser, server) as page:
        await open_mine(page, server)
        field = page.get_by_label("Your reply")
        await field.fill("こんにち")
        await field.dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True})
        await expect(field).to_have_value("こんにち")
        assert server.questions("write") == []


async def test_too_long_a_reply_says_so_and_is_not_sent(browser: Browser, server: ConsoleServer) -> None:
    async with at_desk(browser, server) as page:
        await open_mine(page, server)
        await page.get_by_label("Your reply").fill("x" * 4003)
        await expect(page.locator("#reply-hint")).to_have_text("3 characters too many")
        await page.keyboard.press("Enter")
        assert server.questions("write") == []


async def test_a_session_that_ends_asks_to_sign_in_and_goes_on(browser: Browser, server: ConsoleServer) -> None:
    async with at_desk(browser, server) as page:
        await open_mine(page, server)
        await page.get_by_label("Your reply").fill("kept")
        await server.end_sessions()
        await expect(page.get_by_role("alert")).to_contain_text("Your session has ended")
        await page.get_by_label("Email address").fill("maria@clinic.example")
        await page.get_by_label("Password").fill(PASSWORD)
        await page.keyboard.press("Enter")
        await row(page, "c-ana").locator(".row").click()
        await expect(page.get_by_label("Your reply")).to_have_value("kept")


async def test_hand_back_leaves_the_queue_and_says_so(browser: Browser, server: ConsoleServer) -> None:
    async with at_desk(browser, server) as page:
        await open_mine(page, server)
        await page.get_by_role("button", name="Hand back to the bot").click()
        await expect(page.locator(".notice")).to_contain_text("Handed back")
        await expect(row(page, "c-ana")).to_have_count(0)


async def test_the_person_starts_with_the_context(browser: Browser, server: ConsoleServer) -> None:
    server.answers["c-ana"] = [
        {"survey": "fft", "title": "FFT", "question": "overall", "text": "How was it?", "state": "answered", "label": "Poor", "at": ago()},
        {"survey": "fft", "title": "FFT", "question": "why", "text": "Why?", "state": "open", "label": None, "at": None},
    ]
    server.moves["c-ana"] = [
        {"at": ago(), "who": who, "had": had, "event": event, "from_state": "choosing", "to_state": "waiting", "why": None}
        for who, had, event in (
            ("patient", None, "chat_now"),
            ("timer", None, "waited_too_long"),
            ("timer", "Sam", "staff_lost"),
            ("timer", "Sam", "transfer_over"),
        )
    ]
    async with at_desk(browser, server) as page:
        await server.add("c-ana", "This is useless", reasons=[{"reason": "frustrated", "words": "This is useless"}])
        await row(page, "c-ana").locator(".row").click()
        context = page.locator(".context")
        await expect(context.locator(".reasons")).to_have_text(re.compile("Frustrated.*This is useless"))
        await expect(context.locator("[data-state=answered]")).to_have_text("How was it?Poor")
        await expect(context.locator("[data-state=open]")).to_have_text("Why?Left open")
        await expect(context.locator(".moves li > span:first-child")).to_have_text(
            [
                "Patient chose to chat now",
                "Patient waited too long",
                "Sam lost the connection",
                "Service gave it back: no colleague took it in time",
            ]
        )


async def test_the_newest_line_is_in_sight_until_somebody_scrolls_up(browser: Browser, server: ConsoleServer) -> None:
    async with at_desk(browser, server, viewport={"width": 900, "height": 500}) as page:
        await open_mine(page, server)
        for number in range(30):
            await server.say("c-ana", f"line {number}")
        await expect(texts(page).last).to_have_text("line 29")
        await expect(texts(page).last).to_be_in_viewport()
        await page.set_viewport_size({"width": 900, "height": 420})
        await expect(texts(page).last).to_be_in_viewport()
        await server.say("c-ana", "one more")
        await expect(texts(page).last).to_have_text("one more")
        await expect(texts(page).last).to_be_in_viewport()
        await page.locator(".log").hover()
        await page.mouse.wheel(0, -600)
        await expect(texts(page).last).not_to_be_in_viewport()
        await server.say("c-ana", "and another")
        await expect(page.get_by_role("button", name="New messages")).to_be_visible()
        await page.get_by_label("Your reply").fill("I see.")
        await page.keyboard.press("Enter")
        await expect(texts(page).last).to_have_text("I see.")
        await expect(texts(page).last).to_be_in_viewport()
        await expect(page.get_by_role("button", name="New messages")).to_have_count(0)


async def test_words_of_a_patient_are_never_markup(browser: Browser, server: ConsoleServer) -> None:
    async with at_desk(browser, server) as page:
        await server.add("c-ana", "<img src=x onerror=alert(1)><b>bold</b>")
        await row(page, "c-ana").locator(".row").click()
        await expect(texts(page)).to_have_text("<img src=x onerror=alert(1)><b>bold</b>")
        assert await page.locator(".text b, .text img").count() == 0


async def test_availability_is_a_switch(browser: Browser, server: ConsoleServer) -> None:
    async with at_desk(browser, server) as page:
        switch = page.get_by_role("switch")
        await expect(switch).to_have_attribute("aria-checked", "true")
        await page.keyboard.press("Alt+a")
        await expect(switch).to_have_attribute("aria-checked", "false")
        assert server.questions("available") == [{"on": False}]
        assert PEOPLE["maria@clinic.example"]["available"] is True


async def test_unread_lines_of_an_own_conversation_are_counted(browser: Browser, server: ConsoleServer) -> None:
    async with at_desk(browser, server) as page:
        await open_mine(page, server)
        await server.add("c-ben")
        await row(page, "c-ben").locator(".row").click()
        await expect(texts(page)).to_have_count(1)
        for text in ("hello?", "are you there?"):
            await server.say("c-ana", text)
        await expect(row(page, "c-ana").locator(".unread")).to_contain_text("2 unread")


async def test_a_reply_under_way_survives_a_reload_and_arrives_once(browser: Browser, server: ConsoleServer) -> None:
    async with at_desk(browser, server) as page:
        await open_mine(page, server)
        server.refuse_connections = True
        await server.cut()
        await expect(page.locator("[data-line=cut]")).to_be_visible()
        await page.get_by_label("Your reply").fill("on its way")
        await page.keyboard.press("Enter")
        await page.reload()
        await expect(page.locator("[data-line=cut]")).to_be_visible()
        server.refuse_connections = False
        await page.get_by_role("button", name="Try now").click()
        await row(page, "c-ana").locator(".row").click()
        await expect(texts(page).last).to_have_text("on its way")
        await expect(page.locator(".fate")).to_have_text("Sent")
        assert [message["text"] for message in server.messages["c-ana"]].count("on its way") == 1


async def test_a_gap_is_filled_even_when_the_queue_says_nothing(browser: Browser, server: ConsoleServer) -> None:
    async with at_desk(browser, server) as page:
        await open_mine(page, server)
        server.lose("message", "item")
        await server.say("c-ana", "lost")
        server.lose("item")
        await server.say("c-ana", "arrived")
        await expect(texts(page).last).to_have_text("arrived")
        await expect(texts(page).get_by_text("lost", exact=True)).to_have_count(1)


async def test_when_every_event_is_lost_a_quiet_console_asks_by_itself(browser: Browser, server: ConsoleServer) -> None:
    async with at_desk(browser, server) as page:
        await open_mine(page, server)
        await page.clock.install()
        await page.reload()
        await row(page, "c-ana").locator(".row").click()
        await expect(page.get_by_label("Your reply")).to_be_visible()
        server.lose("message", "item", "gone")
        await server.say("c-ana", "nobody told you")
        await server.add("c-ben")
        await page.clock.run_for(21_000)
        await expect(row(page, "c-ben")).to_be_visible()
        await expect(texts(page).last).to_have_text("nobody told you")


async def test_a_service_that_is_starting_is_waited_for_and_nothing_unsent_is_lost(browser: Browser, server: ConsoleServer) -> None:
    async with at_desk(browser, server) as page:
        await open_mine(page, server)
        await page.get_by_label("Your reply").fill("half a sentence")
        await page.route("**/api/staff/session", lambda route: route.abort())
        await page.reload()
        await expect(page.get_by_role("status")).to_contain_text("did not answer")
        await page.unroute("**/api/staff/session")
        await row(page, "c-ana").locator(".row").click()
        await expect(page.get_by_label("Your reply")).to_have_value("half a sentence")
