"""Channels: where patients write from. What a channel can do is data; the core asks the data, never the name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Abilities:
    """`max_length`: characters of one message we send; `buttons`: shown as such, else as numbered lines; `typing`: can show it.

    How long people take on a channel: `park` for a patient whom staff wait for; `choosing`, `wait` (in line) and `idle` (until an
    episode is closed), None where a setting tells. `window`: a text within it belongs to whatever was asked last; until `idle` has
    passed it still counts if it answers that, else it starts afresh. None: whatever is open stays open.
    """

    buttons: bool
    typing: bool
    max_length: int
    park: timedelta
    choosing: timedelta | None = None
    wait: timedelta | None = None
    idle: timedelta | None = None
    window: timedelta | None = None


@dataclass(frozen=True)
class Inbound:
    """One thing a patient sent, from whatever channel: words, or a pressed button, under an id that the sender chose.

    `client_id` is unique within the conversation for ever: the same id again is the same message.
    `button` is an id as we showed it (`<message id>.<n>`), or `person`. `channel` is a name in `CHANNELS`.
    """

    conversation: str
    client_id: str
    text: str = ""
    button: str | None = None
    channel: str = "web"


CHANNELS: Mapping[str, Abilities] = {
    "web": Abilities(buttons=True, typing=True, max_length=4000, park=timedelta(minutes=15)),
    "sms": Abilities(
        buttons=False,
        typing=False,
        max_length=1000,
        park=timedelta(hours=24),
        choosing=timedelta(hours=6),
        wait=timedelta(hours=1),
        idle=timedelta(hours=72),
        window=timedelta(hours=6),
    ),
}
