"""Twilio, from the service's side: one small client for texts and calls. Foreign errors become `Refused` or `Uncertain` here.

Creating a text or a call is not idempotent and Twilio takes no key for it: what was not answered may have happened, so nothing is
tried twice here. Sources: Twilio's REST API, Messages and Calls resources (2010-04-01).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Protocol

import aiohttp

from handoff.account import Account

CONNECT, TOTAL = 3.0, 10.0  # seconds
PAGES, PAGE = 20, 200


class Refused(Exception):
    """Twilio answered no: nothing was created. `code` is Twilio's (0: none given), `retry_after` in seconds where it said so."""

    def __init__(self, code: int, status: int, retry_after: float | None = None) -> None:
        super().__init__(f"refused: {code} ({status})")
        self.code, self.status, self.retry_after = code, status, retry_after


class Uncertain(Exception):
    """No answer, a broken one, or a 5xx: it may have been created or not."""


@dataclass(frozen=True)
class Created:
    """A text or a call that exists now; `state` is Twilio's word: queued, accepted, sending, ..."""

    sid: str
    state: str


@dataclass(frozen=True)
class ListedText:
    """One text as Twilio lists it; `direction`: inbound or outbound-*; `media`: how many pictures."""

    sid: str
    direction: str
    sender: str
    to: str
    body: str
    state: str
    error: int | None
    media: int
    at: datetime | None


@dataclass(frozen=True)
class ListedCall:
    sid: str
    state: str  # queued | ringing | in-progress | completed | busy | failed | no-answer | canceled
    answered_by: str | None
    duration: int | None  # seconds


class Phone(Protocol):
    async def send_text(self, *, to: str, sender: str, body: str, status_url: str, validity: int | None = None) -> Created:
        """Create a text; `validity` in seconds (1-36,000). Raises `Refused`, `Uncertain`."""
        ...

    async def texts(self, *, to: str | None = None, sender: str | None = None, since: datetime) -> list[ListedText]:
        """The texts since a moment, newest first. Raises `Refused`, `Uncertain`."""
        ...

    async def text(self, sid: str) -> ListedText:
        """One text by its sid. Raises `Refused`, `Uncertain`."""
        ...

    async def place_call(self, *, to: str, sender: str, url: str, status_url: str, ring: int, detect_machine: bool = False) -> Created:
        """Create a call whose TwiML is at `url`; `ring` in seconds. Raises `Refused`, `Uncertain`."""
        ...

    async def calls(self, *, to: str, since: datetime) -> list[ListedCall]:
        """The calls to a number since a moment, newest first. Raises `Refused`, `Uncertain`."""
        ...

    async def call(self, sid: str) -> ListedCall:
        """One call by its sid. Raises `Refused`, `Uncertain`."""
        ...

    async def hang_up(self, sid: str) -> None:
        """End a call, whether it rings or is talked on. Raises `Refused`, `Uncertain`."""
        ...

    async def close(self) -> None: ...


