"""May this text go out now? Asked inside the transaction that says `attempting`: opt-out, consent, use, country, caps, quiet hours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import phonenumbers
from sqlalchemy import bindparam, func, select

from handoff.consent import may_text
from handoff.desk.consents import ledger
from handoff.desk.work import Work
from handoff.outbound_text import TextState
from handoff.quiet import quiet_until
from handoff.store import tables as t
from handoff.text_errors import EXPIRED, OPTED_OUT
from handoff.text_line import PASSES
from handoff.zones import country_of, zones_of

CONFIRM_WITHIN = timedelta(minutes=5)
JUST_WROTE = timedelta(hours=1)  # whoever wrote within it is answered at night too
_OPTED_OUT_AT = select(t.opt_out.c.at).where(t.opt_out.c.number == bindparam("number"))
_NUMBER_STATE = select(t.phone_number.c.state).where(t.phone_number.c.number == bindparam("number"))
_AT_NIGHT = ("staff", "safety", "page", "on_call")  # a person typing now, and what waits for nobody's hours
_LOCK = select(func.pg_advisory_xact_lock(func.hashtextextended("texts", 0)))


@dataclass(frozen=True)
class Verdict:
    """Go, when there is no `reason`. With `until`: it waits till then. Without: it must not go at all."""

    reason: str | None = None
    until: datetime | None = None


GO = Verdict()


def judge(work: Work, text: dict[str, Any]) -> Verdict:
    """The first thing that stands against a queued text, in an order in which what is final comes first."""
    for ask in _QUESTIONS:
        verdict = ask(work, text)
        if verdict is not GO:
            return verdict
    return GO


def is_opted_out(work: Work, number: str) -> bool:
    return work.db.execute(select(t.opt_out.c.number).where(t.opt_out.c.number == number)).first() is not None


def _can(work: Work, text: dict[str, Any]) -> Verdict:
    if work.house.account is None:
        return Verdict("no_provider")
    return GO if text["number"] else Verdict("no_number")


def _page_ended(work: Work, text: dict[str, Any]) -> Verdict:
    """Somebody has come to what a page calls to: its texts that have not gone yet would call in vain."""
    if text["page"] is None:
        return GO
    ended = work.db.execute(select(t.page.c.ended_at).where(t.page.c.id == text["page"])).scalar_one()
    return GO if ended is None else Verdict("taken")


def _opted_out(work: Work, text: dict[str, Any]) -> Verdict:
    """Nothing, but the one text that confirms it, left with the opt-out itself (47 CFR 64.1200(a)(12): within five minutes)."""
    since = work.db.execute(_OPTED_OUT_AT, {"number": text["number"]}).scalar_one_or_none()
    confirms = since is not None and text["purpose"] == "notice" and text["created_at"] == since and work.now - since < CONFIRM_WITHIN
    return GO if since is None or confirms else Verdict(OPTED_OUT.reason)


def _consented(work: Work, text: dict[str, Any]) -> Verdict:
    """An opt-out ends texts whatever was agreed to; where there is none, somebody must have agreed to this kind."""
    return GO if may_text(ledger(work.db, text["conversation"]), text["purpose"]) else Verdict("no_consent")


def _expired(work: Work, text: dict[str, Any]) -> Verdict:
    return Verdict(EXPIRED.reason) if text["expires_at"] is not None and text["expires_at"] <= work.now else GO


def _takes_texts(work: Work, text: dict[str, Any]) -> Verdict:
    state = work.db.execute(_NUMBER_STATE, {"number": text["number"]}).scalar_one_or_none()
    return Verdict({"landline": "landline", "bad": "bad_number"}[state]) if state in ("landline", "bad") else GO


def _country(work: Work, text: dict[str, Any]) -> Verdict:
    """Countries that the clinic texts; a number of no country (one for fiction) passes by its country's code."""
    allowed = work.house.settings.countries
    country = country_of(text["number"])
    if text["purpose"] == "safety" or country in allowed:
        return GO
    codes = [f"+{phonenumbers.country_code_for_region(one)}" for one in allowed]
    return GO if country is None and text["number"].startswith(tuple(codes)) else Verdict("country")


