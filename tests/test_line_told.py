"""Those in line are told of their places together, after the ack of whoever moved the line: by the channel, and by a whole node."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from handoff.channels import Inbound
from handoff.channels.web import PatientNamespace
from handoff.desk import patient_view, patients, sessions, staff
from handoff.errors import StoreUnavailable
from handoff.limits import Limit
from tests.cast import SITE, Cast, is_here
from tests.fakes import Pause, until
from tests.offering import look, offered
from tests.service import Node, Patient


@pytest.fixture
def pause() -> Pause:
    return Pause()


class Page(PatientNamespace):
    """The channel with sockets that only write down what they are sent. `places`: what each patient's page shows."""

    def __init__(self, cast: Cast, pause: Pause) -> None:
        super().__init__(cast.desk, limit=Limit(60, burst=60, monotonic=time.monotonic), sleep=pause)
        self.server = self
        self.cast = cast
        self.six: dict[str, str] = {}  # by name, the conversations of those who wait
        self.places: dict[str, int | None] = {}
        self.staffed: dict[str, bool | None] = {}  # by name, whether their page says that somebody is here
        self.sent: Counter[str] = Counter()
        self.reads: Counter[str] = Counter()
        self._really_look = cast.desk.look
        cast.desk.look = self._look  # type: ignore[method-assign, assignment]

    async def _look(self, query: Any, *args: Any) -> Any:
        found = await self._really_look(query, *args)
        self.reads[query.__name__] += 1
        return found

    async def enter_room(self, sid: str, room: str, namespace: str) -> None:
        return None

    async def send_here(self, sid: str, event: str, data: Any) -> None:
        if event == "state":
            self.sent[sid] += 1
            self.places[sid] = data["ahead"]
            self.staffed[sid] = data["staffed"]

    async def waits(self, name: str) -> str:
        """A patient whose chat is open and who waits for a person; the socket is called by `name`. Returns the conversation."""
        session = await self.cast.desk.do(sessions.open_session, secret=None, site=SITE, protocol="widget", locale="en")
        ticket = await self.cast.desk.do(sessions.issue_ticket, kind="patient", session=session.id)
        await self.on_connect(name, {}, {"ticket": ticket})
        await self.cast.desk.do(patients.receive, Inbound(session.conversation, "1", button="person"))
        await self.cast.desk.do(patients.receive, Inbound(session.conversation, "2", "1"))
        self.cast.clock.forward(seconds=1)
        return session.conversation

    async def is_told(self, number: int) -> None:
        """Wait for the end of the telling of that number: what it read, it sends in the same turn of the loop."""
        await until(lambda: self.reads["states_in_line"] >= number)


NAMES = ("ben", "cleo", "dan", "eva", "fay", "gil")


@pytest.fixture
async def page(cast: Cast, pause: Pause) -> AsyncIterator[Page]:
    """Six wait, and know their places; Maria is here."""
    page = Page(cast, pause)
    page.start()
    await is_here(cast, cast.maria)
    page.six = {name: await page.waits(name) for name in NAMES}
    pause.ends()
    await page.is_told(1)
    page.sent.clear()
    yield page
    await page.stop()


async def take(cast: Cast, conversation: str) -> None:
    await cast.desk.do(staff.take, cast.maria, conversation)


async def test_each_knows_their_place_from_when_they_join(page: Page) -> None:
    assert page.places == {"ben": 0, "cleo": 1, "dan": 2, "eva": 3, "fay": 4, "gil": 5}


async def test_many_moves_are_told_with_one_read_and_each_hears_the_last_place_only(cast: Cast, page: Page, pause: Pause) -> None:
    """Maria takes two, Eva leaves: all that while nobody but those themselves is told anything, and no place but theirs is read."""
    page.reads.clear()
    for name in ("ben", "dan"):
        await take(cast, page.six[name])
    await cast.desk.do(patients.end, page.six["eva"], "bye")
    assert page.places == {"ben": None, "cleo": 1, "dan": None, "eva": None, "fay": 4, "gil": 5}
    assert page.reads["states_in_line"] == 0
    assert page.reads["state"] == 3
    await pause.begins(2)
    pause.ends()
    await page.is_told(1)
    assert page.places == {"ben": None, "cleo": 0, "dan": None, "eva": None, "fay": 1, "gil": 2}
    assert page.sent == dict.fromkeys(NAMES, 1)
    assert page.reads == {"states_in_line": 1, "state": 3}


