"""Where a picture may be fetched from and what counts as one: tables of tricks, against a source that plays them."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from handoff.account import Account
from handoff.picture import LARGEST, NoPicture, address, is_own, is_public, kind_of, next_address
from handoff.picture_source import HOPS, PublicResolver, TwilioPictures
from handoff.simulator.photo import photo
from tests.twilio import OURS, SID, TOKEN

API = "https://api.twilio.com"
LOCAL = "http://127.0.0.1:8080/simulator/twilio"
MEDIA = f"/2010-04-01/Accounts/{SID}/Messages/MM1/Media/ME1"

GOOD = [
    f"{API}{MEDIA}",
    f"{API}:443{MEDIA}",
    "https://mms.twiliocdn.com/AC1/0685c8?Expires=1631090890&Signature=KI4MP~x0%2Bq",
    "https://media.twiliocdn.com/AC1/75a4?x-amz-security-token=IQoJ%2F%2F",
]
BAD = {
    "no scheme": "api.twilio.com/media",
    "no TLS": f"http://api.twilio.com{MEDIA}",
    "no TLS at the network": "http://mms.twiliocdn.com/a",
    "another scheme": "file:///etc/passwd",
    "gopher": "gopher://api.twilio.com/",
    "data": "data:image/png;base64,AAAA",
    "FTP": "ftp://api.twilio.com/a",
    "another host": "https://example.com/a",
    "our host as a subdomain": "https://api.twilio.com.example.com/a",
    "our host as an ending": "https://evil-api.twilio.com/a",
    "a host without its dot": "https://evilmms.twiliocdn.com/a",
    "another host of Twilio": "https://www.twilio.com/a",
    "the whole network": "https://twiliocdn.com/a",
    "a shared bucket": "https://s3-external-1.amazonaws.com/media.twiliocdn.com/a",
    "a dot at the end": "https://api.twilio.com./a",
    "a user": "https://ana@api.twilio.com/a",
    "a user and a password": "https://ana:secret@api.twilio.com/a",
    "our host as the user": "https://api.twilio.com@example.com/a",
    "our host as the password": "https://a:api.twilio.com@example.com/a",
    "an empty user": "https://@api.twilio.com/a",
    "two users": "https://api.twilio.com@@example.com/a",
    "a port": "https://api.twilio.com:8443/a",
    "the port of plain HTTP": "https://api.twilio.com:80/a",
    "port nought": "https://api.twilio.com:0/a",
    "a port that is none": "https://api.twilio.com:port/a",
    "a port too high": "https://api.twilio.com:99999/a",
    "a backslash": "https://api.twilio.com\\@example.com/a",
    "a backslash in front": "https://example.com\\.api.twilio.com/a",
    "a fragment before the host": "https://example.com#@api.twilio.com/a",
    "a query before the host": "https://example.com?@api.twilio.com/a",
    "a line break": "https://api.twilio.com/a\r\nHost: example.com",
    "a tab in the host": "https://api.twi\tlio.com/a",
    "a space in front": " https://api.twilio.com/a",
    "a null": "https://api.twilio.com\x00.example.com/a",
    "a letter that looks alike": "https://аpi.twilio.com/a",
    "a wide dot": "https://api.twilio。com/a",
    "percent signs in the host": "https://api%2etwilio.com/a",
    "steps up": f"{API}/2010-04-01/../secret",
    "coded steps up": f"{API}/2010-04-01/%2e%2e/secret",
    "loopback": "https://127.0.0.1/a",
    "loopback as a number": "https://2130706433/a",
    "loopback in octal": "https://0177.0.0.1/a",
    "loopback in hex": "https://0x7f.1/a",
    "loopback in short": "https://127.1/a",
    "loopback by name": "https://localhost/a",
    "loopback in IPv6": "https://[::1]/a",
    "loopback in IPv6's clothes": "https://[::ffff:127.0.0.1]/a",
    "nobody": "https://0.0.0.0/a",
    "a cloud's metadata": "https://169.254.169.254/latest/meta-data/",
    "metadata by name": "https://metadata.google.internal/",
    "a private host": "https://10.0.0.7/a",
    "an unfinished bracket": "https://[::1/a",
    "no host": "https:///a",
    "two slashes": "//api.twilio.com/a",
    "too long": f"{API}/{'a' * 2000}",
}


@pytest.mark.parametrize("given", GOOD)
def test_the_providers_own_addresses_may_be_asked(given: str) -> None:
    assert str(address(given, API)) == given.replace(":443/", "/")  # to the letter: a signed address must not be written anew


@pytest.mark.parametrize("given", BAD.values(), ids=BAD)
@pytest.mark.parametrize("own", [API, LOCAL])
def test_nobody_else_is_asked(given: str, own: str) -> None:
    with pytest.raises(NoPicture, match="not_twilio"):
        address(given, own)


@pytest.mark.parametrize("location", [*BAD.values(), "", "///", "https://"], ids=[*BAD, "nothing", "slashes", "a scheme alone"])
def test_a_redirect_leads_to_nobody_else(location: str) -> None:
    """What names no host at all stays with the host that sent it."""
    with contextlib.suppress(NoPicture):
        found = next_address(URL(f"{API}{MEDIA}"), location, API)
        assert found.origin() == URL(API)
        assert "example.com" not in location


def test_the_address_that_the_settings_give_may_be_anywhere_but_only_below_its_path() -> None:
    assert is_own(address(f"{LOCAL}{MEDIA}", LOCAL), LOCAL)
    for given in (
        "http://127.0.0.1:8080/api/staff/session",
        "http://127.0.0.1:8080/simulator/twilio-and-more",
        "http://127.0.0.1:8080/simulator/twilio/../../api",
        "http://127.0.0.1:8081/simulator/twilio/a",
        "https://127.0.0.1:8080/simulator/twilio/a",
        "http://ana@127.0.0.1:8080/simulator/twilio/a",
        "http://localhost:8080/simulator/twilio/a",
    ):
        with pytest.raises(NoPicture):
            address(given, LOCAL)


def test_where_the_provider_told_no_address_that_is_what_is_said() -> None:
    with pytest.raises(NoPicture, match="not_told"):
        address("", API)


@pytest.mark.parametrize(
    ("ip", "public"),
    [
        ("54.172.60.0", True),
        ("2600:1f18::1", True),
        ("127.0.0.1", False),
        ("0.0.0.0", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::", False),
        ("::1", False),
        ("fe80::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("ff02::1", False),
        ("::ffff:10.0.0.1", False),
        ("::ffff:54.172.60.0", True),
        ("2002:7f00:1::", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::36ac:3c00", True),
        ("no address", False),
    ],
)
def test_which_addresses_are_of_the_open_internet(ip: str, public: bool) -> None:
    assert is_public(ip) is public


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


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "image/jpeg"),
        (photo(), "image/png"),
        (b"GIF89a\x01\x00", "image/gif"),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"RIFF\x10\x00\x00\x00WAVEfmt ", None),
        (b"<svg xmlns='http://www.w3.org/2000/svg'>", None),
        (b"<html><script>", None),
        (b"%PDF-1.7", None),
        (b"", None),
    ],
)
def test_a_picture_is_known_by_its_first_bytes(data: bytes, kind: str | None) -> None:
    if kind is not None:
        assert kind_of(data) == kind
        return
    with pytest.raises(NoPicture, match="wrong_type"):
        kind_of(data)


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
