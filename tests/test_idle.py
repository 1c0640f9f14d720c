"""A console that nobody touches is signed out, after a warning; one at which somebody only reads is not. Through real sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from handoff.staff.namespace import StaffNamespace
from handoff.store import tables as t
from tests.fakes import FakeClock, until
from tests.service import Node, Patient, Staff

IDLE = 15  # minutes, as shipped


@dataclass
class Clinic:
    """Maria sits at one console, or at two; Ana waits. Time stands still until it is moved, and sessions are looked at when it is."""

    node: Node
    clock: FakeClock
    console: StaffNamespace
    maria: Staff
    ana: Patient
    conversation: str

    async def pass_by(self, minutes: float) -> None:
        self.clock.forward(minutes=minutes)
        await self.console.recheck()

    async def second_tab(self) -> Staff:
        """The same sign-in, in another tab."""
        tab = Staff(self.node, "Maria")
        await self.node._stack.enter_async_context(tab)
        tab.http.cookie_jar.update_cookies({cookie.key: cookie.value for cookie in self.maria.http.cookie_jar})
        answer = await self.maria.http.post("/api/staff/ticket")
        await tab._connect({"ticket": (await answer.json())["ticket"]})
        return tab

    async def is_in(self) -> bool:
        return (await self.maria.http.get("/api/staff/session")).status == 200


@pytest.fixture
async def clinic(tmp_path: Path) -> AsyncIterator[Clinic]:
    clock = FakeClock()
    async with Node(tmp_path, clock=clock) as node:
        console = node.service.sio.namespace_handlers["/staff"]
        await console.stop()  # it looks only when the test says so
        maria, ana = await node.staff("Maria"), await node.patient()
        await ana.person()
        await ana.sees("How would you like to go on?")
        await ana.press("Chat with a person now")
        yield Clinic(node, clock, console, maria, ana, await maria.sees_waiting())


def told(staff: Staff, event: str) -> list[Any]:
    return [data for name, data in staff.events if name == event]


async def test_a_console_left_alone_is_signed_out_at_the_limit_and_not_before(clinic: Clinic) -> None:
    await clinic.pass_by(IDLE - 0.1)
    assert await clinic.is_in()
    assert told(clinic.maria, "bye") == []
    await clinic.pass_by(0.1)
    await until(lambda: told(clinic.maria, "bye"))
    assert not await clinic.is_in()
    await until(lambda: not clinic.maria.sio.connected)


async def active(clinic: Clinic) -> dict[str, Any]:
    return await clinic.maria.ask("active")


async def takes(clinic: Clinic) -> dict[str, Any]:
    return await clinic.maria.ask("take", conversation=clinic.conversation)


async def looks(clinic: Clinic) -> dict[str, Any]:
    return await clinic.maria.ask("queue")


async def syncs(clinic: Clinic) -> dict[str, Any]:
    return await clinic.maria.ask("sync", conversation=clinic.conversation, after=0)


async def opens(clinic: Clinic) -> dict[str, Any]:
    return await clinic.maria.ask("open", conversation=clinic.conversation)


async def shuts(clinic: Clinic) -> dict[str, Any]:
    return await clinic.maria.ask("shut", conversation=clinic.conversation)


async def comes_back(clinic: Clinic) -> dict[str, Any]:
    """The line was cut and is there again."""
    await clinic.maria.sio.disconnect()
    await clinic.maria.connect()
    return {"ok": True}


async def hears_the_patient(clinic: Clinic) -> dict[str, Any]:
    return await clinic.ana.send("hello?")


@pytest.mark.parametrize("does", [active, takes])
async def test_whoever_acts_or_only_reads_stays(clinic: Clinic, does: Callable[[Clinic], Awaitable[dict[str, Any]]]) -> None:
    for _ in range(3):
        await clinic.pass_by(IDLE - 0.1)
        assert (await does(clinic))["ok"]
        await clinic.pass_by(0.1)
    assert await clinic.is_in()


@pytest.mark.parametrize("does", [looks, syncs, opens, shuts, comes_back, hears_the_patient])
async def test_what_a_console_does_by_itself_keeps_nobody_in(clinic: Clinic, does: Callable[[Clinic], Awaitable[dict[str, Any]]]) -> None:
    await clinic.pass_by(IDLE - 0.1)
    assert (await does(clinic))["ok"]
    await clinic.pass_by(0.1)
    assert not await clinic.is_in()


async def test_that_somebody_is_there_changes_nothing_else(clinic: Clinic) -> None:
    async def kept() -> list[Any]:
        return await clinic.node.service.desk.look(
            lambda db: [db.execute(select(table)).all() for table in (t.staff, t.audit, t.move, t.message)]
        )

    before = await kept()
    assert await clinic.maria.ask("active") == {"ok": True}
    assert await kept() == before


async def test_a_minute_before_the_console_is_told_and_told_again_when_somebody_is_there(clinic: Clinic) -> None:
    await clinic.pass_by(IDLE - 1.1)
    assert told(clinic.maria, "idle") == []
    for _ in range(2):  # looked at twice, it is said once
        await clinic.pass_by(0.1)
    await until(lambda: told(clinic.maria, "idle"))
    await clinic.maria.ask("active")
    await clinic.pass_by(0.0)
    await until(lambda: len(told(clinic.maria, "idle")) == 2)
    assert told(clinic.maria, "idle") == [{"until": "2026-11-23T09:15:00.000Z"}, {"until": None}]


async def test_of_two_tabs_both_are_warned_and_either_keeps_both(clinic: Clinic) -> None:
    tab = await clinic.second_tab()
    await clinic.pass_by(IDLE - 0.5)
    await until(lambda: told(clinic.maria, "idle") and told(tab, "idle"))
    await tab.ask("active")
    await clinic.pass_by(0.6)
    await until(lambda: told(clinic.maria, "idle")[-1] == told(tab, "idle")[-1] == {"until": None})
    assert told(clinic.maria, "bye") == told(tab, "bye") == []


async def test_somebody_who_acts_and_loses_the_line_at_once_has_acted(clinic: Clinic) -> None:
    await clinic.pass_by(IDLE - 0.1)
    await clinic.maria.ask("active")
    await clinic.maria.sio.disconnect()
    await clinic.pass_by(0.0)
    await clinic.pass_by(0.1)
    assert await clinic.is_in()
