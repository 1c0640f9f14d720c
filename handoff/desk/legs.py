"""The legs of a call: their rows in the ledger. Opened under the lock of their conversation, moved by `handoff/call.py`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select, update

from handoff.call import CallEvent, CallState, after, has_ended
from handoff.desk.work import Work
from handoff.store import tables as t

STAFF, PATIENT = "staff", "patient"
PRESSED, SPOKE = "pressed", "spoke"  # outcomes of a staff leg whose person pressed 1, of a patient leg that was connected


@dataclass
class Leg:
    """One row of `call`."""

    row: dict[str, Any]

    @property
    def id(self) -> str:
        return str(self.row["id"])

    @property
    def state(self) -> CallState:
        return CallState(self.row["state"])

    @property
    def is_staff(self) -> bool:
        return bool(self.row["leg"] == STAFF)

    @property
    def ended(self) -> bool:
        return has_ended(self.state)


def add(work: Work, *, callback: str, attempt: int, leg: str, staff: str | None, number: str) -> Leg:
    """Write down a leg that is about to be placed, and leave the row `attempting`."""
    row: dict[str, Any] = {
        "id": work.ids.new(),
        "callback": callback,
        "attempt": attempt,
        "leg": leg,
        "staff": staff,
        "number": number,
        "state": str(CallState.ATTEMPTING),
        "placed_at": work.now,
        "changed_at": work.now,
        "sid": None,
        "answered_by": None,
        "error": None,
        "outcome": None,
    }
    work.db.execute(t.call.insert().values(row))
    return Leg(row)


def conversation_of(db: Connection, call: str) -> str | None:
    """The conversation that a leg belongs to."""
    query = select(t.callback.c.conversation).join(t.call, t.call.c.callback == t.callback.c.id).where(t.call.c.id == call)
    return db.execute(query).scalar_one_or_none()


def load(db: Connection, call: str) -> Leg:
    return Leg(dict(db.execute(select(t.call).where(t.call.c.id == call)).one()._mapping))


def newest(db: Connection, callback: str, leg: str) -> Leg | None:
    """The newest leg of its side that Twilio was asked for: not one that staff logged by hand."""
    c = t.call.c
    query = (
        select(t.call).where(c.callback == callback, c.leg == leg, c.state != "logged").order_by(c.placed_at.desc(), c.id.desc()).limit(1)
    )
    found = db.execute(query).first()
    return None if found is None else Leg(dict(found._mapping))


def alive(db: Connection, callback: str) -> list[Leg]:
    """The legs of a callback that have not ended."""
    rows = db.execute(select(t.call).where(t.call.c.callback == callback, t.call.c.state != "logged")).mappings()
    return [leg for leg in (Leg(dict(row)) for row in rows) if not leg.ended]


def put(work: Work, leg: Leg, event: CallEvent | None, **values: Any) -> bool:
    """Move a leg by `event` and set what else is known of it. Is it in another state now? A sid that is known stays."""
    before = leg.state
    state = before if event is None else after(before, event)
    if leg.row["sid"] is not None:
        values.pop("sid", None)
    if state is not before:
        values |= {"state": str(state), "changed_at": work.now, **({"ended_at": work.now} if has_ended(state) else {})}
    if values:
        work.db.execute(update(t.call).where(t.call.c.id == leg.id).values(values))
        leg.row.update(values)
    return state is not before


def first_time(work: Work, leg: Leg, key: str) -> bool:
    """Note that something happened to a leg. False where it was noted before: Twilio says the same again, or this node died meanwhile.

    Only under the conversation's lock: of two that ask at once, one is first.
    """
    e = t.call_event.c
    if work.db.execute(select(e.key).where(e.key == key)).first() is not None:
        return False
    work.db.execute(t.call_event.insert().values(key=key, call=leg.id, state=leg.row["state"], at=work.now))
    return True


def strangers(db: Connection, sids: list[str]) -> list[str]:
    """Those of `sids` that belong to no leg of ours."""
    known = set(db.execute(select(t.call.c.sid).where(t.call.c.sid.in_(sids))).scalars())
    return [sid for sid in sids if sid not in known]


def rivals(db: Connection, leg: Leg) -> bool:
    """Is another leg to the same number under way whose sid is not known either? A call to that number may be either's."""
    c = t.call.c
    other = select(c.id).where(c.number == leg.row["number"], c.id != leg.id, c.sid.is_(None), c.ended_at.is_(None), c.state != "logged")
    return db.execute(other.limit(1)).first() is not None
