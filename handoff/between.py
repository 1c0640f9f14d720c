"""Redis between nodes: bells as ids and numbers on one channel. Redis is a hint; what it loses, clients pull."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from redis.asyncio import Redis

from handoff.doorbell import CHANNEL


class RedisBetween:
    def __init__(self, url: str) -> None:
        self._redis: Redis = Redis.from_url(url)

    async def publish(self, wire: str) -> None:
        await self._redis.publish(CHANNEL, wire)

    async def listen(self, heard: Callable[[str | bytes], Awaitable[None]]) -> None:
        """Hear bells until the connection breaks."""
        async with self._redis.pubsub() as line:
            await line.subscribe(CHANNEL)
            async for message in line.listen():
                if message["type"] == "message":
                    await heard(message["data"])

    async def close(self) -> None:
        await self._redis.aclose()
