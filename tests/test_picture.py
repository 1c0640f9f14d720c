"""Where a picture may be fetched from and what counts as one: tables of tricks, against a source that plays them."""

from __future__ import annotations

import contextlib

import pytest
from yarl import URL

from handoff.picture import NoPicture, address, is_own, is_public, kind_of, next_address
from handoff.simulator.photo import photo
from tests.twilio import SID

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
