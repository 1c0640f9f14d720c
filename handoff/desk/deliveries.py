"""What became of the texts we sent: each change of a ledger row with its event, what follows a failure, and what threads show."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, func, select, update

from handoff.desk.leaving import wake
from handoff.desk.work import Work
from handoff.doorbell import Bell
from handoff.outbound_text import NEXT_AFTER, OutboundText, TextEvent, TextState, event_of, resend_of, step
from handoff.store import lock_conversation
from handoff.store import tables as t
from handoff.text_errors import AGAIN_AFTER, MAX_AGAIN, OPTED_OUT, PAUSE, Class, Trouble, trouble_of

_PUT = update(t.outbound_text).where(t.outbound_text.c.id == bindparam("text"))
_NOTE = t.text_event.insert()
_SHOWS = select(t.conversation.c.version, t.conversation.c.last_seq).where(t.conversation.c.id == bindparam("conversation"))
SHOWN = 200  # deliveries that a thread shows: those of its newest texts


def reported(work: Work, text: str | None, attempt: int, sid: str, status: str, error: int | None, provider_at: datetime | None) -> None:
    """A status callback. Late, doubled, unknown or out of order, it does no harm; it is noted once either way."""
    event = event_of(status)
    row = _find(work, text, sid)
    if event is None or row is None:
        return
    current = (not attempt or attempt == row["attempts"]) and row["sid"] in (None, sid)
    if _is_noted(work, row, event, error, provider_at, current=current):
        return
    if not current:  # of an attempt that was followed by another one
        _note(work, row["id"], _name(event), "status", error, provider_at)
        return
    before = row["state"]
    values: dict[str, Any] = {"source": "status", "sid": sid, "at": provider_at}
    if event in (TextEvent.REPORTED_UNDELIVERED, TextEvent.REPORTED_FAILED):
        fail(work, row, event, trouble_of(error or 0), error, **values)
    else:
        put(work, row, event, reason=None, error=None, due_at=work.now + NEXT_AFTER, **values)
    if before in (TextState.QUEUED, TextState.ATTEMPTING, TextState.MAYBE_SENT, TextState.ACCEPTED):
        wake(work, row["conversation"])


def fail(work: Work, row: RowMapping, event: TextEvent, trouble: Trouble, code: int | None, **values: Any) -> None:
    """A text failed: note why, and do what its class asks for."""
    after = put(work, row, event, error=code, reason=trouble.reason, **values)
    if after.state not in (TextState.UNDELIVERED, TextState.FAILED) or (row["state"], row["sid"]) == (after.state, after.sid):
        return
    match trouble.kind:
        case Class.LATER | Class.PAUSE if row["state"] != TextState.DELIVERED and after.attempts <= MAX_AGAIN:
            due = work.now + (AGAIN_AFTER if trouble.kind is Class.LATER else PAUSE)
            put(work, _again(work, row), TextEvent.AGAIN, source="us", due_at=due)
            wake(work, row["conversation"])
        case Class.NUMBER:
            state = "landline" if trouble.reason == "landline" else "bad"
            work.db.execute(update(t.phone_number).where(t.phone_number.c.number == row["number"]).values(state=state))
        case Class.OPTED_OUT:
            opt_out(work, row["number"], how="provider")


def opt_out(work: Work, number: str, *, how: str) -> None:
    """Nothing goes to this number any more; what waits for it is blocked in the same transaction."""
    o = t.outbound_text.c
    if work.db.execute(select(t.opt_out.c.number).where(t.opt_out.c.number == number)).first() is None:
        left = work.db.execute(select(func.max(o.attempting_at)).where(o.number == number)).scalar_one()
        at = max(work.now, left or work.now)  # a clock that was put back makes no text look as if it had left afterwards
        work.db.execute(t.opt_out.insert().values(number=number, at=at, how=how))
    waiting = select(t.outbound_text).where(o.number == number, o.state == str(TextState.QUEUED))
    for row in work.db.execute(waiting).mappings().all():
        put(work, row, TextEvent.BLOCK, source="us", reason=OPTED_OUT.reason)


def put(
    work: Work,
    row: RowMapping,
    event: TextEvent | None,
    *,
    source: str,
    sid: str | None = None,
    at: datetime | None = None,
    **values: Any,
) -> OutboundText:
    """Write what `event` makes of a row, with its event, and ring; with no event only `values` change. Returns the row's new state.

    Where the machine leaves the row as it was, `values` do not count either. A sid that another row has by now is left with it: of the same
    words to the same number, each of which may have been sent or not, one was found in the provider's list and taken for the other.
    """
    if sid is not None and _is_anothers(work, row, sid):
        sid = None
    before = OutboundText(TextState(row["state"]), row["attempts"], row["sid"], row["provider_at"], resend_of(row["purpose"]))
    after = before if event is None else step(before, event, at=at, sid=sid)
    if event is not None:
        reports = source in ("status", "created", "list")
        _note(work, row["id"], _name(event), source, values.get("error") if reports else None, at)
    if event is None or after != before or after.state is TextState.MAYBE_SENT:
        moved = {"state": str(after.state), "attempts": after.attempts, "sid": after.sid, "provider_at": after.at, "changed_at": work.now}
        work.db.execute(_PUT, {"text": row["id"], **values, **moved})
        ring(work, row["conversation"], listed=row["page"] is not None)
    return after


def _is_anothers(work: Work, row: RowMapping, sid: str) -> bool:
    o = t.outbound_text.c
    return row["sid"] is None and work.db.execute(select(o.id).where(o.sid == sid, o.id != row["id"])).first() is not None


def _again(work: Work, row: RowMapping) -> RowMapping:
    return work.db.execute(select(t.outbound_text).where(t.outbound_text.c.id == row["id"])).mappings().one()


def _find(work: Work, text: str | None, sid: str) -> RowMapping | None:
    """The row that a callback is about, by our id in its URL, else by its sid; its conversation is locked."""
    o = t.outbound_text.c
    query = select(t.outbound_text).where(o.id == text if text else o.sid == sid)
    row = work.db.execute(query).mappings().first()
    if row is None or lock_conversation(work.db, row["conversation"]) is None:
        return None
    return work.db.execute(query).mappings().first()


def _is_noted(work: Work, row: RowMapping, event: TextEvent, error: int | None, at: datetime | None, *, current: bool) -> bool:
    """Was the same thing reported before, of the same attempt?"""
    e = t.text_event.c
    same = select(e.error, e.provider_at).where(e.outbound_text == row["id"], e.source == "status", e.state == _name(event))
    if current and row["attempting_at"] is not None:
        same = same.where(e.at >= row["attempting_at"])
    return any((found.error, found.provider_at) == (error, at) for found in work.db.execute(same))


def _name(event: TextEvent) -> str:
    return str(event).removeprefix("reported_")


def _note(work: Work, text: str, state: str, source: str, error: int | None, at: datetime | None) -> None:
    values = {"id": work.ids.new(), "outbound_text": text, "state": state, "source": source, "error": error}
    work.db.execute(_NOTE, {**values, "provider_at": at, "at": work.now})


def ring(work: Work, conversation: str, *, listed: bool = False) -> None:
    """Screens that show a conversation look again at what became of its texts and pictures; `listed`: the queue's, too."""
    found = work.db.execute(_SHOWS, {"conversation": conversation}).first()
    if found is not None:
        work.ring(Bell(conversation, found.version, found.last_seq, texts=True, listed=listed))


