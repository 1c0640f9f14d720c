"""Staff accounts and sign-in: argon2id passwords, one-time codes, sessions in the database that can be revoked.

Hashing a password takes tens of milliseconds, so it is done beside the deeds, never inside one.
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, delete, func, select, update

from handoff.desk import audit
from handoff.desk.sessions import hashed, redeem_ticket
from handoff.desk.work import Desk, Work
from handoff.errors import BadInput, LockedOut, NotFound, NotSignedIn, WrongSignIn
from handoff.staff.access import Person, Role
from handoff.store import tables as t

HASHER = PasswordHasher()  # argon2id with the library's present defaults (RFC 9106, low-memory profile)
_NOBODY = HASHER.hash("nobody has this password")  # so that an unknown address takes as long as a known one
FAILURES, LOCK = 10, timedelta(minutes=15)
CODE_LIFE = timedelta(hours=12)
MIN_PASSWORD, MAX_PASSWORD = 10, 200


@dataclass(frozen=True)
class SignedIn:
    """`secret` goes into the cookie. `by_code`: the session came from a one-time code. `seen_at`: when they last did something."""

    person: Person
    session: str
    secret: str
    by_code: bool
    seen_at: datetime


def add(work: Work, *, email: str, name: str, role: Role, password_hash: str | None = None) -> str:
    """A new account; returns its id. Raises `BadInput` where the address is taken or is none."""
    email = email.strip().lower()
    if "@" not in email or not name.strip() or len(email) > 200 or len(name) > 80:
        raise BadInput("An account needs an e-mail address and a name.")
    if work.db.execute(select(t.staff.c.id).where(t.staff.c.email == email)).first() is not None:
        raise BadInput("There is an account with that address already.")
    new = work.ids.new()
    work.db.execute(
        t.staff.insert().values(
            id=new, email=email, name=name.strip(), role=str(role), password_hash=password_hash, available=True, created_at=work.now
        )
    )
    audit.note(work, "system", "staff_added", staff=new, role=str(role))
    return new


def find(db: Connection, email: str) -> str | None:
    """The id of an account by its address."""
    return db.execute(select(t.staff.c.id).where(t.staff.c.email == email.strip().lower())).scalar_one_or_none()


def make_code(work: Work, staff: str) -> str:
    """A one-time sign-in code, good for 12 hours and once."""
    code = work.ids.secret()
    work.db.execute(t.sign_in_code.insert().values(hash=hashed(code), staff=staff, expires_at=work.now + CODE_LIFE))
    return code


async def sign_in(desk: Desk, *, email: str, password: str, address: str) -> SignedIn:
    """By password. Raises `WrongSignIn`, or `LockedOut` after ten failures in 15 minutes for this account or from this address."""
    keys = (_key("account", email.strip().lower()), _key("address", address))
    row = await desk.look(_account, email.strip().lower(), keys, desk.clock.now())
    good = await asyncio.to_thread(_verify, row["password_hash"] if row else None, password)
    if not good or row is None:
        await desk.do(_note_failure, keys)
        raise WrongSignIn
    return await desk.do(_open_session, row["id"], by_code=False)


async def sign_in_by_code(desk: Desk, *, code: str, address: str) -> SignedIn:
    """By a one-time code, which is used up. Raises `WrongSignIn`, `LockedOut`."""
    keys = (_key("address", address),)
    await desk.look(_not_locked, keys, desk.clock.now())
    try:
        return await desk.do(_use_code, code)
    except WrongSignIn:
        await desk.do(_note_failure, keys)
        raise


async def set_password(desk: Desk, session: str, *, old: str | None, new: str) -> None:
    """Change the password; every other session of that person ends. Raises `WrongSignIn`, `BadInput`, `NotSignedIn`."""
    if not MIN_PASSWORD <= len(new) <= MAX_PASSWORD:
        raise BadInput(f"A password has {MIN_PASSWORD} to {MAX_PASSWORD} characters.")
    row = await desk.look(_session_row, session, desk.clock.now())
    if not (old is None and row["by_code"]) and not await asyncio.to_thread(_verify, row["password_hash"], old or ""):
        raise WrongSignIn
    await desk.do(_store_password, row["staff"], session, await asyncio.to_thread(HASHER.hash, new))


def _account(db: Connection, email: str, keys: tuple[str, ...], now: datetime) -> dict[str, Any] | None:
    _not_locked(db, keys, now)
    found = db.execute(select(t.staff).where(t.staff.c.email == email, t.staff.c.disabled_at.is_(None))).mappings().first()
    return None if found is None else dict(found)


def _not_locked(db: Connection, keys: tuple[str, ...], now: datetime) -> None:
    f = t.sign_in_failure.c
    for key in keys:
        if db.execute(select(func.count()).where(f.key == key, f.at > now - LOCK)).scalar_one() >= FAILURES:
            raise LockedOut


def _verify(password_hash: str | None, password: str) -> bool:
    try:
        return HASHER.verify(password_hash or _NOBODY, password) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


def _note_failure(work: Work, keys: tuple[str, ...]) -> None:
    for key in keys:
        work.db.execute(t.sign_in_failure.insert().values(id=work.ids.new(), key=key, at=work.now))
    audit.note(work, "nobody", "sign_in_failed")


def _use_code(work: Work, code: str) -> SignedIn:
    c = t.sign_in_code.c
    staff = work.db.execute(
        delete(t.sign_in_code).where(c.hash == hashed(code), c.expires_at > work.now).returning(c.staff)
    ).scalar_one_or_none()
    if staff is None:
        raise WrongSignIn
    return _open_session(work, staff, by_code=True)


def _open_session(work: Work, staff: str, *, by_code: bool) -> SignedIn:
    row = work.db.execute(select(t.staff).where(t.staff.c.id == staff, t.staff.c.disabled_at.is_(None))).mappings().first()
    if row is None:
        raise WrongSignIn
    session, secret = work.ids.new(), work.ids.secret()
    work.db.execute(
        t.staff_session.insert().values(
            id=session,
            hash=hashed(secret),
            staff=staff,
            by_code=by_code,
            created_at=work.now,
            seen_at=work.now,
            expires_at=work.now + timedelta(hours=work.house.settings.staff_session_hours),
        )
    )
    audit.note(work, f"staff:{staff}", "signed_in", by_code=by_code)
    return SignedIn(_person(row), session, secret, by_code, work.now)


def who(db: Connection, secret: str | None, now: datetime, idle: timedelta) -> SignedIn:
    """The person behind a session's secret. Raises `NotSignedIn`."""
    if not secret:
        raise NotSignedIn
    s = t.staff_session.c
    return _live(db, s.hash == hashed(secret), now, idle)


