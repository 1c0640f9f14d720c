"""The console's events about promised calls, and what the events of all kinds share: who I am, which conversation is meant."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from handoff.desk import callback_acts
from handoff.desk.work import Desk
from handoff.errors import BadInput
from handoff.hours import Window
from handoff.sockets import field
from handoff.staff.access import Act, Person

Deed = Callable[[Person, dict[str, Any]], Awaitable[dict[str, Any]]]


class CallEvents:
    """`table`: event -> the act it needs, and what it does."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.table: dict[str, tuple[Act, Deed]] = {
            "call_now": (Act.CALL, self._call_now),
            "claim_callback": (Act.CALL, self._claim_callback),
            "release_callback": (Act.CALL, self._release_callback),
            "log_attempt": (Act.CALL, self._log_attempt),
            "move_callback": (Act.CALL, self._move_callback),
            "plan_callback": (Act.CALL, self._plan_callback),
            "windows": (Act.CALL, self._windows),
            "set_phone": (Act.SET_PHONE, self._set_phone),
        }

    async def _call_now(self, person: Person, data: dict[str, Any]) -> dict[str, Any]:
        """`by_hand`: no phone is rung; they dial themselves and note what came of it."""
        rings = await self._desk.do(callback_acts.call_now, person, _callback(data))
        return {"by_hand": not rings}

    async def _claim_callback(self, person: Person, data: dict[str, Any]) -> dict[str, Any]:
        return {"item": await self._desk.do(callback_acts.claim, person, _callback(data))}

    async def _release_callback(self, person: Person, data: dict[str, Any]) -> dict[str, Any]:
        return {"item": await self._desk.do(callback_acts.release, person, _callback(data))}

    async def _log_attempt(self, person: Person, data: dict[str, Any]) -> dict[str, Any]:
        note = data.get("note") or ""
        return {"item": await self._desk.do(callback_acts.log_attempt, person, _callback(data), data.get("outcome"), note)}

    async def _move_callback(self, person: Person, data: dict[str, Any]) -> dict[str, Any]:
        return {"item": await self._desk.do(callback_acts.move, person, _callback(data), _window(data))}

    async def _plan_callback(self, person: Person, data: dict[str, Any]) -> dict[str, Any]:
        number, about = field(data, "number", str, longest=100), data.get("about") or ""
        if not isinstance(about, str):
            raise BadInput
        return {"item": await self._desk.do(callback_acts.plan_one, person, conversation_of(data), number, _window(data), about)}

    async def _windows(self, person: Person, data: dict[str, Any]) -> dict[str, Any]:
        return {"windows": callback_acts.offered(self._desk.house, self._desk.clock.now())}

    async def _set_phone(self, person: Person, data: dict[str, Any]) -> dict[str, Any]:
        number = data.get("number")
        if not isinstance(number, str) or len(number) > 100:
            raise BadInput
        await self._desk.do(callback_acts.set_phone, person, number)
        return {"me": await me(self._desk, person)}


async def me(desk: Desk, person: Person) -> dict[str, Any]:
    """The person as their own console shows them."""
    phone = await desk.look(callback_acts.phone_of, person)
    return {"id": person.id, "name": person.name, "role": str(person.role), "available": person.available, "phone": phone}


def conversation_of(data: dict[str, Any]) -> str:
    """Raises `BadInput` where none is named."""
    found: str = field(data, "conversation", str, longest=64)
    return found


def _callback(data: dict[str, Any]) -> str:
    found: str = field(data, "callback", str, longest=64)
    return found


def _window(data: dict[str, Any]) -> Window:
    """`from` and `to` as `moment` writes them. Raises `BadInput`."""
    try:
        begins, ends = (datetime.fromisoformat(field(data, name, str, longest=40)) for name in ("from", "to"))
    except ValueError:
        raise BadInput from None
    if begins.tzinfo is None or ends.tzinfo is None:
        raise BadInput
    return Window(begins, ends)
