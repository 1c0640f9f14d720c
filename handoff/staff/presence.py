"""Who is here: one row a socket, with a lease of 20 s that its node renews. A crashed node or a closed laptop frees its people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import bindparam, update

from handoff.desk.work import Work
from handoff.store import tables as t

LEASE = timedelta(seconds=20)
RENEW_EVERY = 8.0  # seconds
_RENEW = update(t.presence).where(t.presence.c.socket.in_(bindparam("sockets", expanding=True)))


def arrive(work: Work, socket: str, staff: str) -> None:
    work.db.execute(t.presence.insert().values(socket=socket, staff=staff, node=work.house.node, lease_until=work.now + LEASE))
    work.look_at_line()


def renew(work: Work, sockets: Sequence[str]) -> None:
    """One statement for all sockets of this node."""
    if sockets:
        work.db.execute(_RENEW, {"sockets": list(sockets), "lease_until": work.now + LEASE})


def leave(work: Work, socket: str) -> None:
    """The row stays for a while: it says since when somebody is gone."""
    work.db.execute(update(t.presence).where(t.presence.c.socket == socket).values(lease_until=work.now))
