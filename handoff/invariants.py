"""What is so in the database at every moment, whoever did what before: each invariant is a query whose rows are breaches. Read-only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    CompoundSelect,
    Connection,
    Text,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal,
    not_,
    null,
    or_,
    select,
    union_all,
)

from handoff.callback import ENDS, FREE, MAX_ATTEMPTS
from handoff.callback import State as Call
from handoff.conversation import BOT, NOBODY, QUEUE, TIMERS, State
from handoff.jobs import OPEN
from handoff.store import tables as t


class Invariant(StrEnum):
    """The closed list; `sentence` says what is so."""

    sentence: str

    def __new__(cls, name: str, sentence: str = "") -> Invariant:
        made = str.__new__(cls, name)
        made._value_ = name
        made.sentence = sentence
        return made

    ONE_TIMER = "one_timer", "A conversation has exactly one timer, that of its state; a closed one has none."
    OWNER_FITS = "owner_fits", "The owner of a conversation is one that its state allows."
    OWNER_EXISTS = "owner_exists", "An owner who is a member of staff exists."
    MOVES_LEAD_HERE = "moves_lead_here", "The moves of a conversation lead from the bot to its state and its owner."
    EPOCH_COUNTS_OWNERS = "epoch_counts_owners", "The epoch rises by one with each change of owner, and with nothing else."
    SEQ_GAPLESS = "seq_gapless", "The messages of a conversation are numbered from 1 to its last one, without a gap."
    EPOCHS_RISE = "epochs_rise", "No message has an older epoch than the one before it."
    BOT_IN_TURN = "bot_in_turn", "The bot speaks only while it owns the conversation: never after a claim."
    TURN_ANSWERED = "turn_answered", "A patient's last word to the bot is answered, or a turn of the bot is left for it."
    ONE_REQUEST = "one_request", "A conversation has at most one open handoff request."
    WAITS_IN_LINE = "waits_in_line", "A handoff request is queued exactly while its conversation waits."
    REQUEST_FITS = "request_fits", "Who chooses or talks with staff has an open request; with the bot, or closed, there is none."
    AGE_KEPT = "age_kept", "A place in line is never younger than the wait it belongs to."
    SAFETY_FIRST = "safety_first", "A safety matter that waits goes before everybody."
    SAFETY_CALLED = "safety_called", "People are called to a safety matter that waits."
    SAFETY_SEEN_THROUGH = "safety_seen_through", "A safety matter is open only while a person has it, or is waited for."
    OFFER_IN_LINE = "offer_in_line", "What is before somebody waits for somebody, and is before nobody else."
    OFFER_WATCHED = "offer_watched", "An offer is come back to when its time is over."
    AIMED_AT_SOMEBODY = "aimed_at_somebody", "What was passed on to a member of staff is passed on to one that exists."
    PROMISE_WATCHED = "promise_watched", "Somebody looks at an open promise before its end."
    PROMISE_HAS_CASE = "promise_has_case", "An open promise belongs to an open case."
    CALLBACK_WATCHED = "callback_watched", "A promised call is watched until it is made, or until a supervisor has it."
    CALLBACK_HAS_CASE = "callback_has_case", "A promised call belongs to an open case."
    CALLBACK_ATTEMPTS = "callback_attempts", f"Nobody is rung more than {MAX_ATTEMPTS} times for one promise."
    CALL_WATCHED = "call_watched", "A call that rings, or may ring, has a job that looks after it."
    TEXT_WATCHED = "text_watched", "A text that is to leave has a job that looks after it."
    OPT_OUT_HONOURED = "opt_out_honoured", "Nothing is sent to a number after it was told to stop, but the confirmation."
    ASKING_WHILE_CHOOSING = "asking_while_choosing", "A call is asked for only while the patient chooses."
    SURVEY_ENDED = "survey_ended", "With the conversation its survey has ended; only the score may be open."
    ENDS_HAVE_A_TIME = "ends_have_a_time", "What has ended has the moment of its end, and nothing else has."
    LEASES_HAVE_A_HOLDER = (
        "leases_have_a_holder",
        "A running job has a node and an end to its lease; no other job has either, and a finished one no name.",
    )


@dataclass(frozen=True)
class Breach:
    """`conversation`: None where it is nobody's; `row`: the id of the row that is wrong. Ids only."""

    invariant: Invariant
    conversation: str | None
    row: str


