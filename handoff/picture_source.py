"""Where pictures come from: the provider's API and its content network, and no other place, whatever an address or a redirect says."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass
from typing import Protocol

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from handoff.account import Account
from handoff.picture import CALLED, HOSTS, LARGEST, NoPicture, address, is_own, is_public, kind_of, next_address

CONNECT, TOTAL = 5.0, 18.0  # seconds; a job has 25
HOPS = 3
REDIRECTS = (301, 302, 303, 307, 308)
CHUNK = 65_536


@dataclass(frozen=True)
class Fetched:
    kind: str
    data: bytes


class PictureSource(Protocol):
    async def fetch(self, given: str) -> Fetched:
        """The picture at an address. Raises `NoPicture`."""
        ...

    async def close(self) -> None: ...


class TwilioPictures:
    def __init__(self, account: Account, *, connect: float = CONNECT, total: float = TOTAL) -> None:
        """`connect`, `total`: the longest that one picture may take, in seconds."""
        self._own = account.api_url
        self._basic = {"Authorization": aiohttp.encode_basic_auth(account.sid, account.token)}
        self._connect, self._total = connect, total
        self._session: aiohttp.ClientSession | None = None

    async def fetch(self, given: str) -> Fetched:
        try:
            async with asyncio.timeout(self._total):
                return await self._follow(address(given, self._own))
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError):
            raise NoPicture("no_answer", again=True) from None

    async def _follow(self, at: URL) -> Fetched:
        """Redirects are followed by hand: each is checked as the first address was, and credentials stay at the API."""
        for _ in range(HOPS + 1):
            headers = self._basic if is_own(at, self._own) else {}
            async with self._http().get(at, headers=headers, allow_redirects=False) as response:
                if response.status not in REDIRECTS:
                    return await _take(response)
                at = next_address(at, response.headers.get("Location", ""), self._own)
        raise NoPicture("not_twilio")

    def _http(self) -> aiohttp.ClientSession:
        if self._session is None:
            configured = URL(self._own).raw_host or ""
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(resolver=PublicResolver(but="" if configured in HOSTS else configured)),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(connect=self._connect),
                headers={"Accept": "image/*", "Accept-Encoding": "identity"},
                auto_decompress=False,
                trust_env=False,
            )
        return self._session

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


class PublicResolver(AbstractResolver):
    """Finds a host's addresses and keeps those of the open internet; what was checked is what is connected to.

    `but`: the one host that may be anywhere, because the settings name it.
    """

    def __init__(self, *, but: str = "", inner: AbstractResolver | None = None) -> None:
        self._but = but
        self._inner = inner or aiohttp.ThreadedResolver()

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> list[ResolveResult]:
        """Raises `OSError` where none is left."""
        found = await self._inner.resolve(host, port, family)
        kept = [one for one in found if host == self._but or is_public(one["host"])]
        if not kept:
            raise OSError("no public address")
        return kept

    async def close(self) -> None:
        await self._inner.close()


async def _take(response: aiohttp.ClientResponse) -> Fetched:
    """Read no more than a picture may have. Raises `NoPicture`."""
    status = response.status
    if status != 200:
        reason = "gone" if status in (404, 410) else "refused" if 400 <= status < 500 and status != 429 else "no_answer"
        raise NoPicture(reason, again=status == 404 or reason == "no_answer")
    if response.content_type not in CALLED:
        raise NoPicture("wrong_type")
    if (response.content_length or 0) > LARGEST:
        raise NoPicture("too_big")
    data = bytearray()
    async for chunk in response.content.iter_chunked(CHUNK):
        data += chunk
        if len(data) > LARGEST:
            raise NoPicture("too_big")
    return Fetched(kind_of(bytes(data[:16])), bytes(data))
