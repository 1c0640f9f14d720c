"""What leaves as a text: every message that is not the patient's, while they write to us by text; and a few that are no messages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select, update

from handoff.channels import CHANNELS
from handoff.desk.work import Work
from handoff.gsm7 import segments
from handoff.outbound_text import TextState
from handoff.splitting import as_text, split
from handoff.store import tables as t

if TYPE_CHECKING:
    from handoff.desk.thread import Thread

_INSERT = t.outbound_text.insert()
_NEWEST_NUMBER = (
    select(t.phone_number.c.number, t.phone_number.c.ours)
    .where(t.phone_number.c.conversation == bindparam("conversation"))
    .order_by(t.phone_number.c.linked_at.desc(), t.phone_number.c.number)
    .limit(1)
)
_LEFT_NUMBER = (
    select(t.left_number.c.number, t.left_number.c.ours)
    .where(t.left_number.c.conversation == bindparam("conversation"))
    .order_by(t.left_number.c.at.desc(), t.left_number.c.id.desc())
    .limit(1)
)
_WAKE_HELD = update(t.outbound_text).where(
    t.outbound_text.c.conversation == bindparam("held"),
    t.outbound_text.c.state == str(TextState.QUEUED),
    t.outbound_text.c.reason == "quiet_hours",
)

# How long a text is of use to whoever gets it; nothing is sent, and the provider brings nothing, after that.
USEFUL: Mapping[str, timedelta] = {
    "reply": timedelta(hours=24),
    "staff": timedelta(hours=24),
    "safety": timedelta(hours=24),
    "callback": timedelta(hours=12),
    "notice": timedelta(hours=12),
    "code": timedelta(minutes=10),
    "page": timedelta(hours=4),  # unless somebody has come by then
    "on_call": timedelta(hours=4),
}


def leave_texts(thread: Thread) -> bool:
    """Leave a text for each message that a thread adds for its patient; called by `Thread.save`, in its transaction.

    Returns whether there was any.
    """
    if CHANNELS[thread.row["channel"]].buttons:
        return False
    work, messages = thread.work, [message for message in thread.added if message["author"] != "patient"]
    if not messages:
        return False
    number, ours = _numbers(work, thread.id)
    for message in messages:
        purpose = thread.purposes.get(message["id"], "staff" if message["author"] == "staff" else "reply")
        body = as_text(message["text"], [button["title"] for button in message["buttons"]])
        _leave(work, thread.id, number, ours, body, purpose, message=message["id"])
    wake(work, thread.id)
    return True


def leave_notice(work: Work, conversation: str, number: str, body_key: str, purpose: str, **facts: object) -> str:
    """Leave a text that is no message of the thread, such as a code to a number that is not confirmed yet. Returns its id.

    `body_key`: a sentence of config/messages, in the conversation's language; `purpose`: callback | code | notice.
    """
    locale = work.db.execute(select(t.conversation.c.locale).where(t.conversation.c.id == conversation)).scalar_one()
    body = as_text(work.house.words.say(locale, body_key, by_text=True, clinic=work.house.clinic(locale), **facts))
    (left, *_) = _leave(work, conversation, number, _first_of_ours(work), body, purpose)
    wake(work, conversation)
    return left


def leave_for_colleague(work: Work, conversation: str, number: str, body: str, purpose: str, *, page: str | None = None) -> None:
    """Leave a text to a phone of whoever is on call: `page`, or `on_call`, which answers what they texted."""
    _leave(work, conversation, number, _first_of_ours(work), body, purpose, page=page)
    wake(work, conversation)


def wake(work: Work, conversation: str) -> None:
    """Have the conversation's line of texts looked at now."""
    work.enqueue("send_text", key=f"text:{conversation}", payload={"conversation": conversation})


def _numbers(work: Work, conversation: str) -> tuple[str, str]:
    """The patient's number and the one of ours that they write to; blanks where none is known.

    Where the number writes to a newer conversation by now, what is still said here goes to it all the same.
    """
    known = {"conversation": conversation}
    found = work.db.execute(_NEWEST_NUMBER, known).first() or work.db.execute(_LEFT_NUMBER, known).first()
    return ("", "") if found is None else (found.number, found.ours)


def _first_of_ours(work: Work) -> str:
    return work.house.account.number if work.house.account else ""


def _leave(
    work: Work, conversation: str, number: str, ours: str, body: str, purpose: str, *, message: str | None = None, page: str | None = None
) -> list[str]:
    # Whoever has written since may be answered at night: what the night held back is looked at again.
    work.db.execute(_WAKE_HELD, {"held": conversation, "due_at": work.now})
    rows: list[dict[str, Any]] = [
        {
            "id": work.ids.new(),
            "conversation": conversation,
            "message": message,
            "page": page,
            "part": part,
            "number": number,
            "ours": ours,
            "body": text,
            "segments": segments(text),
            "purpose": purpose,
            "state": str(TextState.QUEUED),
            "attempts": 0,
            "created_at": work.now,
            "expires_at": work.now + USEFUL[purpose],
            "due_at": work.now,
            "changed_at": work.now,
        }
        for part, text in enumerate(split(body))
    ]
    if rows:
        work.db.execute(_INSERT, rows)
    return [row["id"] for row in rows]
