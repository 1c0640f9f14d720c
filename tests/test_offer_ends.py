"""Through the deeds, on both databases: an offer ends with the connection of whoever is asked. Maria and Sam are staff; Ana waits."""

from __future__ import annotations

import pytest

from handoff.staff import presence
from handoff.store import tables as t
from tests.cast import Cast, in_line, is_here
from tests.offering import look, offered

pytestmark = pytest.mark.usefixtures("cast")


async def test_an_offer_ends_with_the_connection_of_whoever_is_asked_and_is_no_miss(cast: Cast) -> None:
    """Maria's laptop is shut without a word: when her lease is over, Sam is asked; she is, as soon as she is back."""
    await in_line(cast)
    await look(cast)
    cast.clock.forward(seconds=15)
    await is_here(cast, cast.sam)
    await look(cast)
    assert await offered(cast) == [("Maria", "pending")]
    cast.clock.forward(seconds=5)
    await look(cast)
    assert await offered(cast) == [("Maria", "rescinded"), ("Sam", "pending")]
    assert {row["missed"] for row in await cast.rows(t.staff)} == {0}
    cast.clock.forward(seconds=20)
    await look(cast)
    assert [state for _, state in await offered(cast)] == ["rescinded", "rescinded"]
    await cast.desk.do(presence.renew, ["socket-Maria"])
    await look(cast)
    assert (await offered(cast))[2:] == [("Maria", "pending")]


async def test_a_closed_page_is_asked_for_five_seconds_more_and_a_page_loaded_anew_keeps_its_offer(cast: Cast) -> None:
    await in_line(cast)
    await look(cast)
    await cast.desk.do(presence.leave, "socket-Maria")
    cast.clock.forward(seconds=2)
    await look(cast)
    assert await offered(cast) == [("Maria", "pending")]
    await cast.desk.do(presence.arrive, "another", cast.maria.id)
    await look(cast)
    cast.clock.forward(seconds=4)
    await look(cast)
    assert await offered(cast) == [("Maria", "pending")]
    await cast.desk.do(presence.leave, "another")
    cast.clock.forward(seconds=5)
    await look(cast)
    assert await offered(cast) == [("Maria", "rescinded")]
