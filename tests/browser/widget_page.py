"""A page with `<feedback-chat>` in Chromium, and how its tests speak of it. Nothing here waits for a length of time."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from tests.browser.chromium import ARGS, find
from tests.browser.widget_server import FakeService

HTML = """<!doctype html><html lang="{lang}" dir="{dir}"><head><meta charset="utf-8"><title>Elm Street</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<script type="module" src="{server}/widget/feedback-chat.js"></script></head>
<body><main><h1>Elm Street Clinic</h1><p>Welcome.</p>{body}</main></body></html>"""
# Policy reports and script errors, kept where a test can read them.
WATCH = """window.wrong = [];
addEventListener('securitypolicyviolation', (e) => wrong.push(e.violatedDirective + ' ' + e.blockedURI));
addEventListener('error', (e) => wrong.push(String(e.message)));
addEventListener('unhandledrejection', (e) => wrong.push(String(e.reason)));"""


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=ARGS)
        yield browser
        browser.close()


class Widget:
    """The widget on a page: `open`, `write`, `press`, and what a patient sees."""

    def __init__(self, browser: Browser, service: FakeService, *, lang: str = "en", direction: str = "ltr", **context: Any) -> None:
        self.service = service
        self.url = service.url
        self.context = browser.new_context(**{"viewport": {"width": 1000, "height": 760}, **context})
        self.context.set_default_timeout(8000)
        self._page_of = functools.partial(HTML.format, lang=lang, dir=direction, server=service.url)
        self.page = self.context.new_page()
        self.page.add_init_script(WATCH)

    def go(self, attributes: str = "", page: Page | None = None, *, body: str | None = None) -> Widget:
        self.service.page_html = self._page_of(body=f"<feedback-chat {attributes}></feedback-chat>" if body is None else body)
        (page or self.page).goto(self.url)
        return self

    def start(self, attributes: str = "") -> Widget:
        """On the page, opened, and connected."""
        self.go(attributes)
        if "layout" not in attributes:
            self.launcher.click()
        return self.until_online()

    def until_online(self) -> Widget:
        self.holds("chat.line === 'open' && chat.thread.state !== null")
        return self

    def holds(self, what: str, page: Page | None = None) -> None:
        """Wait until an expression about `chat` is true. Not `wait_for_function`: its polling needs eval, which the policy forbids."""
        (page or self.page).evaluate(
            f"""() => new Promise((done, fail) => {{
              const end = Date.now() + 8000;
              const look = () => {{
                const chat = document.querySelector('feedback-chat');
                if ({what}) done(true);
                else if (Date.now() > end) fail(new Error('it did not come about'));
                else setTimeout(look, 15);
              }};
              look();
            }})"""
        )

    @property
    def launcher(self) -> Locator:
        return self.page.locator("#launcher")

    @property
    def box(self) -> Locator:
        return self.page.locator("textarea")

    @property
    def said(self) -> Locator:
        return self.page.locator(".said .text")

    @property
    def typing(self) -> Locator:
        return self.page.locator(".typing")

    def see(self, text: str) -> Locator:
        found = self.page.locator("#panel").get_by_text(text).first
        expect(found).to_be_visible()
        return found

    def write(self, text: str) -> None:
        self.box.fill(text)
        self.box.press("Enter")

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def menu(self, item: str) -> None:
        self.page.locator("#menu-button").click()
        self.button(item).click()

    def focused(self) -> str:
        """The id, or else the words, of what has the focus inside the widget."""
        return str(
            self.page.evaluate("(e => e ? e.id || e.innerText : '')(document.querySelector('feedback-chat').shadowRoot.activeElement)")
        )

    def texts(self) -> list[str]:
        return self.said.all_inner_texts()

    def until(self, holds: Callable[[], bool]) -> None:
        """Look again until something of the service's record holds, 8 s at most."""
        for _ in range(500):
            if holds():
                return
            self.page.evaluate("new Promise(done => setTimeout(done, 15))")
        raise AssertionError("it did not come about")

    def wrong(self) -> list[str]:
        return list(self.page.evaluate("window.wrong"))
