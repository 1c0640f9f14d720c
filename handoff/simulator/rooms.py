"""Conferences, as far as two phones need them: a room by name, in which whoever is there hears the others.

Source: Twilio, "TwiML for Programmable Voice" (Dial, Conference).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from handoff.simulator.calls import Call
from handoff.simulator.hub import Hub
from handoff.simulator.twiml import Verb

MOST = "250"  # in one room, where the document names no number


@dataclass
class Room:
    inside: list[Call] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)


class Rooms:
    """`met`: who heard each other, by the sids of their calls, in the order in which they met."""

    def __init__(self, hub: Hub) -> None:
        self.met: list[tuple[str, ...]] = []
        self._hub = hub
        self._rooms: dict[str, Room] = {}

    async def stay(self, call: Call, noun: Verb) -> None:
        """Be in the room until it ends; it ends for all when one leaves whose document says `endConferenceOnExit`."""
        room = self._rooms.setdefault(noun.text, Room())
        if len(room.inside) >= int(noun.given.get("maxParticipants", MOST)):
            return
        room.inside.append(call)
        self._show(room)
        try:
            await room.over.wait()
        finally:
            room.inside.remove(call)
            call.bridged = False
            if noun.given.get("endConferenceOnExit") == "true" or not room.inside:
                room.over.set()
                self._rooms.pop(noun.text, None)
            self._show(room)

    def _show(self, room: Room) -> None:
        together = len(room.inside) > 1
        for call in room.inside:
            call.bridged = together
        if together:
            self.met.append(tuple(call.sid for call in room.inside))
        self._hub.change()
