"""Pictures of a conversation: planned with the text that brought them, kept or given up by a job."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select, update

from handoff import jobs
from handoff.channels.sms import TextIn
from handoff.desk import deliveries
from handoff.desk.work import Work
from handoff.jobs import Lease
from handoff.store import tables as t

PICTURE = "picture"  # `pressed` of a message that brought one: a mark for staff, no button
FETCH = "fetch_picture"
KEPT, FAILED, WAITING, UNOPENED = "kept", "failed", "waiting", "not_opened"
NOT_TOLD = "not_told"


def plan(work: Work, conversation: str, message: str, text: TextIn) -> None:
    """A row and a job for each picture, if the clinic wants them fetched; else only their addresses are kept."""
    if not work.house.settings.fetch_media:
        return
    for position, _ in enumerate(text.media):
        picture = work.ids.new()
        row = {"id": picture, "conversation": conversation, "message": message, "position": position, "state": WAITING, "at": work.now}
        work.db.execute(t.picture.insert().values(row))
        _fetch(work, conversation, picture)


def told(work: Work, message: str) -> None:
    """The provider has told only now where a message's pictures are: those that were given up for that are fetched after all."""
    p = t.picture.c
    untold = (p.message == message, p.state == FAILED, p.reason == NOT_TOLD)
    for row in work.db.execute(select(p.id, p.conversation).where(*untold)).all():
        work.db.execute(update(t.picture).where(p.id == row.id).values(state=WAITING, reason=None))
        _fetch(work, row.conversation, row.id)


def _fetch(work: Work, conversation: str, picture: str) -> None:
    work.enqueue(FETCH, key=f"picture:{conversation}", payload={"picture": picture})


def where(db: Connection, picture: str) -> str:
    """The address of a picture; empty where the provider has not told it, or it is gone."""
    i, p = t.inbound_text.c, t.picture.c
    row = db.execute(select(i.media, p.position).join(t.picture, p.message == i.message).where(p.id == picture)).first()
    return "" if row is None else str(row.media[row.position]["url"])


def keep(work: Work, lease: Lease, picture: str, kind: str, data: bytes) -> None:
    """Fetched. Raises `Fenced`."""
    _finish(work, lease, picture, state=KEPT, kind=kind, data=data)


def failed(work: Work, lease: Lease, picture: str, reason: str) -> None:
    """Given up; `reason` is one of the list in handoff/picture.py. Raises `Fenced`."""
    _finish(work, lease, picture, state=FAILED, reason=reason)


def _finish(work: Work, lease: Lease, picture: str, **values: Any) -> None:
    jobs.finish(work.db, lease, now=work.now)
    p = t.picture.c
    conversation = work.db.execute(select(p.conversation).where(p.id == picture)).scalar_one_or_none()
    if conversation is not None:
        work.db.execute(update(t.picture).where(p.id == picture).values(at=work.now, **values))
        deliveries.ring(work, conversation)


def shown(db: Connection, conversation: str) -> dict[str, list[dict[str, Any]]]:
    """What became of the pictures of each message that brought some: `{"id", "state", "reason"}` each, in their order."""
    p, i = t.picture.c, t.inbound_text.c
    rows = db.execute(select(p.id, p.message, p.position, p.state, p.reason).where(p.conversation == conversation))
    known = {(row.message, row.position): {"id": row.id, "state": row.state, "reason": row.reason} for row in rows}
    brought = db.execute(select(i.message, i.media).where(i.conversation == conversation, i.message.is_not(None))).all()
    unopened = {"id": None, "state": UNOPENED, "reason": None}
    return {row.message: [known.get((row.message, at), unopened) for at in range(len(row.media))] for row in brought if row.media}
