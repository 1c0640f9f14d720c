"""Our own port: the look-alike of the phone provider answers there, and cannot be asked anything before it is open."""

from __future__ import annotations

import asyncio
import contextlib
import logging

from yarl import URL

log = logging.getLogger(__name__)
WITHIN, PAUSE = 10.0, 0.02  # seconds


async def until_open(url: str, *, within: float = WITHIN) -> bool:
    """Wait until somebody listens at `url`, for `within` seconds at most. Returns whether somebody does."""
    at = URL(url)
    for _ in range(round(within / PAUSE)):
        if await _is_open(at.host or "", at.port or 0):
            return True
        await asyncio.sleep(PAUSE)
    log.warning("nobody listens on our own port yet; going on")
    return False


async def _is_open(host: str, port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(host, port)
    except OSError:
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True
