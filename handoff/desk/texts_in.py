"""A patient's text, taken in: one transaction from the number to the thread, the message, and what follows. Twice is once.

One number is one thread. Texts of one number are taken in one after the other, so that the same text, delivered twice at the same
moment, finds the first one's row.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, bindparam, select, update

from handoff.channels import CHANNELS, Inbound
from handoff.channels.sms import TextIn
from handoff.consent import How, Purpose
from handoff.conversation import Event, Order, State
from handoff.danger import find_danger
from handoff.desk import audit, choices, consents, line, moving, paged, patients, pictures, responses
from handoff.desk.leaving import leave_notice
from handoff.desk.orders import ORDERS, Cause, act
from handoff.desk.pictures import PICTURE
from handoff.desk.resuming import resume
from handoff.desk.text import MAX_TEXT
from handoff.desk.thread import Thread, new_thread, open_thread
from handoff.desk.work import Work
from handoff.language import language_of
from handoff.opt_out import WRONG_NUMBER, CarrierWish, Wish, read_wish
from handoff.store import lock_name
from handoff.store import tables as t

YES = "YES"  # the carriers' word to start; for us an answer, unless there is something to start
NO_PHONE = "text_of_no_phone"  # in the audit
FIRST_TEXT = "first_text"  # tells the bot that nobody has greeted this patient yet
_INSERT = t.inbound_text.insert()
_TAKEN = select(t.inbound_text.c.media, t.inbound_text.c.message).where(t.inbound_text.c.sid == bindparam("sid"))
_FORGOTTEN = select(t.forgotten_text.c.sid).where(t.forgotten_text.c.sid == bindparam("sid"))
_THREAD = select(t.phone_number.c.conversation).where(t.phone_number.c.number == bindparam("number"))
_OPTED_OUT = select(t.opt_out.c.number).where(t.opt_out.c.number == bindparam("number"))
WITH_PEOPLE = (State.WAITING, State.HUMAN, State.PARKED)


@dataclass(frozen=True)
class Taken:
    """`fresh`: a survey begins with this text."""

    thread: Thread
    text: TextIn
    fresh: bool


def take_in(work: Work, text: TextIn) -> bool:
    """Take in a text, once. Returns whether it was new. A sender that is no phone is noted and not answered."""
    lock_name(work.db, f"number:{text.number}")
    if _is_known(work, text):
        return False
    if not text.answerable:
        return _note_machine(work, text)
    danger = find_danger(text.body, work.house.routing.safety)
    proved = None if danger else moving.texted(work, text.number, text.body)
    if proved is not None:  # what a code says is nobody else's business
        _keep(work, text, proved.id, None)
        return True
    if paged.is_colleague(work, text.number):
        matter = paged.matter_of(work, text.number)
        paged.take_in(matter, text.number, _body(matter, text))
        _keep(work, text, matter.id, None)
        return True
    taken = _thread_of(work, text)
    thread = taken.thread
    thread.row["channel"] = "sms"
    _listen(taken)
    body = _body(thread, text)
    message = _follow(taken, body) if body else None
    thread.row["last_patient_at"] = work.now
    thread.save()
    _keep(work, text, thread.id, message)
    if message is not None:
        pictures.plan(work, thread.id, message, text)
    return True


def _keep(work: Work, text: TextIn, conversation: str, message: str | None) -> None:
    row = {"sid": text.sid, "conversation": conversation, "message": message, "ours": text.ours, "media": list(text.media)}
    work.db.execute(_INSERT, {**row, "provider_at": text.at, "at": work.now})


def _is_known(work: Work, text: TextIn) -> bool:
    """Taken in before, or erased since. Where the list was faster than the webhook, the webhook still tells where the pictures are."""
    row = work.db.execute(_TAKEN, {"sid": text.sid}).first()
    if row is None:
        return work.db.execute(_FORGOTTEN, {"sid": text.sid}).first() is not None
    if text.media and text.media[0]["url"] and len(row.media) == len(text.media) and not row.media[0]["url"]:
        work.db.execute(update(t.inbound_text).where(t.inbound_text.c.sid == text.sid).values(media=list(text.media)))
        pictures.told(work, row.message)
    return True


def known_among(db: Connection, sids: list[str]) -> set[str]:
    """Those that were taken in, or noted, before."""
    found: set[str] = set()
    for start in range(0, len(sids), 500):
        some = sids[start : start + 500]
        found |= set(db.execute(select(t.inbound_text.c.sid).where(t.inbound_text.c.sid.in_(some))).scalars())
        found |= set(db.execute(select(t.forgotten_text.c.sid).where(t.forgotten_text.c.sid.in_(some))).scalars())
        found |= set(db.execute(select(t.audit.c.who).where(t.audit.c.act == NO_PHONE, t.audit.c.who.in_(some))).scalars())
    return found


def _note_machine(work: Work, text: TextIn) -> bool:
    """Short codes, names and other channels' senders: nobody there could read an answer, and two machines might never end."""
    known = work.db.execute(select(t.audit.c.id).where(t.audit.c.act == NO_PHONE, t.audit.c.who == text.sid)).first()
    if known is None:
        audit.note(work, text.sid, NO_PHONE)
    return known is None


