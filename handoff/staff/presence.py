"""Who is here: one row a socket, with a lease of 20 s that its node renews. A crashed node or a closed laptop frees its people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import bindparam, select, update

from handoff.desk.work import Work
from handoff.store import tables as t

LEASE = timedelta(seconds=20)
BACK_SOON = timedelta(seconds=5)  # a page that is loaded anew is back by then, and loses no offer
RENEW_EVERY = 8.0  # seconds
_MINE = t.presence.c.socket.in_(bindparam("sockets", expanding=True))
_RENEW = update(t.presence).where(_MINE)
_LAPSED = select(t.presence.c.socket).where(_MINE, t.presence.c.lease_until <= bindparam("at", type_=t.Moment())).limit(1)


def arrive(work: Work, socket: str, staff: str) -> None:
    work.db.execute(t.presence.insert().values(socket=socket, staff=staff, node=work.house.node, lease_until=work.now + LEASE))
    work.look_at_line()


def renew(work: Work, sockets: Sequence[str]) -> None:
    """All sockets of this node at once. Where a lease had lapsed, somebody is back: the line is looked at."""
    if sockets:
        if work.db.execute(_LAPSED, {"sockets": list(sockets), "at": work.now}).first() is not None:
            work.look_at_line()
        work.db.execute(_RENEW, {"sockets": list(sockets), "lease_until": work.now + LEASE})


def leave(work: Work, socket: str) -> None:
    """The lease ends soon, and a look at the line is planned for then. The row stays for a while: it says since when somebody is gone."""
    work.db.execute(update(t.presence).where(t.presence.c.socket == socket).values(lease_until=work.now + BACK_SOON))
    work.look_at_line()
