"""The bot goes on: with what it failed to answer, so that nobody must say it again, else where the survey stopped."""

from __future__ import annotations

from sqlalchemy import select

from handoff import jobs
from handoff.desk.thread import Thread
from handoff.store import tables as t


def resume(thread: Thread, *, unasked: bool = False) -> None:
    """A turn with the message that was left without an answer; without any, the bot says one line and asks the open question.

    `unasked`: the patient has done nothing, and need not hear of it where the bot fails again.
    """
    work, missed = thread.work, _unanswered(thread)
    turn = {"message": missed} if missed is not None else {"turn": work.ids.new(), "kind": "returned"}
    payload = {"conversation": thread.id, "epoch": thread.core.epoch, "unasked": unasked, **turn}
    # One of each at a time; what the patient asked for is not left to a turn of which nobody hears where it fails.
    work.enqueue("ask_bot", key=thread.id, payload=payload, dedupe=f"resume:{thread.id}:{thread.core.epoch}:{unasked}")


def _unanswered(thread: Thread) -> str | None:
    """The message that the bot failed on, where that alone led to the routes, once, and neither it nor the patient said more since.

    Once: a message that the bot cannot bear must not keep the patient from all that comes after it.
    """
    r, m, db = t.handoff_request.c, t.message.c, thread.work.db
    said = m.author.in_(("patient", "bot")) & m.pressed_to.is_distinct_from("service")
    newest = db.execute(select(m.id).where(m.conversation == thread.id, said).order_by(m.seq.desc()).limit(1)).scalar_one_or_none()
    made = db.execute(select(r.reasons).where(r.conversation == thread.id)).scalars()
    failed_on = [reasons for reasons in made if any((one["reason"], one["message"]) == ("bot_failed", newest) for one in reasons)]
    return newest if len(failed_on) == 1 and len(failed_on[0]) == 1 and not _is_put(thread, newest) else None


def _is_put(thread: Thread, message: str | None) -> bool:
    """Is the bot still to answer it? It would be answered twice."""
    j = t.job.c
    turns = (j.kind == "ask_bot", j.key == thread.id, j.state.in_(jobs.OPEN), j.payload["message"].as_string() == message)
    return thread.work.db.execute(select(j.id).where(*turns).limit(1)).first() is not None
