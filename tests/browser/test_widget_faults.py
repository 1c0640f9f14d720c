"""The widget on bad days: lost, doubled and reordered events, cut lines, refused tickets, a service that is slow, full or gone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.widget_page import Widget, chromium
from tests.browser.widget_server import FakeService


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def service() -> Iterator[FakeService]:
    with FakeService() as running:
        yield running


@pytest.fixture
def widget(browser: Browser, service: FakeService) -> Iterator[Widget]:
    made = Widget(browser, service)
    yield made
    wrong = made.wrong()
    made.context.close()
    assert wrong == []


def sends(service: FakeService) -> list[str]:
    return [data["client_id"] for event, data in service.sent if event == "send"]


def test_no_ack_means_the_same_id_again_and_one_message(widget: Widget, service: FakeService) -> None:
    widget.start()
    service.lose_acks = 1
    service.lose_events = 1
    widget.write("Good")
    widget.until(lambda: len(sends(service)) == 2)
    assert len(set(sends(service))) == 1
    expect(widget.said).to_have_text(["Good"])
    assert service.texts() == ["Good"]


def test_lost_events_are_asked_for_doubled_ones_shown_once(widget: Widget, service: FakeService) -> None:
    widget.start()
    service.double_events = True
    service.say("one")
    service.lose_events = 1
    service.say("two")
    service.say("three")
    expect(widget.said).to_have_text(["one", "two", "three"])


def test_reordered_events_end_in_the_order_of_the_record(widget: Widget, service: FakeService) -> None:
    widget.start()
    kept = [service.keep("bot", text) for text in ("one", "two", "three")]
    for place in (2, 0, 1):
        service.emit("message", kept[place])
    expect(widget.said).to_have_text(["one", "two", "three"])


def test_a_long_record_is_fetched_page_by_page(widget: Widget, service: FakeService) -> None:
    for number in range(450):
        service.keep("bot", f"line {number}")
    widget.start()
    expect(widget.said).to_have_count(450)


def test_a_lost_echo_does_not_leave_a_message_sending(widget: Widget, service: FakeService) -> None:
    widget.start()
    service.lose_events = 1
    widget.write("Good")
    widget.until(lambda: service.texts() == ["Good"])
    widget.holds("chat.thread.pending.length === 0 && chat.thread.messages.length === 1")


def test_the_line_is_cut_and_comes_back_with_a_new_ticket(widget: Widget, service: FakeService) -> None:
    widget.start()
    service.say("before")
    widget.see("before")
    service.refuse_tickets = 1
    service.cut()
    widget.see("Connection lost. Trying again")
    service.keep("bot", "meanwhile")
    widget.see("meanwhile")
    tickets = [auth["ticket"] for event, auth in service.sent if event == "connect"]
    assert len(tickets) >= 3
    assert len(set(tickets)) == len(tickets)
    assert widget.texts() == ["before", "meanwhile"]


def test_ten_cuts_while_writing_lose_nothing_and_double_nothing(widget: Widget, service: FakeService) -> None:
    widget.start()
    for number in range(10):
        widget.write(f"mine {number}")
        service.cut()
        service.keep("bot", f"yours {number}")
    widget.page.evaluate("dispatchEvent(new Event('online'))")
    widget.until(lambda: len(service.texts()) == 10)
    widget.holds("chat.thread.pending.length === 0 && chat.thread.messages.length === 20")
    assert service.texts() == [f"mine {number}" for number in range(10)]
    assert widget.texts() == [message["text"] for message in service.stored]


def test_without_a_network_words_wait_and_survive_a_closed_page(widget: Widget, service: FakeService) -> None:
    widget.start()
    widget.context.set_offline(True)
    service.cut()
    widget.see("You are offline")
    widget.write("Written in a tunnel")
    widget.see("Sending")
    stored = widget.page.evaluate("Object.keys(localStorage).filter(k => k.includes('out:')).length")
    assert stored == 1
    widget.context.set_offline(False)
    widget.until(lambda: service.texts() == ["Written in a tunnel"])
    widget.holds("chat.thread.pending.length === 0")


def test_a_message_that_closes_the_line_twice_is_marked_and_the_next_ones_go_on(widget: Widget, service: FakeService) -> None:
    widget.start()
    service.cut_after_send = 2
    widget.write("poison")
    widget.see("It cannot be sent as it is.")
    widget.write("harmless")
    widget.until(lambda: service.texts() == ["harmless"])
    assert len(sends(service)) == 3
    widget.button("Delete").click()
    expect(widget.said).to_have_text(["harmless"])


def test_a_refusal_is_explained_kept_over_a_reload_and_can_be_tried_again(widget: Widget, service: FakeService) -> None:
    widget.start()
    service.errors = [{"code": "too_long", "message": "", "retry": False}]
    widget.write("words")
    widget.see("It is too long. Please send it in parts.")
    widget.page.reload()
    widget.launcher.click()
    widget.until_online()
    widget.see("It is too long.")
    widget.button("Try again").click()
    widget.until(lambda: service.texts() == ["words"])


def test_too_fast_waits_as_long_as_it_is_told_and_says_so(widget: Widget, service: FakeService) -> None:
    widget.start()
    service.errors = [{"code": "slow_down", "message": "", "retry": True, "retry_after": 1}]
    widget.write("quick")
    widget.see("You are writing faster than we can take it in.")
    widget.until(lambda: service.texts() == ["quick"])
    expect(widget.page.get_by_text("You are writing faster")).to_have_count(0)


def test_an_expired_session_offers_a_new_chat_and_keeps_what_was_not_sent(widget: Widget, service: FakeService) -> None:
    widget.start()
    service.errors = [{"code": "session_ended", "message": "", "retry": False}]
    widget.write("too late")
    widget.see("This chat has expired.")
    service.session = {"fresh": True, "shared_device": False, "resume": None}
    widget.button("Start a new chat").click()
    widget.until_online()
    widget.see("The earlier chat has ended. Send it in this one?")
    assert service.texts() == []
    widget.button("Try again").click()
    widget.until(lambda: service.texts() == ["too late"])


def test_a_page_that_may_not_use_the_service_is_told_and_does_not_try_again(widget: Widget, service: FakeService) -> None:
    service.session_error = {"code": "foreign_origin", "message": "", "retry": False, "status": 403}
    widget.go()
    widget.launcher.click()
    widget.see("The chat cannot be reached right now.")
    assert service.requests.count("POST session") == 1


def test_a_slow_bot_is_owned_up_to(widget: Widget, service: FakeService) -> None:
    widget.page.clock.install()
    widget.start()
    widget.write("hello")
    widget.see("Assistant is writing")
    widget.page.clock.run_for(10_500)
    widget.see("This takes longer than usual. What you wrote is saved.")
    service.say("Hello!")
    expect(widget.typing).to_have_text("")


def test_polling_serves_where_websockets_do_not(widget: Widget, service: FakeService) -> None:
    service.websockets = False
    widget.start()
    widget.write("by polling")
    widget.until(lambda: service.texts() == ["by polling"])


def test_a_language_that_was_chosen_without_a_line_is_told_once_it_is_back(widget: Widget, service: FakeService) -> None:
    widget.start()
    service.session_error = {"code": "offline", "message": "", "retry": True, "status": 503}
    service.cut()
    widget.holds("chat.line === 'lost'")
    widget.menu("Español")
    widget.holds("chat.locale === 'es'")
    service.session_error = None
    widget.page.evaluate("dispatchEvent(new Event('online'))")
    widget.until(lambda: ("language", {"locale": "es"}) in service.sent)
