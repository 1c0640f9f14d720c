"""One Chromium for all asynchronous tests of a worker, and one event loop for them and it: to start it takes two seconds of a core."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from tests.browser import chromium

HERE = Path(__file__).parent
# Whatever waits for the next frame waits for seconds, as in a tab that nobody looks at: what a page is told meanwhile must not be lost.
LATE_FRAMES = """
  window.requestAnimationFrame = () => 0;
  const later = window.setTimeout;
  window.setTimeout = (call, ms = 0, ...given) => later(call, ms < 1000 ? ms + 3000 : ms, ...given);
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == HERE and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def opened() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium.find(), args=chromium.ARGS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def browser(opened: Browser) -> AsyncIterator[Browser]:
    """The browser, and nothing of another test in it."""
    yield opened
    for context in opened.contexts:
        await context.close()