def _thread_of(work: Work, text: TextIn) -> Taken:
    """The number's thread; a first one for a number that we have not met."""
    known = work.db.execute(_THREAD, {"number": text.number}).scalar_one_or_none()
    if known is not None:
        thread = open_thread(work, known)
        return Taken(thread, text, _starts_afresh(thread, text.body))
    thread = new_thread(work, channel="sms", locale=work.house.settings.locale, survey=work.house.settings.survey)
    row = {"number": text.number, "conversation": thread.id, "ours": text.ours, "state": "good", "linked_at": work.now}
    work.db.execute(t.phone_number.insert().values(row))
    if not _opted_out(work, text.number):
        consents.record(work, thread.id, "sms", (Purpose.REPLY, Purpose.SAFETY), given=True, how=How.WROTE_FIRST, who="patient")
    return Taken(thread, text, True)


def _starts_afresh(thread: Thread, body: str) -> bool:
    """After a long silence a text starts anew; before that, it may be late and still answer what was asked."""
    wrote = thread.row["last_patient_at"] or thread.row["created_at"]
    silence = thread.work.now - wrote
    limits = CHANNELS["sms"]
    idle, window = limits.idle or timedelta.max, limits.window or timedelta.max
    if thread.core.state not in (State.BOT, State.CLOSED) or silence <= window:
        return False
    return silence > idle or not responses.answers_open(thread, body)


def _listen(taken: Taken) -> None:
    """Where something begins, we go on in the language that it is said in, if that is clear."""
    thread = taken.thread
    if taken.fresh or thread.is_closed():
        spoken = language_of(taken.text.body, thread.work.house.words.languages)
        if spoken is not None and spoken != thread.work.house.words.language(thread.locale):
            thread.row["locale"] = spoken


def _body(thread: Thread, text: TextIn) -> str:
    """The words; for a picture without any, our own that say so."""
    body = text.body.replace("\x00", "\ufffd").strip()[:MAX_TEXT]
    return body or (thread.work.house.words.say(thread.locale, "texts.picture_came") if text.media else "")


def _follow(taken: Taken, body: str) -> str:
    """What a text does. Returns the message's id. Danger goes before everything, the carriers' words before the rest."""
    thread, text = taken.thread, taken.text
    wish = read_wish(text.body)
    opted_out = _opted_out(thread.work, text.number)
    danger = find_danger(text.body, thread.work.house.routing.safety)
    if danger is not None:
        message = patients.write(thread, Inbound(thread.id, text.sid, body, channel="sms"))
        if wish is not None and wish.wish is Wish.STOP:
            _stop(thread, text, wish)
        return message
    if wish is not None and wish.wish is Wish.STOP and not (wish.word == WRONG_NUMBER and thread.row["asking"]):
        message = _add(thread, text, body)
        if not opted_out:
            _stop(thread, text, wish)
        return message
    if wish is not None and wish.wish is Wish.START and (opted_out or (wish.keyword and wish.word != YES)):
        return _start(taken, body, opted_out=opted_out)
    if opted_out:
        return _hear(thread, text, body)
    if wish is not None and wish.wish is Wish.HELP:
        return _help(thread, text, body)
    return _picture(taken, body) if not text.body.strip() else _write(taken, body)


