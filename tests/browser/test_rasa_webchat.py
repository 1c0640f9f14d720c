"""The real rasa-webchat 1.0.1, unchanged, in Chromium on another site's page, against a real node."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, expect

from handoff.bot import RasaBot
from handoff.signals import WantsPerson
from tests.bot.running import Running
from tests.bot.talk import SECRET
from tests.browser.webchat import Site, Webchat
from tests.channels.rasa_client import Tunnel, answer_survey, answers, bot, conversations, stored
from tests.fakes import until
from tests.service import Node, Staff

GREETING = "You said: opened"


@pytest_asyncio.fixture(loop_scope="session")
async def site() -> AsyncIterator[Site]:
    async with Site() as site:
        yield site


@pytest_asyncio.fixture(loop_scope="session")
async def node(tmp_path: Path, site: Site) -> AsyncIterator[Node]:
    async with Node(tmp_path, origins=site.url) as node:
        site.props["socketUrl"] = node.url
        yield node


@pytest_asyncio.fixture(loop_scope="session")
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    context = await browser.new_context()
    yield context
    await context.close()


async def with_maria(node: Node, ana: Webchat) -> tuple[Staff, str]:
    """Ana asks for a person, and Maria takes her on."""
    maria = await node.staff("Maria")
    bot(node).will_say("Of course.", signals=(WantsPerson("asked", "a person"),))
    await ana.say("can I talk to a person")
    await ana.sees("How would you like to go on?")
    await ana.press("Chat with a person now")
    await ana.sees("You are next in line")
    conversation = await maria.sees_waiting()
    assert (await maria.ask("take", conversation=conversation))["ok"]
    await ana.sees("Maria has joined")
    return maria, conversation


async def test_a_whole_survey(context: BrowserContext, site: Site, running: Running, tmp_path: Path) -> None:
    real = RasaBot(running.url, secret=SECRET, timeout=8)
    async with Node(tmp_path, bot=real, origins=site.url) as node:
        site.props["socketUrl"] = node.url
        ana = await Webchat.open(context, site)
        await answer_survey(ana)
        await expect(ana.said).to_have_text(["Good", "friendly staff", "No, thank you"])
        assert await answers(node) == [("overall", "good"), ("why", "friendly staff")]
        assert await ana.texts() == await stored(node, "bot", "staff", "service")
        assert ana.wrong == []
    await real.close()


async def test_a_person_answers_and_the_bot_takes_over_again(context: BrowserContext, site: Site, node: Node) -> None:
    ana = await Webchat.open(context, site)
    await ana.sees(GREETING)
    maria, conversation = await with_maria(node, ana)
    await maria.open(conversation)
    assert (await maria.write(conversation, "Hello Ana, what happened?"))["ok"]
    await ana.sees("Maria: Hello Ana, what happened?")
    await ana.say("I waited two hours")
    await until(lambda: "I waited two hours" in [message["text"] for message in maria.threads[conversation].values()])
    assert (await maria.ask("hand_back", conversation=conversation))["ok"]
    await ana.sees("I'm the assistant again")
    await ana.say("thank you")
    await ana.sees("You said: thank you")
    assert ana.wrong == []


async def test_a_reload_keeps_the_conversation_and_shows_what_was_missed(context: BrowserContext, site: Site, node: Node) -> None:
    ana = await Webchat.open(context, site)
    await ana.sees(GREETING)
    maria, conversation = await with_maria(node, ana)
    await ana.say("I waited two hours")
    before = await ana.texts()
    await ana.page.goto("about:blank")
    await maria.write(conversation, "Are you still there, Ana?")
    await ana.page.goto(site.url)
    await ana.sees("Maria: Are you still there, Ana?")
    assert await ana.texts() == [*before, "Maria: Are you still there, Ana?"]
    await expect(ana.said.last).to_have_text("I waited two hours")
    await ana.say("yes")
    await until(lambda: maria.items[conversation]["last_line"]["text"] == "yes")
    assert len(await conversations(node)) == 1
    assert ana.wrong == []


async def test_a_second_tab_gets_both_sides_words_once(context: BrowserContext, site: Site, node: Node) -> None:
    first = await Webchat.open(context, site)
    await first.say("the nurses were kind")
    await first.sees("You said: the nurses were kind")
    second = await Webchat.open(context, site)
    await second.sees("You said: the nurses were kind")
    maria, conversation = await with_maria(node, first)
    await maria.write(conversation, "Hello Ana")
    for tab in (first, second):
        await tab.sees("Maria: Hello Ana")
    await second.say("hello from the second")
    await until(lambda: maria.items[conversation]["last_line"]["text"] == "hello from the second")
    said = await stored(node, "bot", "staff", "service")
    for tab in (first, second):
        assert [text.removeprefix("Maria: ") for text in await tab.texts()] == said
        assert tab.wrong == []


async def test_a_cut_line_loses_and_doubles_nothing(context: BrowserContext, site: Site, node: Node) -> None:
    """First its websocket is cut; then the polling with which this client comes back. It lets nobody type while it is cut off."""
    async with Tunnel(node.settings.port) as tunnel:
        site.props |= {"socketUrl": tunnel.url, "hideWhenNotConnected": False}
        ana = await Webchat.open(context, site)
        await ana.sees(GREETING)
        maria, conversation = await with_maria(node, ana)
        await until(lambda: tunnel.websockets, seconds=30)
        before = await ana.texts()
        for number in range(3):
            tunnel.closed = True
            tunnel.cut_all()
            await expect(ana.page.locator(".rw-loading")).to_be_visible()
            assert (await maria.write(conversation, f"maria {number}"))["ok"]
            tunnel.closed = False
            await ana.sees(f"Maria: maria {number}")
            await ana.say(f"ana {number}")
            await until(lambda expected=f"ana {number}": maria.items[conversation]["last_line"]["text"] == expected)
        assert await ana.texts() == [*before, *(f"Maria: maria {number}" for number in range(3))]
        assert (await stored(node, "patient"))[-3:] == ["ana 0", "ana 1", "ana 2"]
        assert len(await conversations(node)) == 1
        assert ana.wrong == []


async def test_what_is_too_long_is_said_and_stays_to_be_copied(context: BrowserContext, site: Site, node: Node) -> None:
    ana = await Webchat.open(context, site)
    await ana.say("a" * 9000)
    await ana.sees("That message is too long.")
    await expect(ana.said.last).to_have_text("a" * 9000)
    await ana.say("short")
    await ana.sees("You said: short")
    assert ana.wrong == []


async def test_a_page_of_another_site_gets_nothing(context: BrowserContext, site: Site, tmp_path: Path) -> None:
    async with Node(tmp_path) as node:  # without the site in HEARD_ORIGINS
        site.props["socketUrl"] = node.url
        page = await context.new_page()
        async with page.expect_event("requestfailed", lambda request: request.url.startswith(node.url)):
            await page.goto(site.url)
        assert await conversations(node) == []
