"""The manners of Twilio's REST API: Basic auth, errors with codes, dates of RFC 2822, pages. Source: Twilio, "REST API responses"."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode

from aiohttp import encode_basic_auth, web

from handoff.account import Account

MESSAGES = {
    20003: "Authenticate",
    20404: "The requested resource was not found",
    20429: "Too Many Requests",
    21201: "No 'To' number is specified",
    21205: "Url is not a valid URL",
    21210: "The source phone number provided is not yet verified for your account",
    21213: "No 'From' number is specified",
    21211: "Invalid 'To' Phone Number",
    21220: "Call is not in-progress. Cannot redirect.",
    21408: "Permission to send an SMS has not been enabled for the region indicated by the 'To' number",
    21602: "Message body is required.",
    21603: "A 'From' phone number is required.",
    21604: "A 'To' phone number is required.",
    21606: "The 'From' phone number is not a valid, SMS-capable inbound phone number for your account.",
    21610: "Attempt to send to unsubscribed recipient",
    21611: "This 'From' number has exceeded the maximum number of queued messages",
    21612: "The 'To' phone number is not currently reachable using the 'From' phone number.",
    21614: "'To' number is not a valid mobile number",
    21617: "The concatenated message body exceeds the 1600 character limit",
}
STATUSES = {20003: 401, 20404: 404, 20429: 429}


class Refusal(Exception):
    """An error of the API; `code` is Twilio's."""

    def __init__(self, code: int, retry_after: int | None = None) -> None:
        super().__init__(str(code))
        self.code, self.retry_after = code, retry_after

    def response(self) -> web.Response:
        status = STATUSES.get(self.code, 400)
        body = {"code": self.code, "message": MESSAGES.get(self.code, "Error"), "more_info": _info(self.code), "status": status}
        headers = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        return web.json_response(body, status=status, headers=headers)


@dataclass(frozen=True)
class Asked:
    """A request that was received. A field that came more than once has all its values in `repeated`."""

    method: str
    path: str
    fields: Mapping[str, str]
    repeated: Mapping[str, tuple[str, ...]]
    at: datetime


async def read_asked(request: web.Request, at: datetime) -> Asked:
    form = await request.post() if request.method == "POST" else request.query
    fields = {name: str(value) for name, value in form.items()}
    return Asked(request.method, request.path, fields, {name: tuple(map(str, form.getall(name))) for name in fields}, at)


def check_credentials(request: web.Request, account: Account) -> None:
    """Raises `Refusal` 20003, or 20404 for an account that is another's."""
    wanted = encode_basic_auth(account.sid, account.token)
    if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), wanted.encode()):
        raise Refusal(20003)
    if request.match_info.get("account", account.sid) != account.sid:
        raise Refusal(20404)


def rfc2822(at: datetime | None) -> str | None:
    return format_datetime(at.astimezone(UTC)) if at else None


def within(query: Mapping[str, str], name: str, at: datetime) -> bool:
    """Does a moment pass the filters `name`, `name>` (on or after) and `name<` (on or before)? A value is a date or a moment."""
    second = at.astimezone(UTC).replace(microsecond=0)
    tests: dict[str, Callable[[datetime, datetime], bool]] = {
        "": lambda mine, given: mine.date() == given.date(),
        ">": lambda mine, given: mine >= given,
        "<": lambda mine, given: mine <= given,
    }
    return all(test(second, _moment(query[name + sign])) for sign, test in tests.items() if query.get(name + sign))


def page_of(request: web.Request, name: str, rows: Sequence[dict[str, Any]], sid: str) -> web.Response:
    """One page of `rows`; `next_page_uri` leads on."""
    size = max(1, min(int(request.query.get("PageSize", "50")), 1000))
    number = max(0, int(request.query.get("Page", "0")))
    shown = list(rows[number * size : (number + 1) * size])

    def uri(page: int) -> str:
        wanted = {**request.query, "PageSize": str(size), "Page": str(page)}
        return f"/2010-04-01/Accounts/{sid}/{name.capitalize()}.json?{urlencode(wanted)}"

    more = len(rows) > (number + 1) * size
    return web.json_response(
        {
            name: shown,
            "page": number,
            "page_size": size,
            "start": number * size,
            "end": number * size + max(0, len(shown) - 1),
            "first_page_uri": uri(0),
            "next_page_uri": uri(number + 1) if more else None,
            "previous_page_uri": uri(number - 1) if number else None,
            "uri": uri(number),
        }
    )


def _moment(given: str) -> datetime:
    found = datetime.fromisoformat(given.replace("Z", "+00:00"))
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _info(code: int) -> str:
    return f"https://www.twilio.com/docs/errors/{code}"
