"""A number comes to a conversation: from there on it writes here. What it wrote to before is kept, and what is owed there is still paid.

One number is one thread. What the bot had in hand in the earlier one ends; whoever waits there for a person, a safety matter, a call or
an answer that was promised stays as it is, and what staff write there still goes to the number. A line in both tells staff of the other.
"""

from __future__ import annotations

from sqlalchemy import select, update

from handoff.conversation import Event, State
from handoff.desk import line
from handoff.desk.orders import Cause, act
from handoff.desk.thread import Thread, open_thread
from handoff.store import tables as t

CAME, LEFT = "number_came", "number_left"


def link(thread: Thread, number: str) -> None:
    """`number` writes to this conversation from now on."""
    work, n = thread.work, t.phone_number.c
    known = work.db.execute(select(n.conversation, n.ours).where(n.number == number)).first()
    values = {"conversation": thread.id, "state": "good", "linked_at": work.now}
    if known is None:
        ours = work.house.account.number if work.house.account else ""
        work.db.execute(t.phone_number.insert().values(number=number, ours=ours, **values))
        return
    if known.conversation != thread.id:
        _leave(open_thread(work, known.conversation), thread, number, known.ours)
        thread.note(CAME, who="patient", why=known.conversation)
    work.db.execute(update(t.phone_number).where(n.number == number).values(values))


def _leave(old: Thread, new: Thread, number: str, ours: str) -> None:
    work = old.work
    row = {"id": work.ids.new(), "conversation": old.id, "number": number, "ours": ours, "successor": new.id, "at": work.now}
    work.db.execute(t.left_number.insert().values(row))
    if old.core.state is State.CHOOSING:  # asked for a person and has not said how: staff answer that
        line.open_case_once(old, "concern")
        act(old, Event.PATIENT_LEFT, Cause("patient", outcome=LEFT))
    elif old.core.state is State.BOT:
        act(old, Event.PATIENT_LEFT, Cause("patient", outcome=LEFT))
    old.note(LEFT, who="patient", why=new.id)
    old.row["moving"] = None
    old.listed = True
    old.save()
