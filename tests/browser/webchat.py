"""The real rasa-webchat 1.0.1 from npm, pinned, on a page of a clinic's own site: another origin than the service's."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any, Self

from aiohttp import web
from playwright.async_api import BrowserContext, Locator, Page, expect

from handoff.settings import ROOT

PACKAGE = "rasa-webchat@1.0.1"
SHA512 = "Ld1zVJvTAaTrs6A5p8t70agNNrKYRyXlvqXZRgBoDvKKUXbA0jhJKECi5bdPGlaR6jsmqWtVylHS+YqIqo0x8w=="
CACHE = ROOT / ".cache" / "rasa-webchat-1.0.1.tgz"
HTML = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Elm Street</title></head><body><h1>Elm Street Clinic</h1>
<script src="/webchat.js"></script>
<script>
const props = %s;
props.customMessageDelay = () => 20;
WebChat.default(props, null);
</script></body></html>"""


def bundle() -> bytes:
    """`lib/index.js` of the package, from npm's registry as npm is set up here, once; its SHA-512 is looked at every time."""
    if not CACHE.exists():
        CACHE.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE.parent) as folder:
            npm = [str(Path(sys.executable).parent / "npm"), "pack", PACKAGE, "--ignore-scripts", "--pack-destination", folder]
            done = subprocess.run(npm, cwd=folder, capture_output=True, text=True, timeout=100, check=False)
            assert done.returncode == 0, f"npm could not fetch {PACKAGE}: {done.stderr[-500:]}"
            next(Path(folder).glob("*.tgz")).rename(CACHE)
    data = CACHE.read_bytes()
    assert base64.b64encode(hashlib.sha512(data).digest()).decode() == SHA512, f"{CACHE} is not {PACKAGE}: delete it"
    with tarfile.open(fileobj=io.BytesIO(data)) as package:
        found = package.extractfile("package/lib/index.js")
        assert found is not None
        return found.read()


class Site:
    """A clinic's site with rasa-webchat in its pages. `props` can be changed before a page is opened."""

    def __init__(self) -> None:
        self.props: dict[str, Any] = {"initPayload": "/get_started", "socketPath": "/socket.io/", "customData": {"language": "en"}}
        self._bundle = bundle()

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/", self._page)
        app.router.add_get("/webchat.js", self._script)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _page(self, _: web.Request) -> web.Response:
        return web.Response(text=HTML % json.dumps(self.props), content_type="text/html")

    async def _script(self, _: web.Request) -> web.Response:
        return web.Response(body=self._bundle, content_type="text/javascript", charset="utf-8")


class Webchat:
    """One tab with the widget, as a patient uses it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.wrong: list[str] = []
        page.on("pageerror", lambda error: self.wrong.append(str(error)))

    @classmethod
    async def open(cls, context: BrowserContext, site: Site) -> Self:
        """A new tab of the site's page, with the chat open."""
        await context.route("https://fonts.googleapis.com/**", lambda route: route.abort())  # the widget's own idea
        chat = cls(await context.new_page())
        await chat.page.goto(site.url)
        launcher = chat.page.locator(".rw-launcher")
        await expect(launcher).to_be_visible()  # there with the connection; a chat that was open is so again by then
        if not await chat.box.is_visible():
            await launcher.click()
        await expect(chat.box).to_be_visible()
        return chat

    @property
    def box(self) -> Locator:
        return self.page.locator(".rw-new-message")

    @property
    def heard(self) -> Locator:
        """What the bot, the staff and the service said."""
        return self.page.locator(".rw-response .rw-message-text")

    @property
    def said(self) -> Locator:
        return self.page.locator(".rw-client .rw-message-text")

    async def say(self, text: str) -> None:
        await self.box.fill(text)
        await self.box.press("Enter")

    async def press(self, title: str) -> None:
        await self.page.locator(".rw-reply").get_by_text(title, exact=True).click()

    async def sees(self, text: str) -> None:
        """It is drawn, and drawn once."""
        await expect(self.heard.filter(has_text=text)).to_have_count(1, timeout=15000)

    async def texts(self) -> list[str]:
        return [text.strip() for text in await self.heard.all_inner_texts()]
