"""Sending what waits in a conversation's line of texts, one at a time: decide, then save what came of it. No request is made here.

A job `send_text` looks at the line (`take_next`), which commits `attempting` before the provider is asked; what it answered is
saved by `was_created`, `was_refused` or `was_uncertain`. An uncertain one is looked for among what the provider lists.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, literal_column, or_, select

from handoff import jobs
from handoff.desk.deliveries import fail, put
from handoff.desk.leaving import leave_notice, wake
from handoff.desk.text_limits import judge
from handoff.desk.work import Work
from handoff.outbound_text import NEXT_AFTER, TextEvent, TextState, resend_of
from handoff.phone import Created, ListedText, Refused
from handoff.store import lock_conversation, lock_name
from handoff.store import tables as t
from handoff.text_errors import PAUSE, STOP_LOOK, Class, Trouble, trouble_of
from handoff.text_line import Look, Waiting, look

__all__ = ["leave_notice", "wake"]  # found here by those who leave texts
LOOKS = (5, 30, 120, 300)  # seconds after an uncertain attempt at which the provider's list is read, and once more at the end
ASKED_AFTER = (timedelta(minutes=5), timedelta(hours=1))  # whose callback was lost is asked after, in the minute after that
_IN_LINE = tuple(str(state) for state in (TextState.QUEUED, TextState.ATTEMPTING, TextState.MAYBE_SENT, TextState.ACCEPTED))
_o = t.outbound_text.c
_waits = (_o.conversation == bindparam("conversation"), _o.state.in_([literal_column(f"'{state}'") for state in _IN_LINE]))
_LINE = select(_o.id, _o.state, _o.purpose, _o.due_at, _o.reason).where(*_waits, _o.reason.is_(None) | (_o.reason != "uncertain"))
_NUMBERS = select(_o.number).where(_o.conversation == bindparam("conversation")).distinct().order_by(_o.number)
_TEXT = select(t.outbound_text).where(_o.id == bindparam("text"))


@dataclass(frozen=True)
class Attempt:
    """One text that the provider is to be asked to create; it says `attempting` in the database by now."""

    id: str
    number: str
    ours: str
    body: str
    attempt: int
    validity: int | None  # seconds after which it is of no use


@dataclass(frozen=True)
class Doubt:
    """One text that the provider may or may not have: to be looked for among those to `number` since `since`."""

    id: str
    number: str
    since: datetime


def take_next(work: Work, lease: jobs.Lease, conversation: str) -> Attempt | Doubt | None:
    """What is to be done now in a conversation's line; None, and the job is finished, when nothing is. Raises `Fenced`."""
    jobs.check(work.db, lease)
    _lock(work, conversation)
    while True:
        found = _look(work, conversation)
        if found.text is None:
            jobs.finish(work.db, lease, now=work.now)
            _plan(work, conversation, found.again)
            return None
        row = _row(work, found.text.id)
        if row["state"] == TextState.ATTEMPTING:  # whoever asked for it died: this job is the only one of its line
            put(work, row, TextEvent.UNCERTAIN, source="us", due_at=work.now)
        elif row["state"] == TextState.MAYBE_SENT:
            return Doubt(row["id"], row["number"], row["attempting_at"] - timedelta(seconds=60))
        elif (attempt := _begin(work, row)) is not None:
            return attempt


def _lock(work: Work, conversation: str) -> None:
    """First the numbers that the line ever went to, as whoever takes in a STOP does, for a number may write to another conversation; and
    once the conversation is ours, and no text can be added any more, a number that was added while we came."""
    locked: set[str] = set()
    for is_ours in (False, True):
        for number in work.db.execute(_NUMBERS, {"conversation": conversation}).scalars().all():
            if number not in locked:
                lock_name(work.db, f"number:{number}")
                locked.add(number)
        if not is_ours:
            lock_conversation(work.db, conversation)


