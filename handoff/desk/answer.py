"""What the bot answers to one turn, as the desk takes it."""

from __future__ import annotations

from dataclasses import dataclass

from handoff import signals as sig
from handoff.understanding import Understanding

LISTEN = "listen"  # the job, and the kind of its turn, that is understood and not answered


@dataclass(frozen=True)
class Reply:
    """One message of the bot. `buttons`: `{"title", "payload"}` each."""

    text: str
    buttons: tuple[dict[str, str], ...] = ()


@dataclass(frozen=True)
class BotAnswer:
    replies: tuple[Reply, ...]
    signals: tuple[sig.Signal, ...]
    intent: str = ""
    understanding: Understanding | None = None
