"""The stand-in's promised calls: what the service answers when staff take, make, log, plan and move one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

OUTCOMES = ("spoke", "no_answer", "voicemail", "wrong_number")
PLANNED = [
    {"from": "2030-01-07T09:00:00Z", "to": "2030-01-07T11:00:00Z", "title": "Mon, 7 Jan, 9 to 11"},
    {"from": "2030-01-07T14:00:00Z", "to": "2030-01-07T16:00:00Z", "title": "Mon, 7 Jan, 2 to 4"},
]


def call(begins: float = -0.5, length: float = 2, **fields: Any) -> dict[str, Any]:
    """A promised call whose window begins in so many hours."""
    start = datetime.now(UTC) + timedelta(hours=begins)
    return {
        "id": "call-1",
        "state": "scheduled",
        "number": "+15005550199",
        "ending": "99",
        "window_from": _iso(start),
        "window_to": _iso(start + timedelta(hours=length)),
        "about": "",
        "language": "en",
        "attempts": 0,
        "next_at": None,
        "staff": None,
        "leg": None,
        **fields,
    }


class Calls:
    """Mixed into the stand-in: one open call for each conversation."""

    items: dict[str, dict[str, Any]]

    def __init__(self) -> None:
        self.by_hand = True  # no provider: staff dial
        self.phones: dict[str, str | None] = {}  # email -> their own phone

    async def change(self, conversation: str, **fields: Any) -> None:
        raise NotImplementedError

    def me(self, email: str) -> dict[str, Any]:
        raise NotImplementedError

    def _as_seen(self, item: dict[str, Any], email: str) -> dict[str, Any]:
        raise NotImplementedError

    async def promise(self, conversation: str, **fields: Any) -> None:
        """Something about the call of a conversation changes."""
        await self.change(conversation, callback={**self.items[conversation]["callback"], **fields})

    async def _on_claim_callback(self, socket: str, email: str, data: dict[str, Any]) -> dict[str, Any]:
        item, me = self._of(data), self.me(email)
        holder = item["callback"]["staff"]
        if holder and holder["id"] != me["id"]:
            name = holder["name"]
            return _error("already_taken", f"Already taken by {name}.", by=name)
        await self.promise(item["conversation"], state="claimed", staff={"id": me["id"], "name": me["name"]})
        return self._told(item, email)

    async def _on_release_callback(self, socket: str, email: str, data: dict[str, Any]) -> dict[str, Any]:
        item = self._of(data)
        await self.promise(item["conversation"], state="scheduled", staff=None)
        return self._told(item, email)

    async def _on_call_now(self, socket: str, email: str, data: dict[str, Any]) -> dict[str, Any]:
        item, me = self._of(data), self.me(email)
        leg = None if self.by_hand else "ringing_staff"
        state = "claimed" if self.by_hand else "dialling"
        await self.promise(item["conversation"], state=state, staff={"id": me["id"], "name": me["name"]}, leg=leg)
        return {"ok": True, "by_hand": self.by_hand}

    async def _on_log_attempt(self, socket: str, email: str, data: dict[str, Any]) -> dict[str, Any]:
        item = self._of(data)
        assert data["outcome"] in OUTCOMES
        if data["outcome"] in ("spoke", "wrong_number"):
            await self.change(item["conversation"], callback=None, can=["read", "plan_call"])
        else:
            later = _iso(datetime.now(UTC) + timedelta(hours=3))
            tries = item["callback"]["attempts"] + 1
            await self.promise(item["conversation"], state="scheduled", staff=None, leg=None, attempts=tries, next_at=later)
        return self._told(item, email)

    async def _on_windows(self, socket: str, email: str, data: dict[str, Any]) -> dict[str, Any]:
        return {"ok": True, "windows": PLANNED}

    async def _on_plan_callback(self, socket: str, email: str, data: dict[str, Any]) -> dict[str, Any]:
        if len(data["number"]) < 8:
            return _bad_number()
        item = self.items[data["conversation"]]
        planned = call(number=data["number"], ending=data["number"][-2:], about=data["about"])
        planned.update(window_from=data["from"], window_to=data["to"])
        await self.change(item["conversation"], callback=planned, can=["read", "call"])
        return self._told(item, email)

    async def _on_move_callback(self, socket: str, email: str, data: dict[str, Any]) -> dict[str, Any]:
        item = self._of(data)
        await self.promise(item["conversation"], state="scheduled", window_from=data["from"], window_to=data["to"], next_at=None)
        return self._told(item, email)

    async def _on_set_phone(self, socket: str, email: str, data: dict[str, Any]) -> dict[str, Any]:
        number = data["number"].strip()
        if number and len(number) < 8:
            return _bad_number()
        self.phones[email] = number or None
        return {"ok": True, "me": self.me(email)}

    def _of(self, data: dict[str, Any]) -> dict[str, Any]:
        return next(item for item in self.items.values() if (item["callback"] or {}).get("id") == data["callback"])

    def _told(self, item: dict[str, Any], email: str) -> dict[str, Any]:
        return {"ok": True, "item": self._as_seen(item, email)}


def _bad_number() -> dict[str, Any]:
    return _error("bad_number", "That does not look like a phone number. Please check it.")


def _error(code: str, message: str, **facts: Any) -> dict[str, Any]:
    return {"ok": False, "error": {"code": code, "message": message, "retry": False, **facts}}


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