def _begin(work: Work, row: RowMapping) -> Attempt | None:
    """Commit to an attempt, or note what stands against it."""
    verdict = judge(work, dict(row))
    account = work.house.account
    if verdict.reason is None and account is not None:
        put(work, row, TextEvent.ATTEMPT, source="us", attempting_at=work.now, reason=None, error=None, due_at=work.now)
        left = None if row["expires_at"] is None else int((row["expires_at"] - work.now).total_seconds())
        ours = row["ours"] if row["ours"] in account.numbers else account.number
        return Attempt(row["id"], row["number"], ours, row["body"], row["attempts"] + 1, left)
    if verdict.until is None:
        put(work, row, TextEvent.BLOCK, source="us", reason=verdict.reason)
    else:
        put(work, row, None, source="us", reason=verdict.reason, due_at=verdict.until)
    return None


def was_created(work: Work, lease: jobs.Lease, text: str, created: Created) -> None:
    """The provider took it. Raises `Fenced`."""
    _save(work, lease, text, TextEvent.CREATED, source="created", sid=created.sid, due_at=work.now + NEXT_AFTER)


def was_refused(work: Work, lease: jobs.Lease, text: str, refused: Refused, chance: float) -> None:
    """The provider said no, so nothing was created. `chance` (0-1) spreads those that try again. Raises `Fenced`."""
    trouble = trouble_of(refused.code, refused.status)
    pause = _pause(trouble, refused.retry_after, chance)
    if pause is not None:
        _save(work, lease, text, TextEvent.PUT_OFF, source="created", error=refused.code, reason=trouble.reason, due_at=work.now + pause)
        return
    jobs.finish(work.db, lease, now=work.now)
    row = _locked(work, text)
    if row is not None:
        fail(work, row, TextEvent.REFUSED, trouble, refused.code, source="created")
        _plan_next(work, row["conversation"])


def _pause(trouble: Trouble, retry_after: float | None, chance: float) -> timedelta | None:
    match trouble.kind:
        case Class.SOON:
            return timedelta(seconds=(retry_after or 1.0) + 4.0 * chance)
        case Class.PAUSE:
            return PAUSE
        case Class.STOP:
            return STOP_LOOK
        case _:
            return None


def was_uncertain(work: Work, lease: jobs.Lease, text: str) -> None:
    """No answer: it may have been created. It is looked for, never just sent again. Raises `Fenced`."""
    _save(work, lease, text, TextEvent.UNCERTAIN, source="created", due_at=work.now + timedelta(seconds=LOOKS[0]))


def was_listed(work: Work, lease: jobs.Lease, text: str, listed: list[ListedText] | None) -> None:
    """What the provider lists for an uncertain text's number; None: it did not tell. Raises `Fenced`."""
    jobs.finish(work.db, lease, now=work.now)
    row = _locked(work, text)
    if row is None or row["state"] != TextState.MAYBE_SENT:
        return
    found, resend = _match(work, row, listed or []), resend_of(row["purpose"])
    age = work.now - row["attempting_at"]
    if found is not None:
        put(work, row, TextEvent.CREATED, source="list", sid=found.sid, reason=None, due_at=work.now + NEXT_AFTER)
    elif age < resend.found_out or (listed is None and not resend.blind):
        end = resend.found_out if age < resend.found_out else age + timedelta(minutes=1)
        later = min(next((at for at in map(_seconds, LOOKS) if at > age), end), end)
        put(work, row, None, source="list", due_at=row["attempting_at"] + later)
    elif row["attempts"] < resend.attempts:
        put(work, row, TextEvent.NOT_FOUND, source="list", due_at=work.now)
    else:  # it stays uncertain, and staff see that; it holds nobody back any more
        put(work, row, TextEvent.UNCERTAIN, source="list", reason="uncertain")
    _plan_next(work, row["conversation"])


