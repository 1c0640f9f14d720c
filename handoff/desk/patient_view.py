"""What a patient's page shows, as JSON: the state of the conversation, with the place in line. Read-only queries."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from handoff.channels import CHANNELS
from handoff.conversation import STAFF, State
from handoff.desk import choices, consents, line, views
from handoff.desk.deliveries import deliveries
from handoff.desk.work import House
from handoff.store import tables as t
from handoff.telephone import ending

_ROW = select(*(t.conversation.c[name] for name in ("id", "state", "version", "last_seq", "owner", "channel")))


def sync(db: Connection, house: House, conversation: str, after: int, now: datetime) -> dict[str, Any]:
    """What a patient's screen lacks: the messages after `after`, and the state."""
    found = state(db, house, conversation, now)
    rows = views.messages_after(db, conversation, after)
    last = rows[-1]["seq"] if rows else after
    more = found is not None and last < found["last_seq"]
    return {"messages": rows, "deliveries": deliveries(db, conversation), "state": found, "last_seq": last, "more": more}


def state(db: Connection, house: House, conversation: str, now: datetime) -> dict[str, Any] | None:
    """The state as the patient may know it, or None for a conversation that is gone."""
    row = db.execute(_ROW.where(t.conversation.c.id == conversation)).mappings().first()
    if row is None:
        return None
    waits = row["state"] == State.WAITING
    ahead, staffed = (line.ahead(db, house, conversation, now), line.someone_here(db, now)) if waits else (None, None)
    return _state(db, row, ahead, staffed)


def states_in_line(db: Connection, house: House, conversations: Collection[str], now: datetime) -> dict[str, dict[str, Any]]:
    """The states of those of `conversations` that are in line, by conversation: their places in one read."""
    places = line.places(db, house, now)
    rows = db.execute(_ROW.where(t.conversation.c.state == str(State.WAITING))).mappings()
    wanted, staffed = places.keys() & set(conversations), line.someone_here(db, now)
    return {row["id"]: _state(db, row, places[row["id"]], staffed) for row in rows if row["id"] in wanted}


def _state(db: Connection, row: RowMapping, ahead: int | None, staffed: bool | None) -> dict[str, Any]:
    """`staffed`: is anybody of staff here? Like `ahead`, for those in line only. `staff`: who reads it; whoever passes it on does until
    it is taken, and whoever has parked it does not. `passed`: buttons of messages up to this seq are of no use."""
    for_staff = row["state"] in (State.WAITING, State.HUMAN)
    return {
        "state": row["state"],
        "version": row["version"],
        "last_seq": row["last_seq"],
        "staff": _staff(db, row["owner"]) if for_staff else None,
        "ahead": ahead,
        "staffed": staffed,
        "passed": choices.passed(db, row["id"]),
        "texts_to": _texts_to(db, row),
        "can": ["end"] if for_staff else ["person", "end"],
    }


def _staff(db: Connection, owner: str) -> dict[str, Any] | None:
    name = line.staff_name(db, owner.removeprefix(STAFF)) if owner.startswith(STAFF) else ""
    return {"name": name} if name else None


def _texts_to(db: Connection, row: RowMapping) -> str | None:
    """The end of the number that answers go to by text; None where they do not."""
    if CHANNELS[row["channel"]].buttons:
        return None
    known = consents.numbers_of(db, row["id"])
    return None if not known or consents.is_opted_out(db, row["id"]) else ending(known[-1])
