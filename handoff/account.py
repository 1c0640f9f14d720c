"""The account that texts and calls go through: Twilio's, or the simulator's on this machine. The same code path for both."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field

from handoff.settings import Settings

SIMULATED_SID = "AC" + "0" * 32
SIMULATED_NUMBER = {"US": "+15550100100", "GB": "+447700900100", "IE": "+353201111100", "ES": "+34600000100"}


@dataclass(frozen=True)
class Account:
    """`numbers`: ours, E.164, the first one writes and calls. `api_url`, `public_url`: without a slash at the end."""

    sid: str
    token: str = field(repr=False)
    numbers: tuple[str, ...]
    api_url: str
    public_url: str
    simulated: bool = False

    @property
    def number(self) -> str:
        return self.numbers[0]


def account_of(settings: Settings, secret: str) -> Account | None:
    """Twilio's where there are credentials; the simulator's where it is switched on, or on a demo without any; else none.

    `secret` is the one that service and bot share: the simulator's token is made from it.
    """
    if settings.has_twilio:
        token = settings.twilio_auth_token.get_secret_value()
        return Account(settings.twilio_account_sid, token, settings.twilio_numbers, settings.twilio_api_url.rstrip("/"), settings.url)
    if not simulates(settings):
        return None
    token = hmac.new(secret.encode(), b"simulator", hashlib.sha256).hexdigest()[:32]
    local = f"http://127.0.0.1:{settings.port}/simulator/twilio"
    return Account(SIMULATED_SID, token, (SIMULATED_NUMBER[settings.country],), local, settings.url, simulated=True)


def simulates(settings: Settings) -> bool:
    """Is the phone on the screen in use?"""
    return not settings.has_twilio and (settings.simulator or settings.demo)
