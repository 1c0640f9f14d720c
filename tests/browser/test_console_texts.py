"""What the console shows of texts: under each message what became of it, and across the page what stands in their way."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Browser, expect

from tests.browser.console_server import ConsoleServer, ago
from tests.browser.test_console import at_desk, open_mine, row, server

__all__ = ["server"]  # fixtures


async def test_under_a_message_stands_what_became_of_its_text(browser: Browser, server: ConsoleServer) -> None:
    async with at_desk(browser, server) as page:
        await open_mine(page, server)
        message = await server.say("c-ana", "Hello Ana.", author="staff", name="Maria")
        fate = page.locator(f'.said[data-seq="{message["seq"]}"] .fate')
        for state, reason, words in [
            ("queued", None, "Text waits"),
            ("queued", "quiet_hours", "Text waits. It is night where the patient is. It goes out at 8:00 their time."),
            ("uncertain", None, "Text: delivery uncertain"),
            ("sent", None, "Text sent"),
            ("delivered", None, "Text delivered"),
            ("failed", "landline", "Text not delivered. This number cannot take texts; it may be a landline. Please phone instead."),
        ]:
            told = {"conversation": "c-ana", "deliveries": {message["id"]: {"state": state, "reason": reason}}}
            await server.tell("deliveries", told, "c-ana")
            await expect(fate).to_have_text(words)


async def test_what_stands_in_the_way_of_texts_is_said_across_the_page(browser: Browser, server: ConsoleServer) -> None:
    server.texting = ["account"]
    async with at_desk(browser, server) as page:
        await expect(page.locator('[data-texting="account"]')).to_contain_text("refuses our account")


def of(state: str, reason: str | None = None, *, phone: str = "12") -> dict[str, str | None]:
    """What became of the text to a phone of whoever is on call."""
    return {"phone": phone, "state": state, "reason": reason}


async def test_a_page_that_did_not_come_to_a_phone_is_said_in_the_queue_and_with_its_reason(
    browser: Browser, server: ConsoleServer
) -> None:
    page_of: dict[str, Any] = {
        "who": "everybody",
        "step": 0,
        "at": ago(),
        "texts": [of("delivered", phone="11"), of("delivered", phone="12")],
    }
    async with at_desk(browser, server) as page:
        await server.add("c-ben", "I want to end it all", priority=0, reasons=[{"reason": "unsafe", "words": "end it all"}], page=page_of)
        await expect(row(page, "c-ben")).to_contain_text("Everybody called")
        await expect(row(page, "c-ben")).not_to_contain_text("not reached")
        await row(page, "c-ben").click()
        for lost, words in [
            (of("failed", "opted_out"), "A page did not come to the phone ending in 12: whoever has that phone has stopped our texts"),
            (of("uncertain"), "A page may not have come to the phone ending in 12: the provider did not say"),
            (of("queued", "account"), "A page has not come yet to the phone ending in 12: the provider refuses our account."),
            (of("failed", "refused"), "A page did not come to the phone ending in 12: the provider refused it."),
        ]:
            await server.change("c-ben", page={**page_of, "texts": [lost, of("sent", phone="11")]})
            await expect(row(page, "c-ben")).to_contain_text("1 of 2 phones not reached (…12)")
            await expect(page.locator(".lost-pages")).to_contain_text(words)
        await server.change("c-ben", page={**page_of, "texts": [of("queued"), of("sent", phone="11")]})
        await expect(row(page, "c-ben")).not_to_contain_text("not reached")
        await expect(page.locator(".lost-pages")).to_have_count(0)


async def test_what_whoever_is_on_call_texts_back_stands_in_the_history(browser: Browser, server: ConsoleServer) -> None:
    here = {"from_state": "waiting", "to_state": "waiting"}
    server.moves["c-ben"] = [{"at": ago(), "who": "on_call", "event": "on_call_wrote", **here, "why": "<b>On my way</b>"}]
    async with at_desk(browser, server) as page:
        await server.add("c-ben", "I want to end it all", priority=0, reasons=[{"reason": "unsafe", "words": "end it all"}])
        await row(page, "c-ben").click()
        await expect(page.locator(".context .moves")).to_contain_text("On call, by text wrote")
        await expect(page.locator(".context .moves q")).to_have_text("<b>On my way</b>")
        server.moves["c-ben"].append({**server.moves["c-ben"][0], "why": "I am there"})
        await server.change("c-ben")
        await expect(page.locator(".context .moves q")).to_have_text(["<b>On my way</b>", "I am there"])


async def test_a_picture_is_said_to_have_come_or_shown_small_with_words_for_who_cannot_see_it(
    browser: Browser, server: ConsoleServer
) -> None:
    async with at_desk(browser, server) as page:
        await open_mine(page, server)
        message = await server.say("c-ana", "This is my arm", pressed="picture")
        said = page.locator(f'.said[data-seq="{message["seq"]}"]')
        await expect(said.get_by_text("A picture came with this text; it was not opened")).to_be_visible()
        fates: list[tuple[list[dict[str, str | None]], str]] = [
            ([{"id": None, "state": "not_opened", "reason": None}] * 2, "2 pictures came with this text; they were not opened"),
            ([{"id": "p1", "state": "waiting", "reason": None}], "it is being fetched"),
            ([{"id": "p1", "state": "failed", "reason": "too_big"}], "it could not be shown: it is larger than 5 MB"),
        ]
        for fate, words in fates:
            await server.tell("deliveries", {"conversation": "c-ana", "deliveries": {}, "pictures": {message["id"]: fate}}, "c-ana")
            await expect(said).to_contain_text(words)
        kept = [{"id": "p1", "state": "kept", "reason": None}]
        await server.tell("deliveries", {"conversation": "c-ana", "deliveries": {}, "pictures": {message["id"]: kept}}, "c-ana")
        picture = said.get_by_role("img", name="Picture from the patient")
        await expect(picture).to_be_visible()
        assert await picture.evaluate("image => image.naturalWidth") == 160
        small = (await picture.bounding_box() or {})["width"]
        await said.get_by_role("button", name="Picture from the patient").click()
        await expect(said.locator(".picture")).to_have_attribute("data-large", "true")
        assert (await picture.bounding_box() or {})["width"] >= small
