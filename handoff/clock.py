"""Time and ids come from here, so that a test can hold both still."""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime
from typing import Protocol
from uuid import UUID


class Clock(Protocol):
    def now(self) -> datetime:
        """The moment, aware, in UTC."""
        ...


class Ids(Protocol):
    def new(self) -> str:
        """A new UUIDv7 as 36 characters; later ids sort after earlier ones of the same process."""
        ...

    def secret(self) -> str:
        """256 random bits as 43 URL-safe characters."""
        ...

    def code(self) -> str:
        """Six random digits."""
        ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class RandomIds:
    """UUIDv7 (RFC 9562, section 5.7) with a counter in `rand_a`, so that ids made in one millisecond keep their order."""

    def __init__(self) -> None:
        self._last_ms = 0
        self._counter = 0

    def new(self) -> str:
        ms = time.time_ns() // 1_000_000
        if ms > self._last_ms:
            self._last_ms, self._counter = ms, secrets.randbelow(0x800)
        else:
            self._counter += 1
            if self._counter > 0xFFF:
                self._last_ms, self._counter = self._last_ms + 1, 0
        value = (self._last_ms & 0xFFFFFFFFFFFF) << 80 | 0x7 << 76 | self._counter << 64 | 0b10 << 62 | secrets.randbits(62)
        return str(UUID(int=value))

    def secret(self) -> str:
        return secrets.token_urlsafe(32)

    def code(self) -> str:
        return f"{secrets.randbelow(1_000_000):06d}"