def _stopped(work: Work, text: dict[str, Any]) -> Verdict:
    """One text that was refused for the sender's sake holds back all others, until it may be tried again itself."""
    if text["purpose"] in PASSES:
        return GO
    o = t.outbound_text.c
    refused = (o.state == str(TextState.QUEUED), o.reason.in_(("account", "sender_paused")), o.due_at > work.now, o.id != text["id"])
    newest = work.db.execute(select(o.reason, o.due_at).where(*refused).order_by(o.due_at.desc()).limit(1)).first()
    return GO if newest is None else Verdict(newest.reason, newest.due_at)


def _night(work: Work, text: dict[str, Any]) -> Verdict:
    if text["purpose"] in _AT_NIGHT:
        return GO
    wrote = work.db.execute(select(t.conversation.c.last_patient_at).where(t.conversation.c.id == text["conversation"])).scalar_one()
    if wrote is not None and work.now - wrote <= JUST_WROTE:
        return GO
    until = quiet_until(work.now, zones_of(text["number"], work.house.settings.zone))
    return GO if until is None else Verdict("quiet_hours", until)


def _daily_cap(work: Work, text: dict[str, Any]) -> Verdict:
    """Segments since midnight at the clinic: what texting can cost in a day."""
    if text["purpose"] in PASSES:
        return GO
    there = work.now.astimezone(work.house.settings.zone)
    midnight = there.replace(hour=0, minute=0, second=0, microsecond=0)
    if _segments_since(work, midnight, text["id"]) + text["segments"] <= work.house.settings.texts_per_day:
        return GO
    return Verdict("daily_cap", midnight + timedelta(days=1))


def _segments_since(work: Work, moment: datetime, but: str) -> int:
    """Segments sent since a moment, but for those of one text: sent once more, it is the same text."""
    o = t.outbound_text.c
    query = select(func.coalesce(func.sum(o.segments), 0)).where(o.attempting_at >= moment, o.id != but)
    found: int = work.db.execute(query).scalar_one()
    return found


def _number_rate(work: Work, text: dict[str, Any]) -> Verdict:
    """Pages to a phone are counted by themselves: whoever floods the clinic with danger does not flood the phones."""
    is_page = text["page"] is not None
    if text["purpose"] in PASSES and not is_page:
        return GO
    o, limit = t.outbound_text.c, work.house.settings.texts_per_number_hour
    alike = o.page.is_not(None) if is_page else o.page.is_(None)
    lately = select(o.attempting_at).where(o.number == text["number"], alike, o.attempting_at > work.now - timedelta(hours=1))
    sent = work.db.execute(lately.order_by(o.attempting_at.desc()).limit(limit)).scalars().all()
    return GO if len(sent) < limit else Verdict("number_rate", sent[-1] + timedelta(hours=1))


def _sender_rate(work: Work, text: dict[str, Any]) -> Verdict:
    """Our number sends so many segments a second; whoever waits is given a time by their place among all that wait."""
    if text["purpose"] in PASSES:
        return GO
    if work.db.dialect.name == "postgresql":  # two nodes must not both take the same second
        work.db.execute(_LOCK)
    o, rate = t.outbound_text.c, work.house.settings.texts_per_second
    last = work.db.execute(
        select(o.attempting_at, o.segments).where(o.attempting_at.is_not(None)).order_by(o.attempting_at.desc()).limit(1)
    ).first()
    free = work.now if last is None else last.attempting_at + timedelta(seconds=last.segments / rate)
    if free <= work.now:
        return GO
    before = (o.state == str(TextState.QUEUED), o.reason.is_(None) | (o.reason == "turn"), o.id < text["id"])
    ahead = work.db.execute(select(func.coalesce(func.sum(o.segments), 0)).where(*before)).scalar_one()
    return Verdict("turn", free + timedelta(seconds=ahead / rate))


_QUESTIONS: tuple[Callable[[Work, dict[str, Any]], Verdict], ...] = (
    _can,
    _page_ended,
    _opted_out,
    _consented,
    _expired,
    _takes_texts,
    _country,
    _stopped,
    _night,
    _daily_cap,
    _number_rate,
    _sender_rate,
)
