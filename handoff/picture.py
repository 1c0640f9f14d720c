"""Pictures that patients send: which addresses they may be fetched from, and what counts as a picture. No network here.

The address comes from outside, so it is looked at as if an attacker wrote it (CVE-2024-39713: an address of a text webhook was
fetched as it came). The same parsed address is checked and asked: two parsers could read two hosts. Source of the hosts: Twilio's
Media resource answers at its API and sends on to its own content network.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping

from yarl import URL

HOSTS = frozenset({"api.twilio.com", "mms.twiliocdn.com", "media.twiliocdn.com"})
LARGEST = 5 * 1024 * 1024  # bytes: Twilio's own limit for all media of a message
LONGEST = 2_000  # characters of an address
KINDS: Mapping[str, str] = {"image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/webp": "webp"}
CALLED = frozenset({*KINDS, "image/jpg"})  # by those who serve them
_PLAIN = re.compile(r"[!-?A-\[\]-~]+")  # printable ASCII without a backslash, and without the @ that would end a user's name


class NoPicture(Exception):
    """It was not fetched. `again`: worth another try.

    `reason`: not_told | not_twilio | too_big | wrong_type | gone | refused | no_answer | switched_off.
    """

    def __init__(self, reason: str, *, again: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.again = reason, again


def address(given: str, own: str) -> URL:
    """The address of a picture, if it is one that may be asked. `own`: where the provider's API is. Raises `NoPicture`."""
    if not given:
        raise NoPicture("not_told")
    if len(given) > LONGEST or not _PLAIN.fullmatch(given):
        raise NoPicture("not_twilio")
    try:
        found = URL(given, encoded=True)
        may = ".." not in found.path and (is_own(found, own) or _is_twilios(found))
    except ValueError:
        may = False
    if not may:
        raise NoPicture("not_twilio")
    return found


def next_address(before: URL, location: str, own: str) -> URL:
    """Where a redirect leads, checked like the first address. Raises `NoPicture`."""
    if len(location) > LONGEST or not _PLAIN.fullmatch(location):
        raise NoPicture("not_twilio")
    try:
        joined = str(before.join(URL(location, encoded=True)))
    except ValueError:
        raise NoPicture("not_twilio") from None
    return address(joined, own)


def is_own(found: URL, own: str) -> bool:
    """Is this below the address that the settings give for the provider's API? Only there do our credentials go."""
    root = URL(own)
    return found.origin() == root.origin() and found.path.startswith(f"{root.path.rstrip('/')}/")


def _is_twilios(found: URL) -> bool:
    return found.scheme == "https" and found.raw_host in HOSTS and found.port == 443


def is_public(ip: str) -> bool:
    """Is this an address of the open internet: not loopback, private, link-local, reserved, or one of these in IPv6's clothes?"""
    try:
        found = ipaddress.ip_address(ip)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None) or _behind_nat64(found)
        if inner is not None:
            return is_public(str(inner))
    return found.is_global and not found.is_multicast


def _behind_nat64(found: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """RFC 6052: the last 32 bits of `64:ff9b::/96`."""
    return ipaddress.IPv4Address(int(found) & 0xFFFFFFFF) if found in ipaddress.IPv6Network("64:ff9b::/96") else None


def kind_of(data: bytes) -> str:
    """The kind of a picture by its first bytes, whatever it is called. Raises `NoPicture`."""
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "image/webp"
    raise NoPicture("wrong_type")
