"""Webhooks as Twilio sends them: a form, signed over the public address, delivered to this machine.

The signature is made by Twilio's own library. Sources: Twilio, "Webhooks security" and "Connection overrides" (15 s for all,
one retry when no connection came about).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urldefrag, urlencode

import aiohttp
from twilio.request_validator import RequestValidator

from handoff.account import Account

TOTAL, CONNECT, RETRIES = 15.0, 5.0, 1


@dataclass(frozen=True)
class Answer:
    """What our side answered. `status` 0: nothing."""

    status: int
    body: str = ""


class Hooks:
    """`deliver_to`: where our side listens, e.g. http://127.0.0.1:8080; may be changed while running."""

    def __init__(self, account: Account, deliver_to: str) -> None:
        self.deliver_to = deliver_to
        self._account = account
        self._session: aiohttp.ClientSession | None = None
        self._under_way: set[asyncio.Task[Answer]] = set()

    @property
    def busy(self) -> bool:
        """Is a webhook on its way?"""
        return bool(self._under_way)

    async def post(self, url: str, fields: Mapping[str, str], *, token: str = "") -> Answer:
        """`url` as it was given to Twilio: below our public address, perhaps with a fragment of connection overrides."""
        url = urldefrag(url).url
        if not url.startswith(self._account.public_url + "/"):
            return Answer(0)
        signature = RequestValidator(self._account.token).compute_signature(url, dict(fields))
        headers = {
            "X-Twilio-Signature": signature,
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            "User-Agent": "TwilioProxy/1.1",
            "I-Twilio-Idempotency-Token": token or signature,
        }
        return await self.send(url, urlencode(fields), headers)

    async def send(self, url: str, body: str, headers: Mapping[str, str]) -> Answer:
        """A request just as it is, without signing it: for forgeries and replays. Once begun, it is sent, whoever hangs up meanwhile."""
        sending = asyncio.create_task(self._send(url, body, headers))
        self._under_way.add(sending)
        sending.add_done_callback(self._under_way.discard)
        return await asyncio.shield(sending)

    async def _send(self, url: str, body: str, headers: Mapping[str, str]) -> Answer:
        address = self.deliver_to + url.removeprefix(self._account.public_url)
        for _ in range(1 + RETRIES):
            try:
                async with self._http().post(address, data=body.encode(), headers=headers, allow_redirects=False) as answer:
                    return Answer(answer.status, await answer.text())
            except aiohttp.ClientConnectorError:
                continue
            except (aiohttp.ClientError, OSError, TimeoutError):
                break
        return Answer(0)

    async def close(self) -> None:
        for sending in list(self._under_way):
            sending.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def _http(self) -> aiohttp.ClientSession:
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=TOTAL, connect=CONNECT)
            self._session = aiohttp.ClientSession(timeout=timeout)
        return self._session
