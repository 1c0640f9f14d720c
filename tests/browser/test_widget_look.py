"""What the widget weighs, what it asks of a page, and who can use it: axe on every state, the keyboard alone, small and zoomed screens."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tests.browser.widget_page import Widget, chromium
from tests.browser.widget_server import ROOT, FakeService

MOST = 40 * 1024
OURS = [path for path in (ROOT / "widget").rglob("*.js") if "vendor" not in path.parts]
STATES = ("closed", "greeted", "answered", "waiting", "human", "failed", "lost", "menu", "sure", "over")
SCREENS: dict[str, dict[str, Any]] = {
    "desktop": {},
    "dark": {"color_scheme": "dark"},
    "phone": {"viewport": {"width": 320, "height": 568}, "has_touch": True},
    "zoomed": {"viewport": {"width": 500, "height": 380}},
    "forced": {"forced_colors": "active"},
    "rtl": {"direction": "rtl"},
}
FOR_AXE = ("desktop", "dark", "phone")  # what differs in what axe looks at


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def service() -> Iterator[FakeService]:
    with FakeService() as running:
        yield running


def bring_to(state: str, widget: Widget, service: FakeService) -> None:
    if state == "closed":
        widget.go()
        expect(widget.launcher).to_be_visible()
        return
    widget.start()
    service.say("Overall, how was your experience of our service?", buttons=("Very good", "Good", "Poor"))
    widget.see("Very good")
    after: dict[str, Callable[[], object]] = {
        "answered": lambda: (widget.button("Good").click(), widget.see("✓")),
        "waiting": lambda: (service.move(state="waiting", ahead=2, can=["end"]), widget.see("2 ahead of you")),
        "human": lambda: (
            service.say("Hello, this is Maria.", author="staff", name="Maria"),
            service.move(state="human", staff={"name": "Maria"}, can=["end"]),
            service.emit("typing", {"author": "staff", "name": "Maria", "on": True}),
            widget.see("Maria is writing"),
        ),
        "failed": lambda: (
            service.errors.append({"code": "empty", "message": "", "retry": False}),
            widget.write("hm"),
            widget.see("Not sent"),
        ),
        "lost": lambda: (
            setattr(service, "session_error", {"code": "store_unavailable", "message": "", "retry": True, "status": 503}),
            service.cut(),
            widget.see("Connection lost"),
        ),
        "menu": lambda: widget.page.locator("#menu-button").click(),
        "sure": lambda: widget.menu("Delete my data"),
        "over": lambda: (service.emit("bye", {"reason": "expired"}), widget.see("This chat has expired.")),
    }
    if state in after:
        after[state]()


@pytest.mark.parametrize("screen", FOR_AXE)
def test_axe_finds_nothing_in_any_state(browser: Browser, screen: str) -> None:
    for state in STATES:
        with FakeService() as service:
            widget = Widget(browser, service, **SCREENS[screen])
            bring_to(state, widget, service)
            found = Axe().run(widget.page).response["violations"]
            assert [(state, one["id"], [node["target"] for node in one["nodes"]]) for one in found] == []
            assert widget.wrong() == []
            widget.context.close()


@pytest.mark.parametrize("screen", SCREENS)
def test_nothing_is_cut_off_and_every_target_is_large_enough(browser: Browser, service: FakeService, screen: str) -> None:
    widget = Widget(browser, service, **SCREENS[screen])
    bring_to("answered", widget, service)
    widget.box.fill("x" * 3990)
    widget.see("Not for emergencies. In an emergency, call 911.")
    expect(widget.button("Talk to a person")).to_be_in_viewport(ratio=1)
    expect(widget.button("Close")).to_be_in_viewport(ratio=1)
    assert widget.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    small = widget.page.evaluate(
        """() => [...document.querySelector('feedback-chat').shadowRoot.querySelectorAll('button, summary, textarea')]
        .map(e => [e.innerText, e.getBoundingClientRect()])
        .filter(([, box]) => box.width && (box.width < 44 || box.height < 44)).map(([text]) => text)"""
    )
    assert small == []
    widget.context.close()


def test_the_keyboard_alone_is_enough(browser: Browser, service: FakeService) -> None:
    widget = Widget(browser, service)
    widget.go()
    expect(widget.launcher).to_be_visible()  # the module draws it after the page has loaded
    widget.page.keyboard.press("Tab")
    expect(widget.launcher).to_be_focused()
    widget.page.keyboard.press("Enter")
    widget.until_online()
    expect(widget.box).to_be_focused()
    service.say("How was it?", buttons=("Good", "Poor"))
    widget.see("Poor")
    for name in ("Talk to a person", "Poor", "Good"):
        widget.page.keyboard.press("Shift+Tab")
        expect(widget.button(name)).to_be_focused()
    widget.page.keyboard.press("Enter")
    widget.until(lambda: service.texts() == ["Good"])
    expect(widget.box).to_be_focused()
    widget.page.keyboard.press("Escape")
    expect(widget.launcher).to_be_focused()
    widget.context.close()


def test_on_a_phone_the_panel_is_modal_and_keeps_the_focus(browser: Browser, service: FakeService) -> None:
    widget = Widget(browser, service, **SCREENS["phone"])
    bring_to("greeted", widget, service)
    panel = widget.page.get_by_role("dialog", name="Tell us how it went")
    expect(panel).to_have_attribute("aria-modal", "true")
    inside = "document.activeElement === document.querySelector('feedback-chat')"
    for key in ("Tab",) * 12 + ("Shift+Tab",) * 14:
        widget.page.keyboard.press(key)
        assert widget.page.evaluate(inside)
        assert widget.focused() != "launcher"
    widget.context.close()


def test_screen_readers_hear_who_said_what_in_a_region_that_was_there_first(browser: Browser, service: FakeService) -> None:
    widget = Widget(browser, service)
    widget.start()
    log = widget.page.get_by_role("log", name="Tell us how it went")
    expect(log).to_have_attribute("aria-live", "polite")
    expect(log.locator(".said")).to_have_count(0)
    widget.write("Good morning")
    widget.see("Good morning")
    widget.holds("chat.thread.pending.length === 0")
    service.say("Hello.")
    service.say("I'm Maria.", author="staff", name="Maria")
    widget.see("I'm Maria.")
    heard = [" ".join(text.split()) for text in log.locator(".said > .hidden").all_text_contents()]
    assert heard == ["You said:", "Assistant said:", "Maria, staff said:"]
    widget.context.close()


def test_markup_in_messages_is_text(browser: Browser, service: FakeService) -> None:
    widget = Widget(browser, service)
    widget.start()
    nasty = ["<img src=x onerror=alert(1)>", "javascript:alert(1)", "\u202eevil", "<script>alert(1)</script>", "[a](javascript:alert(1))"]
    for text in nasty:
        service.say(text, author="staff", name="<b>Maria</b>", buttons=(text,))
    widget.holds("chat.thread.messages.length === 5")
    assert widget.said.all_text_contents() == nasty
    expect(widget.page.locator("#panel img, #panel script, #panel a, #panel b")).to_have_count(0)
    assert widget.wrong() == []
    widget.context.close()


@pytest.mark.parametrize("lang", ["en", "es"])
def test_a_visitor_downloads_at_most_40_kb_and_from_us_alone(browser: Browser, service: FakeService, lang: str) -> None:
    widget = Widget(browser, service, lang=lang)
    asked: list[str] = []
    widget.page.on("request", lambda request: asked.append(request.url))
    body = f'<script async src="{service.url}/widget/embed.js" data-layout="inline"></script>'
    widget.go(body=body)
    widget.holds("chat?.line === 'open' && chat.thread.state !== null")
    expect(widget.page.get_by_role("heading", name={"en": "Tell us how it went", "es": "Cuéntenos cómo fue"}[lang])).to_be_visible()
    files = {path.removeprefix("/") for path in service.requests if path.startswith("/widget/")}
    assert "widget/embed.js" in files
    weight = sum(len(gzip.compress((ROOT / path).read_bytes(), 9)) for path in files)
    assert weight <= MOST, f"{weight} bytes in {len(files)} files"
    assert {url.split("/")[2] for url in asked if not url.startswith(("blob:", "data:"))} == {service.url.split("/")[2]}
    assert widget.wrong() == []
    widget.context.close()


def test_calls_made_before_the_script_has_come_are_kept(browser: Browser, service: FakeService) -> None:
    widget = Widget(browser, service)
    widget.page.add_init_script(
        """window.Heard = window.Heard || function () { (Heard.q = Heard.q || []).push(arguments) };
        Heard('on', 'open', () => { window.opened = 1 }); Heard('open')"""
    )
    widget.go(body=f'<script async src="{service.url}/widget/embed.js"></script>')
    widget.holds("chat?.isOpen && window.opened === 1")
    for call, expected in (("close", "false"), ("toggle", "true")):
        widget.page.evaluate(f"Heard('{call}')")
        expect(widget.launcher).to_have_attribute("aria-expanded", expected)
    widget.page.evaluate("Heard('shutdown')")
    expect(widget.page.locator("feedback-chat")).to_have_count(0)
    widget.context.close()


def test_vendored_modules_are_what_the_list_says() -> None:
    folder = ROOT / "widget" / "vendor"
    listed = json.loads((folder / "vendor.json").read_text(encoding="utf-8"))
    assert {one["file"]: one["sha256"] for one in listed} == {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.js")
    }


def test_our_code_never_makes_markup_of_text() -> None:
    forbidden = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|dangerouslySet|style=\"|<style")
    assert {path.name: forbidden.findall(path.read_text(encoding="utf-8")) for path in OURS} == {path.name: [] for path in OURS}


def test_both_languages_have_the_same_words() -> None:
    keys = [
        re.findall(r"^ +(\w+):", (ROOT / "widget/locales" / name).read_text(encoding="utf-8"), re.MULTILINE) for name in ("en.js", "es.js")
    ]
    assert sorted(keys[0]) == sorted(keys[1])
