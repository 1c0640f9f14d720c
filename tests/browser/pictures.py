"""The README's two pictures, taken of a running Heard: `python -m tests.browser.pictures SIGN_IN_LINK` (what `make run` prints)."""

from __future__ import annotations

import sys

from playwright.sync_api import Page, expect, sync_playwright

from handoff.settings import ROOT
from tests.browser.chromium import ARGS, find


def sees(page: Page, text: str) -> None:
    expect(page.get_by_text(text).last).to_be_visible(timeout=15_000)


def write(page: Page, label: str, text: str) -> None:
    page.get_by_label(label).fill(text)
    page.keyboard.press("Enter")


def take(link: str) -> None:
    """A patient and Maria in the middle of a talk, both as they see it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=ARGS)
        maria = browser.new_page(viewport={"width": 1180, "height": 760})
        maria.goto(link)
        sees(maria, "Choose a conversation")
        ana = browser.new_page(viewport={"width": 1180, "height": 760})
        ana.goto(link.partition("/desk")[0])
        ana.get_by_role("button", name="Give feedback").click()
        sees(ana, "Overall, how was your experience")
        ana.get_by_role("button", name="Poor", exact=True).click()
        sees(ana, "How would you like to go on?")
        ana.get_by_role("button", name="Go on with the questions").click()
        sees(ana, "why you gave your answer")
        write(ana, "Write a message", "I waited two hours and nobody told me why. Can I talk to someone?")
        sees(ana, "How would you like to go on?")
        ana.get_by_role("button", name="Chat with a person now").click()
        sees(ana, "next in line")
        maria.get_by_role("button", name="Take").first.click()
        write(maria, "Your reply", "Hello, this is Maria. I am sorry you waited so long. Which day was it?")
        sees(ana, "Which day was it?")
        write(ana, "Write a message", "It was on Tuesday, about my blood test.")
        sees(maria, "about my blood test.")
        ana.screenshot(path=ROOT / "widget" / "page" / "widget.png")
        maria.screenshot(path=ROOT / "handoff" / "console" / "console.png")
        browser.close()


if __name__ == "__main__":
    take(sys.argv[1])
