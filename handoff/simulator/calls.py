"""One call on Twilio's side: its checks, its JSON and the fields of its webhooks.

Sources: Twilio's Calls resource, "TwiML for Programmable Voice" (request parameters) and "Call status events".
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from handoff.account import Account
from handoff.simulator.faults import Faults
from handoff.simulator.parties import Party
from handoff.simulator.rest import Refusal, rfc2822
from handoff.simulator.texts import check_number, country_of

ALIVE = ("queued", "ringing", "in-progress")
RING = 60.0  # seconds, where a creation names none


@dataclass
class Call:
    """`said`: what this phone was told, in order. `digits`: keys pressed and not yet taken. `ending`: why it ends, once it does."""

    sid: str
    direction: str  # inbound | outbound-api | outbound-dial
    sender: str
    to: str
    party: Party
    created: datetime
    url: str = ""
    status_url: str = ""
    events: Sequence[str] = ("completed",)
    ring: float = RING
    detect: str = ""  # Enable | DetectMessageEnd
    parent: str | None = None
    state: str = "queued"
    answered_by: str | None = None
    started: datetime | None = None
    ended: datetime | None = None
    said: list[str] = field(default_factory=list)
    bridged: bool = False
    asked: bool = False
    ending: str = ""
    told: int = 0
    digits: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    body: asyncio.Task[None] | None = None

    @property
    def alive(self) -> bool:
        return self.state in ALIVE

    @property
    def seconds(self) -> int:
        return int((self.ended - self.started).total_seconds()) if self.started and self.ended else 0


def check_call(fields: Mapping[str, str], account: Account, faults: Faults) -> None:
    """Raises `Refusal` as Twilio does."""
    to, sender = fields.get("To", ""), fields.get("From", "")
    if not to:
        raise Refusal(21201)
    if not sender:
        raise Refusal(21213)
    if not fields.get("Url", "").startswith(("http://", "https://")):
        raise Refusal(21205)
    check_number(to)
    if sender not in account.numbers:
        raise Refusal(21210)
    if faults.refusal_of(to):
        raise Refusal(faults.refusal_of(to))


def call_json(call: Call, account: Account) -> dict[str, Any]:
    uri = f"/2010-04-01/Accounts/{account.sid}/Calls/{call.sid}"
    return {
        "account_sid": account.sid,
        "annotation": None,
        "answered_by": call.answered_by,
        "api_version": "2010-04-01",
        "caller_name": "",
        "date_created": rfc2822(call.created),
        "date_updated": rfc2822(call.ended or call.started or call.created),
        "direction": call.direction,
        "duration": None if call.alive else str(call.seconds),
        "end_time": rfc2822(call.ended),
        "forwarded_from": None,
        "from": call.sender,
        "from_formatted": call.sender,
        "group_sid": None,
        "parent_call_sid": call.parent,
        "phone_number_sid": None,
        "price": None,
        "price_unit": "USD",
        "queue_time": "0",
        "sid": call.sid,
        "start_time": rfc2822(call.started),
        "status": call.state,
        "subresource_uris": {},
        "to": call.to,
        "to_formatted": call.to,
        "trunk_sid": None,
        "uri": f"{uri}.json",
    }


def call_fields(call: Call, account: Account, *, state: str = "") -> dict[str, str]:
    """What every webhook about a call carries; blanks are kept, as Twilio keeps them."""
    places = {f"{who}{place}": "" for who in ("Called", "Caller", "To", "From") for place in ("City", "State", "Zip")}
    fields = {
        **places,
        "AccountSid": account.sid,
        "ApiVersion": "2010-04-01",
        "CallSid": call.sid,
        "CallStatus": state or call.state,
        "Called": call.to,
        "CalledCountry": country_of(call.to),
        "Caller": call.sender,
        "CallerCountry": country_of(call.sender),
        "Direction": call.direction,
        "From": call.sender,
        "FromCountry": country_of(call.sender),
        "To": call.to,
        "ToCountry": country_of(call.to),
    }
    if call.parent is not None:
        fields["ParentCallSid"] = call.parent
    if call.answered_by is not None:
        fields["AnsweredBy"] = call.answered_by
        fields["MachineDetectionDuration"] = "2000"
    return fields


def event_fields(call: Call, account: Account, event: str, at: datetime) -> dict[str, str]:
    """A call status event: initiated, ringing, answered, completed."""
    states = {"initiated": "initiated", "ringing": "ringing", "answered": "in-progress"}
    fields = call_fields(call, account, state=states.get(event, ""))
    fields |= {"CallbackSource": "call-progress-events", "SequenceNumber": str(call.told), "Timestamp": rfc2822(at) or ""}
    if event == "completed":
        fields |= {"CallDuration": str(call.seconds), "Duration": str(-(-call.seconds // 60))}
    return fields