async def test_whose_place_is_as_it_was_is_sent_nothing(cast: Cast, page: Page, pause: Pause) -> None:
    await take(cast, page.six["eva"])
    pause.ends()
    await page.is_told(2)
    assert page.sent == {"eva": 1, "fay": 1, "gil": 1}


async def test_a_move_during_the_telling_is_told_too(cast: Cast, page: Page, pause: Pause) -> None:
    """The second is taken after the telling has read, and before it says what it read."""
    look = page._look

    async def meanwhile(query: Any, *args: Any) -> Any:
        found = await look(query, *args)
        if query is patient_view.states_in_line and page.reads["states_in_line"] == 2:
            await take(cast, page.six["cleo"])
        return found

    cast.desk.look = meanwhile  # type: ignore[method-assign, assignment]
    await take(cast, page.six["ben"])
    pause.ends()
    pause.ends()
    await page.is_told(3)
    assert page.places == {"ben": None, "cleo": None, "dan": 0, "eva": 1, "fay": 2, "gil": 3}
    assert page.sent["cleo"] == 1  # never told that she is next, once Maria had her


async def test_what_a_page_pulled_is_not_sent_again(cast: Cast, page: Page, pause: Pause) -> None:
    await take(cast, page.six["ben"])
    pulled = await page.events["sync"]("cleo", {"after": 0})
    assert pulled["state"]["ahead"] == 0
    pause.ends()
    await page.is_told(2)
    assert page.sent["cleo"] == 0
    assert page.places["dan"] == 1


async def test_a_page_that_pulled_while_it_was_told_is_told_again(cast: Cast, page: Page, pause: Pause) -> None:
    """What it pulled was read before the line moved, and comes after what it was told."""
    look = page._look

    async def late(query: Any, *args: Any) -> Any:
        found = await look(query, *args)
        if query is patient_view.sync:
            await take(cast, page.six["ben"])
            pause.ends()
            await page.is_told(2)
        return found

    cast.desk.look = late  # type: ignore[method-assign, assignment]
    pulled = await page.events["sync"]("cleo", {"after": 0})
    assert (page.places["cleo"], pulled["state"]["ahead"]) == (0, 1)
    pause.ends()
    await page.is_told(3)
    assert (page.places["cleo"], page.sent["cleo"]) == (0, 2)


async def test_whether_anybody_is_here_is_told_as_it_changes(cast: Cast, page: Page, pause: Pause) -> None:
    """Also to those to whom nothing else happens: Maria's hands are full when she comes back, and she is offered nobody."""
    for number in range(3):
        await take(cast, page.six[NAMES[number]])
    tellings = page.reads["states_in_line"]
    for is_here_now in (False, True, False):
        await cast.desk.do(staff.set_available, cast.maria, is_here_now)
        await look(cast)
        assert await offered(cast) == []
        tellings += 1
        pause.ends()
        await page.is_told(tellings)
        assert [page.staffed[name] for name in NAMES[3:]] == [is_here_now] * 3


async def test_a_line_that_moved_is_told_where_the_one_who_moved_could_not_be(cast: Cast, page: Page, pause: Pause) -> None:
    look = page._look

    async def fails(query: Any, *args: Any) -> Any:
        if query is patient_view.state:
            raise StoreUnavailable
        return await look(query, *args)

    cast.desk.look = fails  # type: ignore[method-assign, assignment]
    await take(cast, page.six["ben"])
    pause.ends()
    await page.is_told(2)
    assert page.places["cleo"] == 0


async def test_who_is_gone_is_told_nothing_and_nothing_is_kept_of_them(cast: Cast, page: Page, pause: Pause) -> None:
    await page.on_disconnect("cleo")
    await take(cast, page.six["ben"])
    pause.ends()
    await page.is_told(2)
    assert page.sent["cleo"] == 0
    for name in NAMES:
        await page.on_disconnect(name)
    assert page._shown == {}


async def test_a_node_tells_whoever_waits_and_ends_with_nothing_left(tmp_path: Path) -> None:
    async with Node(tmp_path) as node:
        maria = await node.staff("Maria")
        ana, ben = await node.patient(), await node.patient()
        await _waits(ana)
        first = await maria.sees_waiting()
        await _waits(ben)
        assert (ana.state["ahead"], ben.state["ahead"]) == (0, 1)
        assert (await maria.ask("take", conversation=first))["ok"]
        await until(lambda: ben.state["ahead"] == 0)
    assert not [task for task in asyncio.all_tasks() if "Telling" in repr(task.get_coro())]


async def _waits(patient: Patient) -> None:
    await patient.person()
    await patient.sees("How would you like to go on?")
    await patient.press("Chat with a person")
    await patient.is_in("waiting")
