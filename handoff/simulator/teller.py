"""Tells our side what becomes of calls and texts, once, twice, backwards or not at all, as the faults say."""

from __future__ import annotations

from collections.abc import Mapping

from handoff.simulator.calls import Call, event_fields
from handoff.simulator.faults import Callbacks
from handoff.simulator.hub import Hub
from handoff.simulator.texts import Text, status_fields


class Teller:
    """`told`: of what, which state or event, and the status of our side's answer."""

    def __init__(self, hub: Hub) -> None:
        self.told: list[tuple[str, str, int]] = []
        self._hub = hub
        self._late: dict[str, list[tuple[str, str, Mapping[str, str]]]] = {}

    async def tell_text(self, text: Text) -> None:
        """The state that a text has now."""
        await self._tell(text.sid, text.state, text.status_url, status_fields(text, self._hub.account, text.state, text.error))

    async def tell_call(self, call: Call, event: str) -> None:
        self._hub.change()
        if event in call.events:
            fields = event_fields(call, self._hub.account, event, self._hub.clock.now())
            call.told += 1
            await self._tell(call.sid, event, call.status_url, fields)

    async def tell_late(self, sid: str) -> None:
        """What was kept back in order to arrive backwards."""
        for what, url, fields in reversed(self._late.pop(sid, [])):
            await self.post(sid, what, url, fields)

    async def post(self, sid: str, what: str, url: str, fields: Mapping[str, str]) -> int:
        answer = await self._hub.hooks.post(url, fields)
        self.told.append((sid, what, answer.status))
        return answer.status

    async def _tell(self, sid: str, what: str, url: str, fields: Mapping[str, str]) -> None:
        faults = self._hub.faults
        if not url or faults.deaf or faults.callbacks is Callbacks.LOST or what in faults.lost:
            return
        if faults.callbacks is Callbacks.BACKWARDS:
            self._late.setdefault(sid, []).append((what, url, fields))
            return
        for _ in range(2 if faults.callbacks is Callbacks.TWICE else 1):
            await self.post(sid, what, url, fields)
