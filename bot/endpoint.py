"""Rasa's way to the action server, with one kept connection instead of a new client session for every call."""

from __future__ import annotations

from typing import Any

import aiohttp
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

SECONDS = 6.0  # less than what the service waits for a turn


class KeptEndpoint(EndpointConfig):  # type: ignore[misc]
    def __init__(self, told: EndpointConfig) -> None:
        """`told`: the endpoint as endpoints.yml describes it."""
        super().__init__(url=told.url, headers=told.headers, **told.kwargs)
        self._session: aiohttp.ClientSession | None = None

    async def request(self, method: str = "post", **kwargs: Any) -> Any:
        """POST `json`; the answer's JSON. Raises `ClientResponseError` for a status of 400 and more, aiohttp's errors for the rest."""
        if self._session is None:
            self._session = aiohttp.ClientSession(headers=self.headers, timeout=aiohttp.ClientTimeout(total=SECONDS))
        async with self._session.post(self.url, json=kwargs["json"]) as answer:
            if answer.status >= 400:
                raise ClientResponseError(answer.status, answer.reason or "", "{}")
            return await answer.json()