_SHOWN: Mapping[str, str] = {
    **dict.fromkeys(("queued", "attempting", "accepted"), "queued"),
    "maybe_sent": "uncertain",
    "sent": "sent",
    "delivered": "delivered",
    **dict.fromkeys(("undelivered", "failed", "blocked"), "failed"),
}
_WORST = ("failed", "uncertain", "queued", "sent", "delivered")


def delivery(state: str, reason: str | None) -> dict[str, Any]:
    """What screens show of one text."""
    return {"state": _SHOWN[state], "reason": None if reason == "turn" else reason}


def deliveries(db: Connection, conversation: str) -> dict[str, dict[str, Any]]:
    """For each message that went by text: `{"state": queued | sent | delivered | failed | uncertain, "reason": name or None}`.

    A message of several texts is as well off as the worst of them.
    """
    o = t.outbound_text.c
    newest = select(o.message, o.state, o.reason).where(o.conversation == conversation, o.message.is_not(None))
    found: dict[str, dict[str, Any]] = {}
    for row in db.execute(newest.order_by(o.id.desc()).limit(SHOWN)):
        shown = delivery(row.state, row.reason)
        known = found.get(row.message)
        if known is None or _WORST.index(shown["state"]) < _WORST.index(known["state"]):
            found[row.message] = shown
    return found