c, m, v, r, j = t.conversation.c, t.message.c, t.move.c, t.handoff_request.c, t.job.c
p, k, leg, o, f = t.promise.c, t.callback.c, t.call.c, t.outbound_text.c, t.offer.c
I = Invariant  # noqa: E741  (the list below reads as a table)
_CLOSED, _WAITING, _CHOOSING = str(State.CLOSED), str(State.WAITING), str(State.CHOOSING)
_BOTS = (str(State.BOT), _CHOOSING)
_WITH_STAFF = (str(State.HUMAN), str(State.PARKED))
_OPEN_REQUEST = ("created", "queued", "assigned")
_WATCHED = tuple(str(state) for state in (Call.SCHEDULED, Call.CLAIMED, Call.OVERDUE))
_ENDS = tuple(str(state) for state in ENDS)


def _job(kind: str, *where: ColumnElement[bool]) -> ColumnElement[bool]:
    """Is there an unfinished job of that kind?"""
    return exists().where(j.kind == kind, j.state.in_(OPEN), *where)


def _told(name: str) -> ColumnElement[Any]:
    """A value of the job's payload."""
    told: ColumnElement[Any] = j.payload[name].as_string()
    return told


def _count(what: ColumnElement[Any], *where: ColumnElement[bool]) -> ColumnElement[int]:
    return select(func.count(what)).where(*where).scalar_subquery()


def _requests(*states: str) -> ColumnElement[int]:
    return _count(r.id, r.conversation == c.id, r.state.in_(states))


def _arrived(to: Column[Any], before: Column[Any], now: Column[Any]) -> ColumnElement[int]:
    """How often the moves of a conversation came to where it is, less how often they left it."""
    came = func.sum(case((to == now, 1), else_=0) - case((before == now, 1), else_=0))
    return select(func.coalesce(came, 0)).where(v.conversation == c.id).scalar_subquery()


def _mismatch(closed_at: ColumnElement[Any], is_open: ColumnElement[bool]) -> ColumnElement[bool]:
    return or_(and_(closed_at.is_(None), not_(is_open)), and_(closed_at.is_not(None), is_open))


_timers = (j.key == "timer:" + c.id, j.kind == "timer", j.state.in_(OPEN))
_event = case({str(state): str(event) for state, event in TIMERS.items()}, value=c.state)
_staff = c.owner.like("staff:%")
_owner_changes = (v.conversation == c.id, v.from_owner != v.to_owner)
_bot_took_over = exists().where(v.conversation == m.conversation, v.epoch == m.epoch, v.from_owner != BOT, v.to_owner == BOT)
_before = t.message.alias().c
_turn_left = exists().where(
    j.kind.in_(("ask_bot", "turn_lost")), j.state.in_(OPEN), j.key == c.id, j.payload["epoch"].as_integer() == c.epoch
)
_wants_no_texts = exists().where(t.phone_number.c.conversation == c.id, t.opt_out.c.number == t.phone_number.c.number)
_was_called = exists().where(t.page.c.conversation == c.id, t.page.c.ended_at.is_(None))
_promise_watch = _job("watch_promise", j.key == "promise:" + p.conversation, _told("promise") == p.id)
_callback_watch = _job("watch_promise", j.key == "promise:" + k.conversation, _told("promise") == k.promise)
_leg_watch = exists().where(j.key == "call:" + k.conversation, j.state.in_(OPEN), _told("call") == leg.id)
_text_watch = or_(_job("send_text", j.key == "text:" + o.conversation), _job("watch_texts", j.key == "watch_texts"))
_confirms = and_(o.purpose == "notice", o.created_at == t.opt_out.c.at)
_held = and_(j.lease_owner.is_not(None), j.lease_until.is_not(None))
_free = and_(j.lease_owner.is_(None), j.lease_until.is_(None))


_pending = t.offer.alias().c
_before_another = exists().where(_pending.state == "pending", _pending.id != f.id, _pending.request == f.request)
_call_before_another = exists().where(_pending.state == "pending", _pending.id != f.id, _pending.callback == f.callback)
_is_free = and_(k.state.in_([str(state) for state in FREE]), k.staff.is_(None))


def _case_of(conversation: ColumnElement[Any]) -> ColumnElement[bool]:
    return exists().where(t.case.c.conversation == conversation, t.case.c.state != "closed")


