"""Channels: where patients write from. What a channel can do is data; the core asks the data, never the name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Abilities:
    """`max_length`: characters of one message we send; `buttons`: shown as such, else as numbered lines; `typing`: can show it."""

    buttons: bool
    typing: bool
    max_length: int


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
    "web": Abilities(buttons=True, typing=True, max_length=4000),
    "sms": Abilities(buttons=False, typing=False, max_length=1000),
}