def _add(thread: Thread, text: TextIn, body: str) -> str:
    return str(thread.add("patient", body, client_id=text.sid, pressed=PICTURE if text.media else None)["id"])


def _stop(thread: Thread, text: TextIn, wish: CarrierWish) -> None:
    """At once, and staff see it. Twilio confirms its own words; a wish in a sentence is confirmed by us, with one text."""
    how = How.KEYWORD if wish.keyword else How.SENTENCE
    act(thread, Event.OPTED_OUT, Cause("patient", outcome=str(how)))
    thread.listed = True
    if not wish.keyword:
        leave_notice(thread.work, thread.id, text.number, "texts.opted_out", "notice")


def _start(taken: Taken, body: str, *, opted_out: bool) -> str:
    """Texts again; and the questions, from where they were. Whoever was not opted out loses nothing of what they have said."""
    thread = taken.thread
    message = _add(thread, taken.text, body)
    if opted_out:
        consents.allow_texts(thread.work, thread.id, how=How.KEYWORD, who="patient")
        thread.say("texts.opted_in", clinic=thread.work.house.clinic(thread.locale))
    if thread.core.state in WITH_PEOPLE:
        patients.reach_owner(thread, message)
    elif thread.core.state is State.CHOOSING:
        ORDERS[Order.SHOW_ROUTES](thread, Cause("patient"))
    elif taken.fresh or thread.is_closed():
        _open(taken, message)
    else:
        resume(thread)
    return message


def _open(taken: Taken, message: str) -> None:
    """The bot greets and asks, whatever the text was."""
    act(taken.thread, Event.PATIENT_WROTE, Cause("patient", message=message, turn="opened"))
    _begin(taken.thread, message)


def _hear(thread: Thread, text: TextIn, body: str) -> str:
    """Somebody who wants no texts has written: kept, and put before staff; the bot would talk to nobody."""
    message = _add(thread, text, body)
    if thread.core.state in WITH_PEOPLE:
        patients.reach_owner(thread, message)
    else:
        line.open_case_once(thread, "concern")
    thread.listed = True
    return message


def _help(thread: Thread, text: TextIn, body: str) -> str:
    message = _add(thread, text, body)
    if thread.core.state in WITH_PEOPLE:
        patients.reach_owner(thread, message)
    settings, numbers = thread.work.house.settings, thread.work.house.routing.numbers
    key = "texts.help" if settings.clinic_phone else "texts.help_no_phone"
    thread.say(key, clinic=thread.work.house.clinic(thread.locale), phone=settings.clinic_phone, emergency=numbers.emergency)
    return message


def _picture(taken: Taken, body: str) -> str:
    """A picture without words: said that we can't look at it here; with nobody talking yet, the bot begins."""
    thread = taken.thread
    message = _add(thread, taken.text, body)
    shown = choices.newest_buttons(thread)
    thread.say("texts.no_pictures")
    if thread.core.state in WITH_PEOPLE:
        patients.reach_owner(thread, message)
    elif taken.fresh and thread.core.state is State.BOT:
        _open(taken, message)
    elif shown is not None and shown["last"]:  # what was asked is asked again, so that a number is still one of its lines
        thread.speak(shown["author"], shown["text"].rpartition("\n")[2], shown["buttons"])
    return message


def _write(taken: Taken, body: str) -> str:
    thread, text = taken.thread, taken.text
    if taken.fresh and thread.core.state is State.BOT and thread.row["last_seq"]:
        act(thread, Event.IDLE, Cause("timer"))
    message = patients.write(thread, Inbound(thread.id, text.sid, body, channel="sms"), mark=PICTURE if text.media else None)
    if text.media:
        thread.say("texts.no_pictures")
    if taken.fresh and thread.core.state is State.BOT:  # what was about a call that is promised begins nothing
        _begin(thread, message)
    return message


def _begin(thread: Thread, message: str) -> None:
    """A survey begins with this text: the bot greets, and takes it for what it is."""
    if thread.row["last_seq"] > 1:
        responses.begin_anew(thread)
    thread.row["meanwhile"] = [*thread.row["meanwhile"], FIRST_TEXT]


def _opted_out(work: Work, number: str) -> bool:
    return work.db.execute(_OPTED_OUT, {"number": number}).first() is not None