def _match(work: Work, row: RowMapping, listed: list[ListedText]) -> ListedText | None:
    """The text that can only be this one: same words to the same number, since the attempt, and nobody else's."""
    sids = [one.sid for one in listed]
    o = t.outbound_text.c
    taken = set(work.db.execute(select(o.sid).where(o.sid.in_(sids))).scalars())
    since = row["attempting_at"] - timedelta(seconds=60)
    for one in reversed(listed):  # the oldest first
        ours = one.direction.startswith("outbound") and one.to == row["number"] and one.body.strip() == row["body"].strip()
        if ours and one.sid not in taken and (one.at is None or one.at >= since):
            return one
    return None


def watch(work: Work, lease: jobs.Lease) -> None:
    """Wake each line that is due and that no job looks after any more; again in a minute. Raises `Fenced`."""
    jobs.finish(work.db, lease, now=work.now)
    o, j = t.outbound_text.c, t.job.c
    looked_after = select(j.id).where(j.key == "text:" + o.conversation, j.state.in_(jobs.OPEN)).exists()
    due = (o.state.in_(_IN_LINE[:3]), o.due_at < work.now - timedelta(seconds=30), o.reason.is_(None) | (o.reason != "uncertain"))
    for conversation in work.db.execute(select(o.conversation).where(*due, ~looked_after).distinct().limit(200)).scalars().all():
        wake(work, conversation)
    plan_watch(work)


def unreported(db: Connection, now: datetime) -> list[tuple[str, int, str]]:
    """Texts that were taken five minutes ago, or an hour, and whose end nobody reported: `(id, attempt, sid)`, at most 50."""
    o = t.outbound_text.c
    taken = [o.attempting_at.between(now - age - timedelta(minutes=1), now - age) for age in ASKED_AFTER]
    query = select(o.id, o.attempts, o.sid).where(o.state.in_((str(TextState.ACCEPTED), str(TextState.SENT))), or_(*taken)).limit(50)
    return [(row.id, row.attempts, row.sid) for row in db.execute(query) if row.sid]


def plan_watch(work: Work) -> None:
    """Leave the next watch, unless one is planned."""
    work.enqueue("watch_texts", key="watch_texts", dedupe="watch_texts", payload={}, run_at=work.now + timedelta(minutes=1))


def _save(work: Work, lease: jobs.Lease, text: str, event: TextEvent, **values: Any) -> None:
    jobs.finish(work.db, lease, now=work.now)
    row = _locked(work, text)
    if row is not None:
        put(work, row, event, **values)
        _plan_next(work, row["conversation"])


def _plan_next(work: Work, conversation: str) -> None:
    found = _look(work, conversation)
    if found.text is not None:
        wake(work, conversation)
    else:
        _plan(work, conversation, found.again)


def _plan(work: Work, conversation: str, at: datetime | None) -> None:
    """Look again then. Each moment has a name of its own: a look that is planned is never moved, so none is lost."""
    if at is not None:
        name = f"text:{conversation}:{round(at.timestamp() * 1000)}"
        work.enqueue("send_text", key=f"text:{conversation}", dedupe=name, payload={"conversation": conversation}, run_at=at)


def _look(work: Work, conversation: str) -> Look:
    rows = work.db.execute(_LINE, {"conversation": conversation})
    return look([Waiting(row.id, TextState(row.state), row.purpose, row.due_at, row.reason) for row in rows], work.now)


def _row(work: Work, text: str) -> RowMapping:
    return work.db.execute(_TEXT, {"text": text}).mappings().one()


def _locked(work: Work, text: str) -> RowMapping | None:
    """A text's row, its conversation locked first; None when it was erased meanwhile."""
    o = t.outbound_text.c
    conversation = work.db.execute(select(o.conversation).where(o.id == text)).scalar_one_or_none()
    if conversation is None or lock_conversation(work.db, conversation) is None:
        return None
    return _row(work, text)


def _seconds(length: int) -> timedelta:
    return timedelta(seconds=length)
