"""The widget as a patient uses it: reads, writes, chooses, leaves, comes back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.widget_page import Widget, chromium
from tests.browser.widget_server import FakeService

SCALE = ("Very good", "Good", "Neither good nor poor", "Poor", "Very poor")


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


def test_nothing_is_asked_of_the_service_before_the_panel_is_opened(widget: Widget, service: FakeService) -> None:
    widget.go()
    expect(widget.launcher).to_be_visible()
    assert "POST session" not in service.requests
    widget.launcher.click()
    widget.until_online()
    assert service.requests.count("POST session") == 1


def test_a_message_is_drawn_at_once_sent_and_answered(widget: Widget, service: FakeService) -> None:
    widget.start()
    widget.write("It went well")
    widget.see("It went well")
    widget.until(lambda: service.texts() == ["It went well"])
    service.say("Thank you.")
    widget.see("Thank you.")
    assert widget.texts() == ["It went well", "Thank you."]


def test_the_chosen_answer_stays_shown_and_is_sent_once(widget: Widget, service: FakeService) -> None:
    widget.start()
    service.say("How was it?", buttons=SCALE)
    group = widget.page.get_by_role("group", name="Choose an answer: How was it?")
    expect(group.get_by_role("button")).to_have_text(list(SCALE))
    group.get_by_role("button", name="Good", exact=True).click()
    expect(group.locator("[aria-pressed=true]")).to_contain_text("Good")
    expect(group.locator("button:enabled")).to_have_count(0)
    widget.until(lambda: service.texts() == ["Good"])
    assert [data["button"] for event, data in service.sent if event == "press"] == ["m1.1"]


def test_a_person_is_one_press_away_and_the_place_in_line_is_shown(widget: Widget, service: FakeService) -> None:
    widget.start()
    widget.button("Talk to a person").click()
    widget.until(lambda: [data["button"] for event, data in service.sent if event == "press"] == ["person"])
    service.move(state="waiting", ahead=2, can=["end"])
    widget.see("2 ahead of you in line.")
    service.move(staffed=False)
    widget.see("You are in line. Nobody from the team is here right now.")
    service.move(staffed=True)
    widget.see("2 ahead of you in line.")
    service.move(state="human", ahead=None, staff={"name": "Maria"})
    widget.see("You are chatting with Maria.")
    service.move(state="waiting", ahead=1, staffed=True)
    expect(widget.page.locator(".banner.human")).to_have_text("You are chatting with Maria.")  # who passes it on, until it is taken
    service.move(staff=None)
    widget.see("1 ahead of you in line.")


def test_history_and_unsent_words_come_back_after_a_reload(widget: Widget, service: FakeService) -> None:
    widget.start()
    service.say("How was it?")
    service.lose_acks = 1
    widget.write("Good")
    widget.until(lambda: service.texts() == ["Good"])
    service.cut()
    widget.page.reload()
    widget.launcher.click()
    widget.until_online()
    expect(widget.said).to_have_text(["How was it?", "Good"])
    widget.until(lambda: len({data["client_id"] for event, data in service.sent if event == "send"}) == 1)
    assert service.texts() == ["Good"]


def test_enter_sends_shift_enter_breaks_the_line_and_an_input_method_keeps_its_enter(widget: Widget, service: FakeService) -> None:
    widget.start()
    widget.box.fill("one")
    widget.box.press("Shift+Enter")
    widget.box.press_sequentially("two")
    widget.page.evaluate(
        """() => document.querySelector('feedback-chat').shadowRoot.querySelector('textarea')
        .dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true, cancelable: true}))"""
    )
    assert service.texts() == []
    widget.box.press("Enter")
    widget.until(lambda: service.texts() == ["one\ntwo"])


def test_a_text_that_is_too_long_is_refused_before_it_is_sent(widget: Widget, service: FakeService) -> None:
    widget.start()
    widget.box.fill("a" * 3990)
    expect(widget.page.locator("#left")).to_have_text("10 characters left")
    widget.box.fill("😀" * 4001)
    expect(widget.page.locator("#left")).to_contain_text("1 characters too long")
    expect(widget.box).to_have_attribute("aria-invalid", "true")
    widget.box.press("Enter")
    assert service.texts() == []
    widget.box.fill("😀" * 4000)
    widget.box.press("Enter")
    widget.until(lambda: service.texts() == ["😀" * 4000])


def test_what_arrives_while_the_panel_is_closed_is_counted_and_marked(widget: Widget, service: FakeService) -> None:
    widget.start()
    service.say("Hello.")
    widget.see("Hello.")
    widget.box.press("Escape")
    expect(widget.launcher).to_be_focused()
    service.say("Are you there?")
    service.say("One more question.")
    expect(widget.launcher).to_have_accessible_name("Give feedback, 2 new")
    assert widget.page.title() == "(2) Elm Street"
    widget.launcher.click()
    widget.see("New")
    assert widget.page.title() == "Elm Street"
    expect(widget.launcher).to_have_accessible_name("Give feedback")


def test_two_tabs_show_the_same_and_read_for_each_other(widget: Widget, service: FakeService) -> None:
    widget.start()
    other = widget.context.new_page()
    widget.go(page=other)
    other.locator("#launcher").click()
    widget.holds("chat.thread.state !== null", other)
    widget.write("From the first tab")
    expect(other.locator(".said .text")).to_have_text(["From the first tab"])
    other.locator("textarea").fill("From the second")
    other.locator("textarea").press("Enter")
    expect(widget.said).to_have_text(["From the first tab", "From the second"])


def test_the_end_is_confirmed_and_writing_again_is_possible(widget: Widget, service: FakeService) -> None:
    widget.start()
    widget.menu("End chat")
    expect(widget.button("Cancel")).to_be_focused()
    widget.page.get_by_role("alertdialog").get_by_role("button", name="End chat").click()
    widget.see("This chat has ended. Write again if you have more to say.")
    widget.write("One more thing")
    widget.until(lambda: service.texts() == ["One more thing"])


def test_end_and_clear_leaves_nothing_on_the_device(widget: Widget, service: FakeService) -> None:
    widget.start()
    widget.write("Private words")
    widget.until(lambda: service.texts() == ["Private words"])
    widget.menu("End and clear this device")
    widget.page.get_by_role("alertdialog").get_by_role("button", name="End and clear").click()
    widget.see("This device has forgotten the chat.")
    widget.until(lambda: "DELETE session" in service.requests)
    expect(widget.said).to_have_count(0)
    assert widget.page.evaluate("Object.keys(localStorage).filter(k => k.startsWith('heard:'))") == []
    widget.button("Start a new chat").click()
    widget.until_online()
    expect(widget.box).to_be_focused()


def test_deleting_all_data_is_confirmed_and_a_refusal_is_explained(widget: Widget, service: FakeService) -> None:
    widget.start()
    service.erase_error = {"code": "on_hold", "message": "", "retry": False}
    widget.menu("Delete my data")
    widget.button("Delete it all").click()
    widget.see("a safety matter is open")
    service.erase_error = None
    widget.menu("Delete my data")
    widget.button("Delete it all").click()
    widget.see("Your data has been deleted.")
    widget.until(lambda: widget.page.evaluate("document.querySelector('feedback-chat').note") == "")
    expect(widget.page.get_by_text("There is no connection")).to_have_count(0)


def test_the_record_can_be_downloaded_under_the_strict_policy(widget: Widget, service: FakeService) -> None:
    widget.start()
    service.say("Hello from Maria", author="staff", name="Maria")
    widget.see("Hello from Maria")
    with widget.page.expect_download() as download:
        widget.menu("Download this chat")
    path = download.value.path()
    assert "Maria, staff: Hello from Maria" in path.read_text(encoding="utf-8")


def test_spanish_is_a_press_away_and_stays(widget: Widget, service: FakeService) -> None:
    widget.start()
    widget.menu("Español")
    widget.see("Hablar con una persona")
    assert ("language", {"locale": "es"}) in service.sent  # so that the assistant goes on in it, too
    widget.page.reload()
    expect(widget.launcher).to_have_accessible_name("Dar su opinión")


def test_a_shared_device_shows_nothing_of_whoever_was_here_before(browser: Browser, service: FakeService) -> None:
    service.keep("patient", "Somebody else's words")
    service.session = {"fresh": False, "shared_device": True, "resume": None}
    widget = Widget(browser, service).start()
    widget.see("Not for emergencies")
    assert widget.texts() == []
    assert service.requests.count("DELETE session") == 1
    assert widget.page.evaluate("Object.keys(localStorage).filter(k => k.startsWith('heard:'))") == []
    widget.context.close()


def test_the_invitation_waits_and_can_be_refused_for_good(widget: Widget) -> None:
    widget.page.clock.install()
    widget.go('invite-after="20"')
    expect(widget.launcher).to_be_visible()
    expect(widget.button("Don't show again")).to_have_count(0)
    widget.page.clock.run_for(20_500)
    widget.button("Don't show again").click()
    widget.page.reload()
    widget.page.clock.run_for(60_000)
    expect(widget.button("Don't show again")).to_have_count(0)


def test_somebody_else_signed_in_on_the_host_page_does_not_see_the_chat(widget: Widget, service: FakeService) -> None:
    widget.start()
    widget.page.evaluate("document.querySelector('feedback-chat').identify('ana')")
    widget.write("Ana's words")
    widget.until(lambda: service.texts() == ["Ana's words"])
    widget.page.evaluate("document.querySelector('feedback-chat').identify('ana')")
    widget.see("Ana's words")
    widget.page.evaluate("document.querySelector('feedback-chat').identify('ben')")
    expect(widget.said).to_have_count(0)
    widget.until(lambda: "DELETE session" in service.requests)
    assert "ana" not in str(widget.page.evaluate("JSON.stringify(localStorage)"))


def test_on_another_site_the_secret_is_kept_replaced_at_each_return_and_forgotten(widget: Widget, service: FakeService) -> None:
    widget.url = service.url.replace("127.0.0.1", "localhost")  # another origin, the same service
    widget.start(f'server="{service.url}"')
    widget.write("From the clinic's own site")
    widget.until(lambda: service.texts() == ["From the clinic's own site"])
    widget.page.reload()
    widget.launcher.click()
    widget.until_online()
    widget.see("From the clinic's own site")
    assert [session["resume"] for session in service.sessions] == [None, "secret 1"]
    kept = f"JSON.parse(localStorage.getItem('heard:{service.url}:resume'))"
    assert widget.page.evaluate(kept) == "secret 2"
    widget.menu("End and clear this device")
    widget.page.get_by_role("alertdialog").get_by_role("button", name="End and clear").click()
    widget.until(lambda: "DELETE session" in service.requests)
    assert widget.page.evaluate(kept) is None
    assert "secret" not in widget.page.url


def test_on_our_own_pages_no_secret_is_within_reach_of_scripts(widget: Widget, service: FakeService) -> None:
    widget.start()
    widget.write("Hello")
    widget.until(lambda: service.texts() == ["Hello"])
    assert "resume" not in widget.page.evaluate("JSON.stringify({...localStorage, ...sessionStorage}) + document.cookie")
