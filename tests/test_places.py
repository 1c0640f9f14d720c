"""On both databases: who is how far from their turn. Ana, Ben, Cleo and Dan wait, choose or are answered; Dora is promised a call."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from handoff.desk import line, patient_view
from handoff.desk.work import Desk, Work
from handoff.store import tables as t
from tests.fakes import FakeClock

_STATES = {"queued": "waiting", "created": "choosing", "assigned": "human"}


@dataclass(frozen=True)
class Waits:
    """A handoff request; it is `age` minutes old."""

    name: str
    age: int
    priority: int = 1
    state: str = "queued"

    def come(self, work: Work) -> None:
        _conversation(work, self.name, _STATES[self.state])
        _insert(
            work,
            t.handoff_request,
            id=f"request-{self.name}",
            conversation=self.name,
            episode=1,
            state=self.state,
            priority=self.priority,
            queue_age_from=work.now - timedelta(minutes=self.age),
            language="en",
            reasons=[],
            created_at=work.now,
        )


@dataclass(frozen=True)
class Call:
    """A promised call; the wait that it comes from is `age` minutes old, and it is due `due` minutes from now."""

    name: str
    age: int
    due: int = -1
    state: str = "scheduled"
    unsafe: bool = False

    def come(self, work: Work) -> None:
        _conversation(work, self.name, "bot", unsafe=self.unsafe)
        _insert(
            work,
            t.callback,
            id=f"call-{self.name}",
            conversation=self.name,
            state=self.state,
            version=0,
            number="+12025550123",
            language="en",
            about="",
            asked_by="patient",
            window_from=work.now + timedelta(minutes=self.due),
            window_to=work.now + timedelta(minutes=self.due + 120),
            queue_age_from=work.now - timedelta(minutes=self.age),
            attempts=0,
            created_at=work.now,
        )


def _conversation(work: Work, name: str, state: str, *, unsafe: bool = False) -> None:
    counts = dict.fromkeys(("epoch", "last_seq", "version", "episode"), 1)
    told = {"id": name, "channel": "web", "state": state, "owner": "queue", "locale": "en", "survey": "fft", "unsafe": unsafe}
    _insert(work, t.conversation, **told, **counts, meanwhile=[], created_at=work.now, changed_at=work.now)


def _insert(work: Work, table: Any, **values: Any) -> None:
    work.db.execute(table.insert().values(**values))


async def come(desk: Desk, *people: Waits | Call) -> None:
    def all_come(work: Work) -> None:
        for one in people:
            one.come(work)

    await desk.do(all_come)


async def places(desk: Desk) -> dict[str, int]:
    return await desk.look(line.places, desk.house, desk.clock.now())


async def ahead(desk: Desk, conversation: str) -> int:
    return await desk.look(line.ahead, desk.house, conversation, desk.clock.now())


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        pytest.param([], {}, id="nobody waits"),
        pytest.param([Waits("ana", 5), Waits("ben", 9)], {"ben": 0, "ana": 1}, id="the older goes first"),
        pytest.param([Waits("ana", 5), Waits("ben", 9, 2)], {"ana": 0, "ben": 1}, id="who asked goes before who was only offered one"),
        pytest.param([Waits("ana", 1, 0), Waits("ben", 9), Waits("cleo", 3, 2)], {"ana": 0, "ben": 1, "cleo": 2}, id="danger goes first"),
        pytest.param([Waits("ben", 5), Waits("ana", 5)], {"ana": 0, "ben": 1}, id="of two as old, the order is one all the same"),
        pytest.param([Waits("ana", 5), Call("dora", 7)], {"ana": 1}, id="a call that is due and asked for earlier goes before"),
        pytest.param([Waits("ana", 5), Call("dora", 3)], {"ana": 0}, id="a call that was asked for later goes after"),
        pytest.param([Waits("ana", 5), Waits("ben", 9), Call("dora", 7)], {"ben": 0, "ana": 2}, id="a call goes between two"),
        pytest.param([Waits("ana", 5), Call("dora", 7, due=1)], {"ana": 0}, id="a call that is not due yet is in nobody's way"),
        pytest.param([Waits("ana", 5), Call("dora", 7, due=0)], {"ana": 1}, id="a call is due at the moment that it is"),
        pytest.param([Waits("ana", 5), Call("dora", 7, state="claimed")], {"ana": 0}, id="nor is one that somebody has"),
        pytest.param([Waits("ana", 5), Call("dora", 1, unsafe=True)], {"ana": 1}, id="a call about danger goes before"),
        pytest.param([Waits("ana", 5, 2), Call("dora", 1)], {"ana": 1}, id="a call was asked for, which is more than offered"),
        pytest.param([Waits("ana", 5), Waits("ben", 9, state="created")], {"ana": 0}, id="who chooses has no place and takes none"),
        pytest.param([Waits("ana", 5), Waits("ben", 9, state="assigned")], {"ana": 0}, id="nor has who is with somebody"),
    ],
)
async def test_a_place_is_the_number_of_those_who_come_before(desk: Desk, people: list[Waits | Call], expected: dict[str, int]) -> None:
    await come(desk, *people)
    assert await places(desk) == expected
    assert {name: await ahead(desk, name) for name in expected} == expected


@pytest.mark.parametrize("seed", range(6))
async def test_all_places_in_one_read_are_what_each_is_told_alone(desk: Desk, seed: int) -> None:
    """Thirty come, many of one age; also whoever only chooses is told the place that they would have."""
    chance = random.Random(seed)
    people: list[Waits | Call] = []
    for number in range(30):
        age = chance.randint(0, 8)
        wait = Waits(f"p{number:02}", age, chance.randint(0, 2), chance.choice(("queued", "queued", "queued", "created", "assigned")))
        call = Call(f"p{number:02}", age, due=chance.choice((-9, 0, 9)), unsafe=chance.random() < 0.2)
        people.append(chance.choice((wait, wait, call)))
    await come(desk, *people)
    in_line = await places(desk)
    assert in_line.keys() == {one.name for one in people if isinstance(one, Waits) and one.state == "queued"}
    assert {name: await ahead(desk, name) for name in in_line} == in_line
    for one in people:
        if isinstance(one, Waits) and one.state == "created":
            told = await ahead(desk, one.name)
            await desk.do(_join, one.name)
            assert (await places(desk))[one.name] == told
            await desk.do(_join, one.name, "created")


def _join(work: Work, name: str, state: str = "queued") -> None:
    r = t.handoff_request.c
    work.db.execute(t.handoff_request.update().where(r.conversation == name).values(state=state))


async def test_the_states_of_those_in_line_are_what_each_would_pull(desk: Desk, clock: FakeClock) -> None:
    await come(
        desk, Waits("ana", 5), Waits("ben", 9), Waits("cleo", 7, state="created"), Waits("dan", 8, state="assigned"), Call("dora", 7)
    )
    asked = ("ana", "ben", "cleo", "dan", "dora", "nobody")
    states = await desk.look(patient_view.states_in_line, desk.house, asked, clock.now())
    assert {name: state["ahead"] for name, state in states.items()} == {"ben": 0, "ana": 2}
    assert states == {name: await desk.look(patient_view.state, desk.house, name, clock.now()) for name in ("ana", "ben")}
    assert (await desk.look(patient_view.states_in_line, desk.house, ("ana",), clock.now())).keys() == {"ana"}
