"""One text on Twilio's side: its checks, its JSON and the fields of its webhooks.

Sources: Twilio's Messages resource, "Twilio's request to your webhook", and the default words of "Advanced Opt-Out".
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import phonenumbers

from handoff.account import Account
from handoff.simulator.faults import Faults
from handoff.simulator.rest import Refusal, rfc2822

STOP = {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"}
START = {"START", "YES", "UNSTOP"}
HELP = {"HELP", "INFO"}
LONGEST = 1600
FAILED_EARLY = {30001, 30022, 30034, 30036}  # these never leave Twilio: failed; all others: sent, then undelivered
GSM = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_TWICE = set("^{}\\[~]|€\f")


@dataclass
class Text:
    """`state` is Twilio's word; `reached`: it is on the phone; `taken`: what our side answered to one that came in (0: nothing)."""

    sid: str
    direction: str  # inbound | outbound-api | outbound-reply
    sender: str
    to: str
    body: str
    created: datetime
    state: str
    media: int = 0
    error: int | None = None
    sent: datetime | None = None
    status_url: str = ""
    reached: bool = False
    taken: int | None = None


def check_text(fields: Mapping[str, str], account: Account, faults: Faults, opted_out: Collection[tuple[str, str]]) -> None:
    """Raises `Refusal` as Twilio does."""
    to, sender, body = fields.get("To", ""), fields.get("From", ""), fields.get("Body", "")
    if not to:
        raise Refusal(21604)
    if not sender:
        raise Refusal(21603)
    if not body and not fields.get("MediaUrl"):
        raise Refusal(21602)
    if len(body) > LONGEST:
        raise Refusal(21617)
    check_number(to)
    if sender not in account.numbers:
        raise Refusal(21606)
    if faults.refusal_of(to):
        raise Refusal(faults.refusal_of(to))
    if (to, sender) in opted_out:
        raise Refusal(21610)


def check_number(number: str) -> None:
    """Raises `Refusal` 21211."""
    try:
        if number.startswith("+") and phonenumbers.is_possible_number(phonenumbers.parse(number)):
            return
    except phonenumbers.NumberParseException:
        pass
    raise Refusal(21211)


def states_of(error: int) -> tuple[str, ...]:
    """What becomes of a text after `queued`."""
    if not error:
        return ("sent", "delivered")
    return ("failed",) if error in FAILED_EARLY else ("sent", "undelivered")


def opt_out_type(body: str) -> str:
    """Twilio minds a text that is one of its words and nothing else."""
    word = body.strip().upper()
    return next((name for name, words in (("STOP", STOP), ("START", START), ("HELP", HELP)) if word in words), "")


def segments(body: str) -> int:
    """How many parts a carrier bills: 160 or 153 characters of GSM 03.38, 70 or 67 UTF-16 units otherwise (3GPP TS 23.038)."""
    if all(sign in GSM or sign in GSM_TWICE for sign in body):
        length, alone, joined = sum(2 if sign in GSM_TWICE else 1 for sign in body), 160, 153
    else:
        length, alone, joined = len(body.encode("utf-16-le")) // 2, 70, 67
    return 1 if length <= alone else math.ceil(length / joined)


def text_json(text: Text, account: Account) -> dict[str, Any]:
    uri = f"/2010-04-01/Accounts/{account.sid}/Messages/{text.sid}"
    return {
        "account_sid": account.sid,
        "api_version": "2010-04-01",
        "body": text.body,
        "date_created": rfc2822(text.created),
        "date_sent": rfc2822(text.sent),
        "date_updated": rfc2822(text.sent or text.created),
        "direction": text.direction,
        "error_code": text.error,
        "error_message": None,
        "from": text.sender,
        "messaging_service_sid": None,
        "num_media": str(text.media),
        "num_segments": str(segments(text.body)),
        "price": None,
        "price_unit": "USD",
        "sid": text.sid,
        "status": text.state,
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": text.to,
        "uri": f"{uri}.json",
    }


def inbound_fields(text: Text, account: Account) -> dict[str, str]:
    """The form of a text that came in: blanks are kept, as Twilio keeps them."""
    fields = {
        "ToCountry": country_of(text.to),
        "ToState": "",
        "SmsMessageSid": text.sid,
        "NumMedia": str(text.media),
        "ToCity": "",
        "FromZip": "",
        "SmsSid": text.sid,
        "FromState": "",
        "SmsStatus": "received",
        "FromCity": "",
        "Body": text.body,
        "FromCountry": country_of(text.sender),
        "To": text.to,
        "ToZip": "",
        "NumSegments": str(segments(text.body)),
        "MessageSid": text.sid,
        "AccountSid": account.sid,
        "From": text.sender,
        "ApiVersion": "2010-04-01",
    }
    messages = f"{account.api_url}/2010-04-01/Accounts/{account.sid}/Messages"
    for number in range(text.media):
        fields[f"MediaContentType{number}"] = "image/png"
        fields[f"MediaUrl{number}"] = f"{messages}/{text.sid}/Media/{media_sid(text, number)}"
    if kind := opt_out_type(text.body):
        fields["OptOutType"] = kind
    return fields


def media_sid(text: Text, number: int) -> str:
    return f"ME{text.sid[2:-1]}{number}"


def status_fields(text: Text, account: Account, state: str, error: int | None) -> dict[str, str]:
    fields = {
        "SmsSid": text.sid,
        "SmsStatus": state,
        "MessageStatus": state,
        "To": text.to,
        "MessageSid": text.sid,
        "AccountSid": account.sid,
        "From": text.sender,
        "ApiVersion": "2010-04-01",
    }
    return {**fields, "ErrorCode": str(error)} if error else fields


def country_of(number: str) -> str:
    try:
        return str(phonenumbers.region_code_for_number(phonenumbers.parse(number)) or "")
    except phonenumbers.NumberParseException:
        return ""
