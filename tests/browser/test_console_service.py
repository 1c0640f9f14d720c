"""The console against the real service: Ana asks for a person; Maria and Sam sit at two desks."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Page, expect

from handoff.staff import accounts
from handoff.staff.access import Role
from tests.browser.test_console import row, texts
from tests.service import Node


async def open_console(context: BrowserContext, node: Node, name: str) -> Page:
    """A console that was opened by a one-time link."""
    desk = node.service.desk
    staff = await desk.do(accounts.add, email=f"{name.lower()}@clinic.example", name=name, role=Role.MEMBER)
    page = await context.new_page()
    await page.goto(f"{node.url}/desk#code={await desk.do(accounts.make_code, staff)}")
    return page


async def sign_in(context: BrowserContext, node: Node, name: str) -> Page:
    """The same, while nobody waits."""
    page = await open_console(context, node, name)
    await expect(page.locator("[data-line]")).to_have_count(0)
    await expect(page.get_by_text("Nobody is waiting")).to_be_visible()
    return page


async def test_ana_asks_maria_takes_sam_sees_it_and_the_bot_gets_it_back(browser: Browser, tmp_path: Path) -> None:
    async with Node(tmp_path) as node:
        maria = await sign_in(await browser.new_context(), node, "Maria")
        sam = await sign_in(await browser.new_context(), node, "Sam")
        ana = await node.patient()
        await ana.send("the wait was long")
        await ana.person()
        await ana.sees("How would you like to go on?")
        await ana.press("Chat with a person now")
        await expect(maria.locator(".alert")).to_contain_text("1 patient is waiting")
        await expect(sam.locator(".alert")).to_contain_text("1 patient is waiting")
        conversation = str(await maria.locator(".item").get_attribute("data-conversation"))

        await row(sam, conversation).locator(".row").click()
        await row(maria, conversation).get_by_role("button", name="Take").click()
        await expect(row(sam, conversation)).to_contain_text("With Maria")
        await expect(sam.locator(".viewers")).to_have_text("Maria is viewing")
        await expect(texts(maria).get_by_text("the wait was long", exact=True)).to_have_count(1)
        await maria.get_by_label("Your reply").fill("Hello Ana, I am sorry about that.")
        await maria.keyboard.press("Enter")
        await ana.sees("I am sorry about that.")
        await expect(texts(sam).last).to_have_text("Hello Ana, I am sorry about that.")
        await expect(maria.locator(".fate")).to_have_text("Sent")
        await ana.ask("typing", on=True)
        await expect(maria.get_by_text("Patient is typing…")).to_be_visible()
        await ana.send("thank you")
        await expect(texts(maria).last).to_have_text("thank you")

        await maria.get_by_role("button", name="Hand back to the bot").click()
        await ana.sees("I'm the assistant again")
        await expect(row(maria, conversation)).to_have_count(0)
        await expect(row(sam, conversation)).to_have_count(0)
        await maria.locator(".menu summary").click()
        await maria.get_by_role("button", name="Sign out").click()
        await expect(maria.get_by_role("heading", name="Sign in")).to_be_visible()
