"""The thread follows what is said while the patient reads its end, and leaves whoever reads further up where they are."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.test_widget import browser, service, widget
from tests.browser.widget_page import Widget
from tests.browser.widget_server import FakeService

__all__ = ["browser", "service", "widget"]  # fixtures
JUMP = "New messages ↓"
ROUTES = ("Chat with a person now", "Have somebody call me back", "Go on by text message", "Leave a message", "Go on with the questions")
MARIA = {"name": "Maria"}


def with_maria(widget: Widget, service: FakeService, *, lines: int) -> None:
    """On a phone: the assistant's buttons have gone, and a person speaks."""
    widget.page.set_viewport_size({"width": 375, "height": 667})
    widget.start()
    for number in range(lines):
        service.say(f"Line {number} of what was said before")
    service.say("How would you like to go on?", buttons=ROUTES)
    widget.see(ROUTES[-1])
    service.move(state="human", staff=MARIA, can=["end"])
    service.say("Maria has joined the chat.", author="service")
    widget.see("Maria has joined the chat.")
    expect(widget.button(ROUTES[-1])).to_have_count(0)
    expect(widget.said.last).to_be_in_viewport(ratio=1)


def test_passed_on_the_buttons_come_back_and_the_newest_words_stay_in_sight(widget: Widget, service: FakeService) -> None:
    with_maria(widget, service, lines=2)  # all of it fits, so no browser keeps its place by itself
    service.move(state="waiting", staff=None, ahead=0)
    expect(widget.button(ROUTES[-1])).to_have_count(1)
    expect(widget.said.last).to_be_in_viewport(ratio=1)
    service.say("You are being passed on to a colleague.", author="service")
    expect(widget.said.last).to_have_text("You are being passed on to a colleague.")
    expect(widget.said.last).to_be_in_viewport(ratio=1)
    expect(widget.button(JUMP)).to_have_count(0)


def test_what_was_asked_before_danger_can_be_pressed_no_more(widget: Widget, service: FakeService) -> None:
    with_maria(widget, service, lines=2)
    service.move(state="waiting", staff=None, ahead=0)
    expect(widget.button(ROUTES[-1])).to_have_count(1)
    service.move(passed=len(service.stored))
    expect(widget.button(ROUTES[-1])).to_have_count(0)


def test_whoever_reads_further_up_stays_there_and_is_told(widget: Widget, service: FakeService) -> None:
    with_maria(widget, service, lines=12)
    widget.said.first.scroll_into_view_if_needed()
    service.move(state="waiting", staff=None, ahead=0)
    expect(widget.button(ROUTES[-1])).to_have_count(1)
    expect(widget.said.first).to_be_in_viewport(ratio=1)
    service.say("You are being passed on to a colleague.", author="service")
    expect(widget.said.first).to_be_in_viewport(ratio=1)
    widget.button(JUMP).click()
    expect(widget.said.last).to_be_in_viewport(ratio=1)
    expect(widget.button(JUMP)).to_have_count(0)
    assert widget.focused() == "log"
