"""What whoever is on call texts to the number that pages them: a colleague's words, kept beside the safety matter, answered once a round.

They are no patient's: no survey begins with them, they are not assessed, and nobody is paged for them.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, delete, func, select

from handoff.conversation import Event
from handoff.desk import deliveries, line
from handoff.desk.leaving import leave_for_colleague
from handoff.desk.orders import Cause, act
from handoff.desk.text_limits import is_opted_out
from handoff.desk.thread import Thread, new_thread, open_thread
from handoff.desk.work import House, Work
from handoff.opt_out import Wish, read_wish
from handoff.splitting import as_text
from handoff.store import tables as t
from handoff.telephone import ending

WHO, WROTE, ANSWER = "on_call", "on_call_wrote", "on_call"  # among the moves: who, and what; the purpose of the answer
_PATIENTS = select(t.phone_number.c.number).where(t.phone_number.c.number == bindparam("number"))
_LAST = (
    select(t.outbound_text.c.conversation)
    .where(t.outbound_text.c.number == bindparam("number"), t.outbound_text.c.purpose.in_(("page", ANSWER)))
    .order_by(t.outbound_text.c.created_at.desc(), t.outbound_text.c.id.desc())
    .limit(1)
)


def is_colleague(work: Work, number: str) -> bool:
    """Is this a phone that is listed on call, and that no patient writes from?"""
    if all(number not in step.phones for step in work.house.routing.on_call):
        return False
    return work.db.execute(_PATIENTS, {"number": number}).first() is None


def matter_of(work: Work, number: str) -> Thread:
    """The safety matter that this phone was paged for last; where there is none, a record of its own, put before staff."""
    last = work.db.execute(_LAST, {"number": number}).scalar_one_or_none()
    if last is not None:
        return open_thread(work, last)
    thread = new_thread(work, channel="sms", locale=work.house.settings.locale, survey=work.house.settings.survey)
    act(thread, Event.PATIENT_LEFT, Cause(WHO))  # nobody is talked with here
    line.open_case_once(thread, "concern")
    return thread


def take_in(thread: Thread, number: str, body: str) -> None:
    """Keep what they text where staff read it and the patient does not. STOP ends pages to this phone, START brings them back."""
    work, wish = thread.work, read_wish(body)
    thread.note(WROTE, who=WHO, why=body)
    if wish is not None and wish.wish is Wish.STOP:
        deliveries.opt_out(work, number, how="keyword" if wish.keyword else "sentence")
    elif wish is not None and wish.wish is Wish.START:
        work.db.execute(delete(t.opt_out).where(t.opt_out.c.number == number))
    if not is_opted_out(work, number) and not _is_answered(thread, number):
        leave_for_colleague(work, thread.id, number, answer_of(work.house), ANSWER)
    thread.listed = True
    thread.save()


def _is_answered(thread: Thread, number: str) -> bool:
    """Was this phone answered since the present round of pages began?"""
    db, o, p = thread.work.db, t.outbound_text.c, t.page.c
    began = db.execute(select(func.max(p.at)).where(p.conversation == thread.id, p.step == 0)).scalar_one()
    answers = select(o.id).where(o.conversation == thread.id, o.number == number, o.purpose == ANSWER)
    return db.execute(answers if began is None else answers.where(o.created_at >= began)).first() is not None


def answer_of(house: House) -> str:
    """What they are answered, in the clinic's language."""
    return as_text(house.words.say(house.settings.locale, "paging.no_replies"))


def stopped_among(db: Connection, phones: Iterable[str]) -> list[str]:
    """The ends of those phones that want no more texts, so that no page comes to them."""
    o = t.opt_out.c
    return sorted(ending(number) for number in db.execute(select(o.number).where(o.number.in_(set(phones)))).scalars())
