"""The console against the real service: what is offered to one person at a time, passed on with a note, and parked."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Browser, expect
from sqlalchemy import update

from handoff.desk.work import Work
from handoff.store import tables as t
from tests.browser.test_console import row, texts
from tests.browser.test_console_access import clean
from tests.browser.test_console_service import open_console, sign_in
from tests.service import Node


async def test_offered_to_maria_who_is_busy_then_to_sam_who_passes_it_on_to_her(browser: Browser, tmp_path: Path) -> None:
    async with Node(tmp_path) as node:
        maria = await sign_in(await browser.new_context(bypass_csp=True), node, "Maria")
        ana = await node.patient()
        await ana.send("my bill is wrong")
        await ana.person()
        await ana.sees("How would you like to go on?")
        await ana.press("Chat with a person now")
        offered = maria.locator(".tag.to-you")
        await expect(offered).to_be_visible()
        sam = await open_console(await browser.new_context(bypass_csp=True), node, "Sam")
        await expect(sam.locator(".item")).to_have_count(1)
        await maria.keyboard.press("Alt+n")
        bar = maria.get_by_role("group", name="This is offered to you.")
        await expect(bar).to_contain_text("s left, then it goes to whoever else is free")
        await clean(maria, "an offer")
        await bar.get_by_role("button", name="Busy").click()
        await expect(bar).to_have_count(0)
        await expect(maria.get_by_text("Offered to Sam now. You can take it all the same.")).to_be_visible()

        await sam.keyboard.press("Alt+n")
        await expect(sam.get_by_role("group", name="This is offered to you.")).to_be_visible()
        await sam.keyboard.press("Alt+t")
        await ana.sees("Sam has joined the chat.")
        await expect(sam.get_by_role("button", name="Pass on…")).to_be_visible()
        await sam.keyboard.press("Alt+g")
        dialog = sam.get_by_role("dialog", name="Pass the conversation on")
        await dialog.get_by_role("button", name="Pass it on").click()
        await expect(dialog.get_by_role("alert")).to_have_text("Please choose a colleague or a team.")
        await dialog.get_by_label("To whom?").select_option(label="Maria (here)")
        await dialog.get_by_label("Note for colleagues (optional)").fill("She was charged twice.")
        await clean(sam, "passing on")
        await dialog.get_by_role("button", name="Pass it on").click()
        await ana.sees("You are being passed on to a colleague")

        await expect(maria.get_by_role("group", name="This is offered to you.")).to_be_visible()
        note = maria.get_by_role("region", name="Note from a colleague")
        await expect(note).to_contain_text("She was charged twice.")
        await maria.keyboard.press("Alt+t")
        await ana.sees("Maria has joined the chat.")
        await expect(maria.get_by_role("button", name="Park")).to_be_visible()
        await expect(note).to_contain_text("She was charged twice.")
        await maria.keyboard.press("Alt+w")
        await expect(maria.locator(".item .row-end")).to_contain_text("Parked")
        await expect(maria.locator(".context")).to_contain_text("Parked")
        await ana.send("sorry, the phone rang")
        await expect(texts(maria).last).to_have_text("sorry, the phone rang")
        conversation = str(await maria.locator(".item").get_attribute("data-conversation"))
        await expect(row(maria, conversation)).to_have_attribute("data-state", "human")


async def test_whoever_answers_no_offer_is_told_that_they_are_away_now(browser: Browser, tmp_path: Path) -> None:
    async with Node(tmp_path) as node:
        page = await sign_in(await browser.new_context(), node, "Maria")
        await expect(page.get_by_role("switch", name="Available")).to_be_visible()

        def away(work: Work) -> None:
            work.db.execute(update(t.staff).values(available=False))
            (staff,) = work.db.execute(t.staff.select()).all()
            work.ring_staff(staff.id)

        await node.service.desk.do(away)
        await expect(page.get_by_role("switch", name="Away")).to_be_visible()
        told = page.locator(".notice").get_by_text("You did not answer several offers")
        await expect(told).to_be_visible()
        await page.get_by_role("switch", name="Away").click()
        await expect(page.get_by_role("switch", name="Available")).to_be_visible()
        await expect(told).to_have_count(0)


async def test_whoever_is_asked_about_danger_instead_is_told_where_the_other_went(browser: Browser, tmp_path: Path) -> None:
    """Ana is offered to Maria; then Ben writes that he is in danger, and takes her place: Ana stays in the queue."""
    async with Node(tmp_path) as node:
        maria = await sign_in(await browser.new_context(bypass_csp=True), node, "Maria")
        ana, ben = await node.patient(), await node.patient()
        await ana.person()
        await ana.sees("How would you like to go on?")
        await ana.press("Chat with a person now")
        await expect(maria.locator(".item .tag.to-you")).to_be_visible()  # there is nothing to open before
        await maria.keyboard.press("Alt+n")
        bar = maria.get_by_role("group", name="This is offered to you.")
        await expect(bar).to_be_visible()
        await ben.send("i want to kill myself")
        await expect(maria.get_by_text("What was offered to you is not any more").first).to_be_visible()
        await expect(bar).to_have_count(0)
        await expect(maria.locator(".item")).to_have_count(2)
        first = maria.locator(".item").first
        await expect(first.locator(".tag.to-you")).to_be_visible()
        await clean(maria, "an offer displaced by a safety matter")