# Each: the invariant, whose conversation and which row break it, and when.
Rule = tuple[Invariant, ColumnElement[Any], ColumnElement[Any], tuple[ColumnElement[bool], ...]]
OF_ONE: tuple[Rule, ...] = (
    (I.ONE_TIMER, c.id, c.id, (_count(j.id, *_timers) != case((c.state == _CLOSED, 0), else_=1),)),
    (I.ONE_TIMER, c.id, j.id, (*_timers, _told("event") != _event)),
    (I.OWNER_FITS, c.id, c.id, (c.state.in_(_BOTS), c.owner != BOT)),
    (I.OWNER_FITS, c.id, c.id, (c.state == _WAITING, c.owner != QUEUE, not_(_staff))),
    (I.OWNER_FITS, c.id, c.id, (c.state.in_(_WITH_STAFF), not_(_staff))),
    (I.OWNER_FITS, c.id, c.id, (c.state == _CLOSED, c.owner != NOBODY)),
    (I.OWNER_EXISTS, c.id, c.id, (_staff, ~exists().where(t.staff.c.id == func.substr(c.owner, 7)))),
    (I.MOVES_LEAD_HERE, c.id, c.id, (_arrived(v.to_state, v.from_state, c.state) != case((c.state == str(State.BOT), 0), else_=1),)),
    (I.MOVES_LEAD_HERE, c.id, c.id, (_arrived(v.to_owner, v.from_owner, c.owner) != case((c.owner == BOT, 0), else_=1),)),
    (I.EPOCH_COUNTS_OWNERS, c.id, c.id, (_count(v.id, *_owner_changes) != c.epoch,)),
    (I.EPOCH_COUNTS_OWNERS, c.id, c.id, (_count(v.epoch.distinct(), *_owner_changes) != c.epoch,)),
    (I.EPOCH_COUNTS_OWNERS, c.id, v.id, (v.conversation == c.id, or_(v.epoch > c.epoch, v.epoch < 0))),
    (I.SEQ_GAPLESS, c.id, c.id, (_count(m.id, m.conversation == c.id) != c.last_seq,)),
    (I.SEQ_GAPLESS, c.id, m.id, (m.conversation == c.id, or_(m.seq < 1, m.seq > c.last_seq))),
    (I.EPOCHS_RISE, m.conversation, m.id, (_before.conversation == m.conversation, _before.seq == m.seq - 1, _before.epoch > m.epoch)),
    (I.BOT_IN_TURN, m.conversation, m.id, (m.author == "bot", m.epoch > 0, ~_bot_took_over)),
    (
        I.TURN_ANSWERED,
        c.id,
        m.id,
        (c.state == str(State.BOT), m.conversation == c.id, m.seq == c.last_seq, m.author == "patient", ~_turn_left, ~_wants_no_texts),
    ),
    (I.ONE_REQUEST, c.id, c.id, (_requests(*_OPEN_REQUEST) > 1,)),
    (I.WAITS_IN_LINE, c.id, c.id, (_requests("queued") != case((c.state == _WAITING, 1), else_=0),)),
    (I.REQUEST_FITS, c.id, c.id, (c.state.in_((str(State.BOT), _CLOSED)), _requests(*_OPEN_REQUEST) > 0)),
    (I.REQUEST_FITS, c.id, c.id, (c.state == _CHOOSING, _requests("created") != 1)),
    (I.REQUEST_FITS, c.id, c.id, (c.state.in_(_WITH_STAFF), _requests("assigned") != 1)),
    (I.AGE_KEPT, r.conversation, r.id, (r.queue_age_from > r.created_at,)),
    (I.AGE_KEPT, k.conversation, k.id, (k.queue_age_from > k.created_at,)),
    (I.AGE_KEPT, k.conversation, k.id, (r.id == k.handoff_request, r.queue_age_from != k.queue_age_from)),
    (I.SAFETY_FIRST, c.id, r.id, (c.unsafe, c.state == _WAITING, r.conversation == c.id, r.state == "queued", r.priority != 0)),
    (I.SAFETY_CALLED, c.id, c.id, (c.unsafe, c.state == _WAITING, c.owner == QUEUE, ~_was_called, ~_job("page", j.key == "page:" + c.id))),
    (I.SAFETY_SEEN_THROUGH, c.id, c.id, (c.unsafe, c.state.not_in((_WAITING, *_WITH_STAFF)))),
    (I.OFFER_IN_LINE, f.conversation, f.id, (f.state == "pending", r.id == f.request, r.state != "queued")),
    (I.OFFER_IN_LINE, f.conversation, f.id, (f.state == "pending", k.id == f.callback, not_(_is_free))),
    (I.OFFER_IN_LINE, f.conversation, f.id, (f.state == "pending", or_(_before_another, _call_before_another))),
    (I.OFFER_WATCHED, f.conversation, f.id, (f.state == "pending", ~_job("line", j.key == "line", j.run_at <= f.until))),
    (I.AIMED_AT_SOMEBODY, r.conversation, r.id, (r.person.is_not(None), ~exists().where(t.staff.c.id == r.person))),
    (I.PROMISE_WATCHED, p.conversation, p.id, (p.state == "open", ~_promise_watch)),
    (I.PROMISE_HAS_CASE, p.conversation, p.id, (p.state == "open", ~_case_of(p.conversation))),
    (I.CALLBACK_WATCHED, k.conversation, k.id, (k.state.in_(_WATCHED), ~_callback_watch)),
    (I.CALLBACK_HAS_CASE, k.conversation, k.id, (k.closed_at.is_(None), ~_case_of(k.conversation))),
    (I.CALLBACK_ATTEMPTS, k.conversation, k.id, (k.attempts > MAX_ATTEMPTS,)),
    (I.CALL_WATCHED, k.conversation, leg.id, (leg.callback == k.id, leg.ended_at.is_(None), ~_leg_watch)),
    (
        I.TEXT_WATCHED,
        o.conversation,
        o.id,
        (o.state.in_(("queued", "attempting", "maybe_sent")), func.coalesce(o.reason, "") != "uncertain", ~_text_watch),
    ),
    (I.OPT_OUT_HONOURED, o.conversation, o.id, (t.opt_out.c.number == o.number, o.attempting_at > t.opt_out.c.at, not_(_confirms))),
    (I.ASKING_WHILE_CHOOSING, c.id, c.id, (c.asking.is_not(null()), c.state != _CHOOSING)),
    (
        I.SURVEY_ENDED,
        c.id,
        t.response.c.id,
        (c.state == _CLOSED, t.response.c.conversation == c.id, t.response.c.finished_at.is_(None), t.response.c.disposition != "invited"),
    ),
    (I.ENDS_HAVE_A_TIME, r.conversation, r.id, (_mismatch(r.closed_at, r.state.in_(_OPEN_REQUEST)),)),
    (I.ENDS_HAVE_A_TIME, p.conversation, p.id, (_mismatch(p.closed_at, p.state == "open"),)),
    (I.ENDS_HAVE_A_TIME, t.case.c.conversation, t.case.c.id, (_mismatch(t.case.c.closed_at, t.case.c.state != "closed"),)),
    (I.ENDS_HAVE_A_TIME, f.conversation, f.id, (_mismatch(f.ended_at, f.state == "pending"),)),
    (I.ENDS_HAVE_A_TIME, k.conversation, k.id, (_mismatch(k.closed_at, k.state.not_in(_ENDS)),)),
)
OF_NOBODY: tuple[Rule, ...] = (
    (I.LEASES_HAVE_A_HOLDER, cast(null(), Text), j.id, (j.state == "running", not_(_held))),
    (I.LEASES_HAVE_A_HOLDER, cast(null(), Text), j.id, (j.state != "running", j.state.in_(OPEN), not_(_free))),
    (I.LEASES_HAVE_A_HOLDER, cast(null(), Text), j.id, (j.state.not_in(OPEN), j.dedupe.is_not(None))),
)


def _query(rules: tuple[Rule, ...], only: ColumnElement[Any] | None = None) -> CompoundSelect[Any]:
    """One statement for all of them."""
    return union_all(
        *(
            select(literal(str(invariant)).label("invariant"), conversation.label("conversation"), row.label("row")).where(
                *where, *(() if only is None else (conversation == only,))
            )
            for invariant, conversation, row, where in rules
        )
    )


EVERYWHERE = _query(OF_ONE + OF_NOBODY)
IN_ONE = _query(OF_ONE, bindparam("conversation"))


def find_breaches(db: Connection) -> list[Breach]:
    """Everything in the database that is not as it must be, in the order of `Invariant`."""
    return _read(db.execute(EVERYWHERE))


def find_breaches_of(db: Connection, conversation: str) -> list[Breach]:
    """What is not as it must be in one conversation."""
    return _read(db.execute(IN_ONE, {"conversation": conversation}))


def _read(rows: Any) -> list[Breach]:
    order = {invariant: place for place, invariant in enumerate(Invariant)}
    found = {Breach(Invariant(row.invariant), row.conversation, row.row) for row in rows}
    return sorted(found, key=lambda breach: (order[breach.invariant], breach.conversation or "", breach.row))
