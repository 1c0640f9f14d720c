"""The bot, from the service's side: one turn out, one answer in. Foreign errors become `BotFailed` here.

Asked twice at most, 8 s each (HEARD_BOT_TIMEOUT): the connector knows a message id it has answered and gives the same answer again.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any, Protocol

import aiohttp

from handoff.desk.answer import LISTEN, BotAnswer, Reply
from handoff.errors import BadInput, BotFailed
from handoff.signals import from_wire
from handoff.understanding import read_understanding

TRIES = 2
SOON = 4.0  # seconds
MAX_REPLIES, MAX_REPLY, MAX_BUTTONS, MAX_BODY = 10, 4000, 20, 256 * 1024


class Bot(Protocol):
    async def ask(self, turn: dict[str, Any], *, soon: bool = False) -> BotAnswer:
        """The answer to one turn; `soon`: within `SOON` seconds or not at all.

        Raises `BotFailed`, whose `code` fact says how: down | slow | refused | broken | silent.
        """
        ...

    async def ready(self) -> bool:
        """Whether a turn could be answered now."""
        ...

    async def close(self) -> None: ...


class RasaBot:
    def __init__(self, url: str, *, secret: str, timeout: float, soon: float = SOON) -> None:
        """`url` without a slash at the end; seconds: `timeout` for each of two tries, `soon` for both where the answer must come soon."""
        self._url = url
        self._headers = {"Authorization": f"Bearer {secret}"}
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._soon = soon
        self._session: aiohttp.ClientSession | None = None

    async def ask(self, turn: dict[str, Any], *, soon: bool = False) -> BotAnswer:
        try:
            async with asyncio.timeout(self._soon if soon else None):
                return await self._ask(turn)
        except TimeoutError:
            raise BotFailed(how="slow") from None

    async def _ask(self, turn: dict[str, Any]) -> BotAnswer:
        for _ in range(TRIES - 1):
            try:
                return await self._ask_once(turn)
            except BotFailed as error:
                if error.facts["how"] == "down":
                    await asyncio.sleep(0.3)  # a bot that is being restarted refuses at once
        return await self._ask_once(turn)

    async def _ask_once(self, turn: dict[str, Any]) -> BotAnswer:
        try:
            async with self._http().post(f"{self._url}/webhooks/heard/turn", json=turn) as response:
                if response.status != 200:
                    raise BotFailed(how="refused")
                body = b""
                async for chunk in response.content.iter_chunked(65536):
                    body += chunk
                    if len(body) > MAX_BODY:
                        raise BotFailed(how="broken")
                return read_answer(_parse(body), turn)
        except TimeoutError:
            raise BotFailed(how="slow") from None
        except (aiohttp.ClientError, OSError):
            raise BotFailed(how="down") from None

    async def ready(self) -> bool:
        try:
            async with self._http().get(f"{self._url}/webhooks/heard/ready", timeout=aiohttp.ClientTimeout(total=2)) as response:
                return response.status == 200
        except (aiohttp.ClientError, OSError, TimeoutError):
            return False

    def _http(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(headers=self._headers, timeout=self._timeout)
        return self._session

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


def read_answer(data: Any, turn: dict[str, Any]) -> BotAnswer:
    """The bot's JSON as an answer to `turn`. Raises `BotFailed` for another conversation's, a malformed, an oversized or a silent one."""
    try:
        if data["conversation"] != turn["conversation"] or data["message"] != turn["message"]:
            raise BotFailed(how="broken")
        replies = tuple(_reply(reply) for reply in data["replies"])
        signals = tuple(from_wire(signal) for signal in data["signals"])
        understanding = read_understanding(data.get("understanding"))
    except (KeyError, TypeError, AttributeError, BadInput):
        raise BotFailed(how="broken") from None
    if len(replies) > MAX_REPLIES:
        raise BotFailed(how="broken")
    says_enough = any(type(signal).__name__ in ("WantsPerson", "Unsafe", "FollowUp") for signal in signals)
    if not replies and not says_enough and turn["kind"] != LISTEN:
        raise BotFailed(how="silent")
    return BotAnswer(replies, signals, understanding.intent, understanding)


def _reply(data: dict[str, Any]) -> Reply:
    text, buttons = data["text"], data.get("buttons") or []
    if not isinstance(text, str) or not 0 < len(text.strip()) <= MAX_REPLY or len(buttons) > MAX_BUTTONS:
        raise BotFailed(how="broken")
    if not all(isinstance(button["title"], str) and isinstance(button["payload"], str) for button in buttons):
        raise BotFailed(how="broken")
    return Reply(text, tuple({"title": button["title"], "payload": button["payload"]} for button in buttons))


def _parse(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        raise BotFailed(how="broken") from None
