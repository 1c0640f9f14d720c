"""The source of pictures against a provider that lies: redirects, types, sizes, names, and silence."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from handoff.account import Account
from handoff.picture import LARGEST, NoPicture
from handoff.picture_source import HOPS, PublicResolver, TwilioPictures
from handoff.simulator.photo import photo
from tests.twilio import OURS, SID, TOKEN


class Names(AbstractResolver):
    """What a name server says, and may say otherwise the next time."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> list[ResolveResult]:
        named: list[ResolveResult] = [
            {"hostname": host, "host": ip, "port": port, "family": socket.AF_INET, "proto": 0, "flags": 0} for ip in self.answers.pop(0)
        ]
        return named

    async def close(self) -> None:
        return None


async def test_a_name_that_leads_inside_leads_nowhere_and_of_several_addresses_only_public_ones_are_used() -> None:
    names = PublicResolver(but="twilio.test", inner=Names(["10.0.0.1", "54.172.60.0"], ["127.0.0.1"], ["127.0.0.1"]))
    assert [one["host"] for one in await names.resolve("mms.twiliocdn.com")] == ["54.172.60.0"]
    with pytest.raises(OSError, match="no public address"):
        await names.resolve("mms.twiliocdn.com")
    assert [one["host"] for one in await names.resolve("twilio.test")] == ["127.0.0.1"]


class Liar:
    """The provider's API and content network on one port: `/api/<what>` is the API, and what it does is in its name."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, bool]] = []  # the path, and whether our credentials came
        self.url = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        what = request.match_info["what"]
        self.asked.append((request.path, "Authorization" in request.headers))
        if what == "sends_on":
            return web.Response(status=307, headers={"Location": request.query["to"]})
        if what == "sends_round":
            return web.Response(status=302, headers={"Location": str(request.url)})
        if what == "pours":
            return await self._pour(request)
        if what == "hangs":
            await asyncio.Event().wait()
        if what.isdigit():
            return web.Response(status=int(what))
        bodies = {"says_html": (photo(), "text/html"), "says_png": (b"<html><script>", "image/png"), "no_type": (photo(), "")}
        body, kind = bodies.get(what, (photo(), "image/png"))
        if what == "says_large":
            body = b"\x89PNG\r\n\x1a\n" + b"0" * LARGEST
        return web.Response(body=body, headers={"Content-Type": kind, "Set-Cookie": "a=b"})

    async def _pour(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "image/png"})
        await response.prepare(request)
        await response.write(photo())
        for _ in range(2 * LARGEST // 65_536):
            await response.write(b"0" * 65_536)
        return response


@pytest.fixture
async def liar() -> AsyncIterator[Liar]:
    liar = Liar()
    app = web.Application()
    app.router.add_get("/{where:api|inside}/{what}", liar.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    liar.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield liar
    await runner.cleanup()


@pytest.fixture
async def pictures(liar: Liar) -> AsyncIterator[TwilioPictures]:
    source = TwilioPictures(Account(SID, TOKEN, (OURS,), f"{liar.url}/api", "https://feedback.clinic.example"))
    yield source
    await source.close()


async def test_a_picture_is_fetched_with_our_credentials_and_its_redirect_followed(liar: Liar, pictures: TwilioPictures) -> None:
    found = await pictures.fetch(f"{liar.url}/api/sends_on?to=good")
    assert (found.kind, found.data) == ("image/png", photo())
    assert liar.asked == [("/api/sends_on", True), ("/api/good", True)]


@pytest.mark.parametrize(
    ("path", "reason", "again"),
    [
        ("/api/sends_on?to=http://169.254.169.254/latest/meta-data/", "not_twilio", False),
        ("/api/sends_on?to=https://169.254.169.254/latest/meta-data/", "not_twilio", False),
        ("/api/sends_on?to=http://api.twilio.com/a", "not_twilio", False),
        ("/api/sends_on?to=/inside/secret", "not_twilio", False),
        ("/api/sends_on?to=../inside/secret", "not_twilio", False),
        ("/api/sends_on?to=file:///etc/passwd", "not_twilio", False),
        ("/api/sends_on?to=https://api.twilio.com@example.com/", "not_twilio", False),
        ("/api/sends_round", "not_twilio", False),
        ("/inside/secret", "not_twilio", False),
        ("/api/says_large", "too_big", False),
        ("/api/pours", "too_big", False),
        ("/api/says_html", "wrong_type", False),
        ("/api/says_png", "wrong_type", False),
        ("/api/no_type", "wrong_type", False),
        ("/api/401", "refused", False),
        ("/api/403", "refused", False),
        ("/api/404", "gone", True),
        ("/api/410", "gone", False),
        ("/api/429", "no_answer", True),
        ("/api/500", "no_answer", True),
    ],
)
async def test_what_is_no_picture_of_the_providers_is_not_fetched(
    liar: Liar, pictures: TwilioPictures, path: str, reason: str, again: bool
) -> None:
    with pytest.raises(NoPicture) as refused:
        await pictures.fetch(f"{liar.url}{path}")
    assert (refused.value.reason, refused.value.again) == (reason, again)
    assert not [asked for asked, _ in liar.asked if asked.startswith("/inside")]
    assert len(liar.asked) <= HOPS + 1


async def test_who_hangs_is_not_waited_for(liar: Liar) -> None:
    source = TwilioPictures(Account(SID, TOKEN, (OURS,), f"{liar.url}/api", "https://feedback.clinic.example"), total=0.2)
    with pytest.raises(NoPicture, match="no_answer"):
        await source.fetch(f"{liar.url}/api/hangs")
    await source.close()


async def test_nobody_at_home_is_no_answer() -> None:
    source = TwilioPictures(Account(SID, TOKEN, (OURS,), "http://127.0.0.1:9", "https://feedback.clinic.example"), total=1.0)
    with pytest.raises(NoPicture, match="no_answer"):
        await source.fetch("http://127.0.0.1:9/a")
    await source.close()