def who_by_id(db: Connection, session: str, now: datetime, idle: timedelta) -> SignedIn:
    """The person behind a session's id. Raises `NotSignedIn` once it is revoked, idle too long, or expired, or the account disabled."""
    return _live(db, t.staff_session.c.id == session, now, idle)


def _live(db: Connection, which: Any, now: datetime, idle: timedelta) -> SignedIn:
    s = t.staff_session.c
    query = (
        select(t.staff, s.id.label("session"), s.by_code, s.seen_at)
        .join(t.staff_session, s.staff == t.staff.c.id)
        .where(which, s.revoked_at.is_(None), s.expires_at > now, s.seen_at > now - idle, t.staff.c.disabled_at.is_(None))
    )
    row = db.execute(query).mappings().first()
    if row is None:
        raise NotSignedIn
    return SignedIn(_person(row), row["session"], "", row["by_code"], row["seen_at"])


def enter(work: Work, ticket: object) -> SignedIn:
    """The person behind a socket's ticket, which is used up; consoles connect by themselves, so the idle clock goes on.

    Raises `SessionEnded`, `NotSignedIn`.
    """
    session = redeem_ticket(work, ticket, kind="staff")
    return who_by_id(work.db, session, work.now, timedelta(minutes=work.house.settings.staff_idle_minutes))


def touch(work: Work, session: str) -> None:
    """Staff did something: the idle clock starts again."""
    work.db.execute(update(t.staff_session).where(t.staff_session.c.id == session).values(seen_at=work.now))


def sign_out(work: Work, session: str) -> None:
    s = t.staff_session.c
    staff = work.db.execute(
        update(t.staff_session).where(s.id == session).values(revoked_at=work.now).returning(s.staff)
    ).scalar_one_or_none()
    if staff is not None:
        audit.note(work, f"staff:{staff}", "signed_out")


def disable(work: Work, staff: str) -> None:
    """Nobody signs in with this account any more, and whoever is in is out."""
    work.db.execute(update(t.staff).where(t.staff.c.id == staff).values(disabled_at=work.now))
    _revoke(work, staff)
    audit.note(work, "system", "staff_disabled", staff=staff)


def _session_row(db: Connection, session: str, now: datetime) -> dict[str, Any]:
    s = t.staff_session.c
    query = (
        select(s.staff, s.by_code, t.staff.c.password_hash)
        .join(t.staff, t.staff.c.id == s.staff)
        .where(s.id == session, s.revoked_at.is_(None), s.expires_at > now)
    )
    row = db.execute(query).mappings().first()
    if row is None:
        raise NotSignedIn
    return dict(row)


def _store_password(work: Work, staff: str, session: str, password_hash: str) -> None:
    work.db.execute(update(t.staff).where(t.staff.c.id == staff).values(password_hash=password_hash))
    _revoke(work, staff, but=session)
    work.db.execute(update(t.staff_session).where(t.staff_session.c.id == session).values(by_code=False))
    audit.note(work, f"staff:{staff}", "password_changed")


def _revoke(work: Work, staff: str, *, but: str | None = None) -> None:
    s = t.staff_session.c
    own = (s.staff == staff, s.revoked_at.is_(None), s.id != (but or ""))
    work.db.execute(update(t.staff_session).where(*own).values(revoked_at=work.now))


def person(db: Connection, staff: str) -> Person:
    """The member of staff of that id. Raises `NotFound`."""
    row = db.execute(select(t.staff).where(t.staff.c.id == staff)).mappings().first()
    if row is None:
        raise NotFound
    return _person(row)


def _person(row: Any) -> Person:
    return Person(row["id"], row["name"], Role(row["role"]), row["available"], row["email"])


def _key(kind: str, value: str) -> str:
    return hashlib.sha256(f"{kind}:{value}".encode()).hexdigest()