class TwilioPhone:
    def __init__(self, account: Account, *, connect: float = CONNECT, total: float = TOTAL) -> None:
        """`connect`, `total`: the longest that one request may take, in seconds."""
        self._account = account
        self._root = f"{account.api_url}/2010-04-01/Accounts/{account.sid}"
        self._timeout = aiohttp.ClientTimeout(total=total, connect=connect)
        self._session: aiohttp.ClientSession | None = None

    async def send_text(self, *, to: str, sender: str, body: str, status_url: str, validity: int | None = None) -> Created:
        data = {"To": to, "From": sender, "Body": body, "StatusCallback": status_url}
        if validity is not None:
            data["ValidityPeriod"] = str(max(1, min(validity, 36_000)))
        return _created(await self._ask("POST", "/Messages.json", data=data))

    async def texts(self, *, to: str | None = None, sender: str | None = None, since: datetime) -> list[ListedText]:
        wanted = {"To": to, "From": sender, "DateSent>": since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
        return [_text(row) for row in await self._list("/Messages.json", "messages", wanted)]

    async def text(self, sid: str) -> ListedText:
        return _text(await self._ask("GET", f"/Messages/{sid}.json"))

    async def place_call(self, *, to: str, sender: str, url: str, status_url: str, ring: int, detect_machine: bool = False) -> Created:
        data: dict[str, Any] = {"To": to, "From": sender, "Url": url, "Method": "POST", "Timeout": str(ring)}
        data |= {"StatusCallback": status_url, "StatusCallbackEvent": ["initiated", "ringing", "answered", "completed"]}
        if detect_machine:
            data["MachineDetection"] = "Enable"
        return _created(await self._ask("POST", "/Calls.json", data=data))

    async def calls(self, *, to: str, since: datetime) -> list[ListedCall]:
        wanted = {"To": to, "StartTime>": since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
        return [_call(row) for row in await self._list("/Calls.json", "calls", wanted)]

    async def call(self, sid: str) -> ListedCall:
        return _call(await self._ask("GET", f"/Calls/{sid}.json"))

    async def hang_up(self, sid: str) -> None:
        await self._ask("POST", f"/Calls/{sid}.json", data={"Status": "completed"})

    async def _list(self, path: str, name: str, wanted: Mapping[str, str | None]) -> list[dict[str, Any]]:
        """Every row of a list, page by page (at most 20 of 200)."""
        page = await self._ask("GET", path, params={**{key: value for key, value in wanted.items() if value}, "PageSize": str(PAGE)})
        rows: list[dict[str, Any]] = []
        for _ in range(PAGES):
            found, following = page.get(name), page.get("next_page_uri")
            if not isinstance(found, list):
                raise Uncertain
            rows += found
            if not isinstance(following, str) or not following:
                break
            page = await self._ask("GET", following.removeprefix(f"/2010-04-01/Accounts/{self._account.sid}"))
        return rows

    async def _ask(self, method: str, path: str, *, data: Mapping[str, Any] | None = None, params: Mapping[str, str] | None = None) -> Any:
        form = (
            None if data is None else aiohttp.FormData([(k, one) for k, v in data.items() for one in (v if isinstance(v, list) else [v])])
        )
        try:
            async with self._http().request(method, self._root + path, data=form, params=params, allow_redirects=False) as response:
                if response.status >= 500:
                    raise Uncertain
                found = await response.json(content_type=None)
                if response.status >= 400:
                    raise Refused(_code(found), response.status, _seconds(response.headers.get("Retry-After")))
                if response.status >= 300 or not isinstance(found, dict):
                    raise Uncertain
                return found
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError):
            raise Uncertain from None

    def _http(self) -> aiohttp.ClientSession:
        if self._session is None:
            headers = {"Authorization": aiohttp.encode_basic_auth(self._account.sid, self._account.token)}
            self._session = aiohttp.ClientSession(headers=headers, timeout=self._timeout)
        return self._session

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


def _pairs(data: Mapping[str, Any]) -> list[tuple[str, str]]:
    """A list stands for a field that is repeated."""
    return [(name, one) for name, value in data.items() for one in (value if isinstance(value, list) else [value])]


def _created(found: Mapping[str, Any]) -> Created:
    sid = found.get("sid")
    if not isinstance(sid, str) or not sid:
        raise Uncertain
    return Created(sid, str(found.get("status") or "queued"))


def _text(row: Mapping[str, Any]) -> ListedText:
    return ListedText(
        sid=str(row["sid"]),
        direction=str(row.get("direction") or ""),
        sender=str(row.get("from") or ""),
        to=str(row.get("to") or ""),
        body=str(row.get("body") or ""),
        state=str(row.get("status") or ""),
        error=int(row["error_code"]) if row.get("error_code") else None,
        media=int(row.get("num_media") or 0),
        at=_moment(row.get("date_sent") or row.get("date_created")),
    )


def _call(row: Mapping[str, Any]) -> ListedCall:
    duration = row.get("duration")
    return ListedCall(str(row["sid"]), str(row.get("status") or ""), row.get("answered_by"), int(duration) if duration else None)


def _code(found: Any) -> int:
    code = found.get("code") if isinstance(found, dict) else None
    return code if isinstance(code, int) else 0


def _seconds(given: str | None) -> float | None:
    return float(given) if given is not None and given.isascii() and given.isdigit() else None


def _moment(given: str | None) -> datetime | None:
    """Twilio writes RFC 2822 (`Wed, 25 Nov 2026 12:00:00 +0000`)."""
    if given is None:
        return None
    try:
        return parsedate_to_datetime(given).astimezone(UTC)
    except (TypeError, ValueError):
        return None
