"""The text channel: one inbound text as Twilio describes it, typed. Fields that we do not know are left alone.

Sources: Twilio, "Twilio's request to your incoming message Webhook URL"; for listed texts, its Messages resource.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from handoff.account import Account
from handoff.errors import BadSignature
from handoff.phone import ListedText

SID = re.compile(r"(SM|MM)[0-9a-fA-F]{32}")
NUMBER = re.compile(r"\+[1-9]\d{6,14}")
MOST_MEDIA = 10  # of one message: Twilio's own limit


@dataclass(frozen=True)
class TextIn:
    """`number`: who wrote; `ours`: whom they wrote to. `media`: `{"type", "url"}` each, unread. `at`: Twilio's own moment, if it told."""

    sid: str
    number: str
    ours: str
    body: str
    media: tuple[dict[str, str], ...] = field(default=())
    at: datetime | None = None

    @property
    def answerable(self) -> bool:
        """Is the sender a phone? Short codes and names (`22000`, `CARRIER`) belong to machines, and `whatsapp:+1…` to another channel."""
        return NUMBER.fullmatch(self.number) is not None


def read_text(fields: Mapping[str, str], account: Account) -> TextIn:
    """The text of a webhook whose signature held. Raises `BadSignature` where it is not for one of our numbers, or is no text."""
    sid, sender, to = fields.get("MessageSid", ""), fields.get("From", ""), fields.get("To", "")
    if to not in account.numbers or not SID.fullmatch(sid) or not sender or "Body" not in fields:
        raise BadSignature
    count = fields.get("NumMedia", "")
    pictures = min(int(count), MOST_MEDIA) if count.isascii() and count.isdigit() and len(count) < 4 else 0
    media = tuple({"type": fields.get(f"MediaContentType{n}", ""), "url": fields.get(f"MediaUrl{n}", "")} for n in range(pictures))
    return TextIn(sid, sender, to, fields["Body"], media)


def listed_text(listed: ListedText) -> TextIn:
    """A text from Twilio's list, which says how many pictures there are, and not where."""
    media = tuple({"type": "", "url": ""} for _ in range(min(listed.media, MOST_MEDIA)))
    return TextIn(listed.sid, listed.sender, listed.to, listed.body, media, listed.at)
