"""A patient's session: a secret that stands for one conversation on one device. Conversation ids grant nothing.

A secret is 256 random bits, kept hashed, bound to the site it was given to, and replaced at each return. The one before
stays good until its successor has been used, and a minute more, so that a lost answer or a second tab costs nobody the chat.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, or_, select, update

from handoff.desk.thread import new_thread
from handoff.desk.work import Work
from handoff.errors import SessionEnded
from handoff.store import tables as t

_LIVE = select(t.patient_session).where(
    t.patient_session.c.id == bindparam("session"),
    t.patient_session.c.revoked_at.is_(None),
    t.patient_session.c.expires_at > bindparam("now", type_=t.Moment()),
)

GRACE = timedelta(seconds=60)
TICKET_LIFE = timedelta(minutes=5)


@dataclass(frozen=True)
class Session:
    """`secret`: the new one, to be kept by the device. `fresh`: a new conversation was begun."""

    id: str
    conversation: str
    secret: str
    fresh: bool
    expires_at: datetime


def hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def open_session(work: Work, *, secret: str | None, site: str, protocol: str, locale: str, survey: str | None = None) -> Session:
    """Come back with `secret`, or begin a new conversation where it is unknown, expired, or another site's.

    A widget's secret is replaced; a Rasa client keeps its own, since its protocol knows no other way.
    """
    known = find_session(work.db, secret, site=site, protocol=protocol, now=work.now) if secret else None
    if known is None:
        return _new_session(work, site=site, protocol=protocol, locale=locale, survey=survey)
    expires = max(known["expires_at"], work.now + work.house.settings.patient_session)
    work.db.execute(update(t.patient_session).where(t.patient_session.c.id == known["id"]).values(seen_at=work.now, expires_at=expires))
    if protocol == "rasa":
        return Session(known["id"], known["conversation"], str(secret), False, expires)
    _supersede_older(work, known["id"], known["issued_at"])
    return Session(known["id"], known["conversation"], _issue(work, known["id"]), False, expires)


def find_session(db: Connection, secret: str, *, site: str, protocol: str, now: datetime) -> dict[str, Any] | None:
    """The live session of a secret, or None."""
    s, k = t.patient_session.c, t.session_secret.c
    found = db.execute(
        select(t.patient_session, k.issued_at)
        .join(t.session_secret, k.session == s.id)
        .where(
            k.hash == hashed(secret),
            or_(k.superseded_at.is_(None), k.superseded_at > now - GRACE),
            s.site == site,
            s.protocol == protocol,
            s.revoked_at.is_(None),
            s.expires_at > now,
        )
    ).first()
    return None if found is None else dict(found._mapping)


def _new_session(work: Work, *, site: str, protocol: str, locale: str, survey: str | None) -> Session:
    chosen = survey if survey is not None and survey in work.house.surveys else work.house.settings.survey
    thread = new_thread(work, channel="web", locale=work.house.words.language(locale), survey=chosen)
    work.enqueue("ask_bot", key=thread.id, payload={"conversation": thread.id, "turn": work.ids.new(), "kind": "opened", "epoch": 0})
    thread.save()
    session, expires = work.ids.new(), work.now + work.house.settings.patient_session
    work.db.execute(
        t.patient_session.insert().values(
            id=session,
            conversation=thread.id,
            site=site,
            protocol=protocol,
            shown_seq=0,
            created_at=work.now,
            seen_at=work.now,
            expires_at=expires,
        )
    )
    return Session(session, thread.id, _issue(work, session), True, expires)


def _issue(work: Work, session: str) -> str:
    secret = work.ids.secret()
    work.db.execute(t.session_secret.insert().values(hash=hashed(secret), session=session, issued_at=work.now))
    return secret


def _supersede_older(work: Work, session: str, issued_at: datetime) -> None:
    k = t.session_secret.c
    older = and_(k.session == session, k.issued_at < issued_at, k.superseded_at.is_(None))
    work.db.execute(update(t.session_secret).where(older).values(superseded_at=work.now))


def issue_ticket(work: Work, *, kind: str, session: str) -> str:
    """A ticket for one socket: single use, five minutes."""
    ticket = work.ids.secret()
    work.db.execute(t.ticket.insert().values(hash=hashed(ticket), kind=kind, session=session, expires_at=work.now + TICKET_LIFE))
    return ticket


def redeem_ticket(work: Work, ticket: object, *, kind: str) -> str:
    """The session of a ticket, which is used up. Raises `SessionEnded`."""
    if not isinstance(ticket, str):
        raise SessionEnded
    k = t.ticket.c
    used = delete(t.ticket).where(k.hash == hashed(ticket), k.kind == kind, k.expires_at > work.now).returning(k.session)
    session = work.db.execute(used).scalar_one_or_none()
    if session is None:
        raise SessionEnded
    return str(session)


def enter(work: Work, ticket: object) -> Session:
    """The patient's session behind a socket's ticket. Raises `SessionEnded`."""
    return live_session(work.db, redeem_ticket(work, ticket, kind="patient"), work.now)


def live_session(db: Connection, session: str, now: datetime) -> Session:
    """Raises `SessionEnded` where the session is revoked, expired or erased."""
    row = db.execute(_LIVE, {"session": session, "now": now}).first()
    if row is None:
        raise SessionEnded
    return Session(row.id, row.conversation, "", False, row.expires_at)


def forget(work: Work, *, secret: str | None, site: str, protocol: str = "widget") -> str | None:
    """End the session on this device; the conversation stays with the clinic. Returns the session's id."""
    known = find_session(work.db, secret, site=site, protocol=protocol, now=work.now) if secret else None
    if known is None:
        return None
    work.db.execute(update(t.patient_session).where(t.patient_session.c.id == known["id"]).values(revoked_at=work.now))
    return str(known["id"])


def shown(work: Work, session: str, seq: int) -> None:
    """Remember what a Rasa client is known to have drawn."""
    s = t.patient_session.c
    work.db.execute(update(t.patient_session).where(s.id == session, s.shown_seq < seq).values(shown_seq=seq))


def shown_seq(db: Connection, session: str) -> int:
    """The last message that a Rasa client is known to have drawn."""
    return int(db.execute(select(t.patient_session.c.shown_seq).where(t.patient_session.c.id == session)).scalar_one())
