"""The ledger of calls on both databases: what dies, is fenced, is looked for; who calls by hand; how a call stands for the console."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select, update

from handoff import jobs
from handoff.account import Account
from handoff.call import CallEvent, CallState
from handoff.channels import voice
from handoff.desk import call_hooks, call_jobs, calls, legs
from handoff.desk.call_hooks import Told
from handoff.desk.work import Desk
from handoff.doorbell import Bell, Doorbell
from handoff.errors import AlreadyTaken, HeardError, IllegalMove, NotFound
from handoff.phone import ListedCall
from handoff.staff import accounts
from handoff.staff.access import Person, Role
from handoff.store import tables as t
from handoff.store.purge import erase_conversation
from tests.fakes import FakeClock
from tests.phoning import TEN_IN_NEW_YORK, ask_for_a_call, call_off
from tests.twilio import ANA, NORA, OURS, SID, TOKEN, TOM

HANG_UP = voice.hang_up()


class Cast:
    """Nora and Tom, each with a phone, and Ana who has asked to be called. Jobs are done by hand, so that a test may die between them."""

    def __init__(self, desk: Desk, clock: FakeClock) -> None:
        self.desk, self.clock = desk, clock
        self.bells: list[Bell] = []

    async def arrive(self) -> None:
        async def hear(bell: Bell) -> None:
            self.bells.append(bell)

        self.desk.doorbell.subscribe(hear)
        self.nora, self.tom = await self._hire("Nora", NORA), await self._hire("Tom", TOM)
        self.conversation, self.callback = await self.desk.do(ask_for_a_call, ANA)

    async def _hire(self, name: str, number: str) -> Person:
        new = await self.desk.do(accounts.add, email=f"{name}@clinic.example", name=name, role=Role.MEMBER)
        await self.set_phone(new, number)
        return Person(new, name, Role.MEMBER)

    async def set_phone(self, staff: str, number: str | None) -> None:
        change = update(t.staff).where(t.staff.c.id == staff).values(phone=number)
        await self.desk.store.write(lambda db: db.execute(change) and None)

    async def lease(self, kind: str, call: str | None, *, again: bool = False) -> jobs.Lease:
        """Take the job of that kind about a leg, as a runner does, done with those before it; `again`: another runner, after the first died."""
        owner = "another" if again else "this"
        for held in (self.desk.house.node, "this") if again else (self.desk.house.node,):
            await self.desk.store.write(partial(jobs.give_back_all, owner=held))
        while found := await self.desk.store.write(lambda db: jobs.claim(db, now=self.clock.now(), owner=owner, limit=1)):
            assert found[0].lease is not None
            if (found[0].kind, found[0].payload.get("call")) == (kind, call):
                return found[0].lease
            await self.desk.store.write(partial(jobs.finish, lease=found[0].lease, now=self.clock.now()))
        raise AssertionError(f"no {kind} is due")

    async def leg(self, side: str) -> legs.Leg:
        found = await self.desk.look(legs.newest, self.callback, side)
        assert found is not None
        return found

    async def row(self) -> dict[str, Any]:
        query = select(t.callback).where(t.callback.c.id == self.callback)
        return await self.desk.look(lambda db: dict(db.execute(query).one()._mapping))

    def told(self, leg: legs.Leg, sid: str, **fields: Any) -> Told:
        return Told(**({"call": leg.id, "callback": self.callback, "attempt": leg.row["attempt"], "sid": sid} | fields))

    async def ring(self) -> legs.Leg:
        """Nora calls, and her phone rings as CA1."""
        assert await self.desk.do(calls.start, self.nora, self.callback)
        leg = await self.leg("staff")
        await self.desk.do(call_hooks.reported, self.told(leg, "CA1", status="ringing", sequence="1"))
        return leg

    async def press(self) -> legs.Leg:
        """Nora presses 1, and the patient's phone rings as CA2."""
        staff = await self.ring()
        await self.desk.do(call_hooks.staff_picked_up, self.told(staff, "CA1"))
        await self.desk.do(call_hooks.staff_pressed, self.told(staff, "CA1", digits="1"))
        leg = await self.leg("patient")
        await self.desk.do(call_hooks.reported, self.told(leg, "CA2", status="ringing", sequence="1"))
        return leg


@pytest.fixture
async def cast(desk: Desk, clock: FakeClock) -> Cast:
    clock.at = TEN_IN_NEW_YORK
    given = {"twilio_account_sid": SID, "twilio_auth_token": TOKEN, "twilio_numbers": (OURS,), "time_zone": "America/New_York"}
    settings = desk.house.settings.model_copy(update=given)
    house = replace(desk.house, settings=settings, account=Account(SID, TOKEN, (OURS,), "http://127.0.0.1:1", settings.url))
    people = Cast(Desk(desk.store, house, clock=clock, doorbell=Doorbell(node="test")), clock)
    await people.arrive()
    return people


async def test_who_died_after_asking_leaves_a_call_that_is_never_asked_for_again(cast: Cast) -> None:
    await cast.desk.do(calls.start, cast.nora, cast.callback)
    leg = await cast.leg("staff")
    placing = await cast.desk.do(call_jobs.begin, await cast.lease("place_call", leg.id), leg.id)
    assert placing == call_jobs.Placing(leg.id, cast.callback, 1, "staff", NORA)
    assert await cast.desk.do(call_jobs.begin, await cast.lease("place_call", leg.id, again=True), leg.id) is None
    assert (await cast.leg("staff")).state is CallState.MAYBE_PLACED


async def test_a_leg_whose_job_is_dead_is_looked_for_all_the_same(cast: Cast) -> None:
    await cast.desk.do(calls.start, cast.nora, cast.callback)
    leg = await cast.leg("staff")
    await cast.desk.do(call_jobs.plan_watch_all)
    dead = update(t.job).where(t.job.c.kind == "place_call").values(state="dead", dedupe=None)
    await cast.desk.store.write(lambda db: db.execute(dead) and None)
    for minute in range(4):
        cast.clock.forward(minutes=1)
        await cast.desk.do(call_jobs.watch_all, await cast.lease("watch_calls", None))
        planned = await cast.desk.look(jobs.is_planned, f"watch:{leg.id}")
        assert planned == (minute == 3), minute
    look = await cast.desk.do(call_jobs.begin_watch, lease := await cast.lease("watch_call", leg.id), leg.id)
    assert look == call_jobs.Look(leg.id, None, NORA, leg.row["placed_at"] - timedelta(seconds=60))
    await cast.desk.do(call_jobs.was_looked_for, lease, leg.id, [])
    assert (await cast.leg("staff")).ended
    assert (await cast.row())["state"] == "scheduled"


async def test_who_died_before_hearing_that_it_rings_leaves_a_watched_call(cast: Cast) -> None:
    await cast.desk.do(calls.start, cast.nora, cast.callback)
    leg = await cast.leg("staff")
    await cast.desk.do(call_jobs.begin, await cast.lease("place_call", leg.id), leg.id)
    await cast.desk.do(call_hooks.reported, cast.told(leg, "CA1", status="ringing", sequence="1"))
    assert await cast.desk.do(call_jobs.begin, await cast.lease("place_call", leg.id, again=True), leg.id) is None
    cast.clock.forward(seconds=145)
    look = await cast.desk.do(call_jobs.begin_watch, await cast.lease("watch_call", leg.id), leg.id)
    assert (look is not None and look.sid) == "CA1"


async def test_a_call_that_nobody_knows_of_is_given_up_after_the_ring_and_two_minutes(cast: Cast) -> None:
    await cast.desk.do(calls.start, cast.nora, cast.callback)
    leg = await cast.leg("staff")
    lease = await cast.lease("place_call", leg.id)
    await cast.desk.do(call_jobs.begin, lease, leg.id)
    await cast.desk.do(call_jobs.was_uncertain, lease, leg.id)
    looks = 0
    while not (await cast.leg("staff")).ended:
        cast.clock.forward(seconds=15)
        await cast.desk.do(call_jobs.was_looked_for, await cast.lease("watch_call", leg.id), leg.id, None if looks % 2 else [])
        looks += 1
    assert cast.clock.now() - TEN_IN_NEW_YORK == timedelta(seconds=150)
    assert (await cast.leg("staff")).state is CallState.FAILED
    assert ((await cast.row())["state"], (await cast.row())["attempts"]) == ("scheduled", 0)


async def test_a_listed_call_is_taken_for_the_one_in_doubt_unless_it_is_another_legs(cast: Cast) -> None:
    patient = await cast.press()
    await cast.desk.do(call_hooks.reported, cast.told(patient, "CA2", status="busy", sequence="2"))
    cast.clock.forward(minutes=11)
    await cast.desk.do(calls.start, cast.nora, cast.callback)
    leg = await cast.leg("staff")
    await cast.desk.do(call_hooks.reported, cast.told(await cast.leg("staff"), "CA1", status="completed"))  # the old sid: another's
    assert (await cast.leg("staff")).state is CallState.ATTEMPTING
    found = [
        ListedCall("CA4", "in-progress", None, None),
        ListedCall("CA3", "ringing", None, None),
        ListedCall("CA1", "completed", None, 9),
    ]
    lease = await cast.lease("place_call", leg.id)
    await cast.desk.do(call_jobs.begin, lease, leg.id)
    await cast.desk.do(call_jobs.was_uncertain, lease, leg.id)
    cast.clock.forward(seconds=15)
    await cast.desk.do(call_jobs.was_looked_for, await cast.lease("watch_call", leg.id), leg.id, found)
    now = await cast.leg("staff")
    assert (now.row["sid"], now.state) == ("CA3", CallState.RINGING)


async def test_a_listed_call_that_may_be_another_legs_is_taken_for_neither(cast: Cast) -> None:
    """Two patients' calls ring the same phone of hers: one is being placed, of the other Twilio did not say that it has it."""
    await cast.desk.do(calls.start, cast.nora, cast.callback)
    placed = await cast.leg("staff")
    await cast.desk.do(call_jobs.begin, await cast.lease("place_call", placed.id), placed.id)
    _, cast.callback = await cast.desk.do(ask_for_a_call, "+12025550177")
    await cast.desk.do(calls.start, cast.nora, cast.callback)
    doubted = await cast.leg("staff")
    lease = await cast.lease("place_call", doubted.id)
    await cast.desk.do(call_jobs.begin, lease, doubted.id)
    await cast.desk.do(call_jobs.was_uncertain, lease, doubted.id)
    cast.clock.forward(seconds=15)
    found = [ListedCall("CA1", "ringing", None, None)]
    await cast.desk.do(call_jobs.was_looked_for, await cast.lease("watch_call", doubted.id), doubted.id, found)
    assert (await cast.leg("staff")).row["sid"] is None
    await cast.desk.do(legs.put, placed, CallEvent.ACCEPTED, sid="CA1")
    cast.clock.forward(seconds=15)
    found.insert(0, ListedCall("CA2", "ringing", None, None))
    await cast.desk.do(call_jobs.was_looked_for, await cast.lease("watch_call", doubted.id), doubted.id, found)
    assert (await cast.leg("staff")).row["sid"] == "CA2"


async def test_the_answer_of_a_runner_that_lost_its_lease_does_not_count(cast: Cast) -> None:
    await cast.desk.do(calls.start, cast.nora, cast.callback)
    leg = await cast.leg("staff")
    slow = await cast.lease("place_call", leg.id)
    await cast.desk.do(call_jobs.begin, slow, leg.id)
    await cast.desk.do(call_jobs.begin, await cast.lease("place_call", leg.id, again=True), leg.id)
    with pytest.raises(jobs.Fenced):
        await cast.desk.do(call_jobs.was_refused, slow, leg.id, 21211)
    assert (await cast.leg("staff")).state is CallState.MAYBE_PLACED


@pytest.mark.parametrize("why", ["no provider", "no number"])
async def test_without_a_provider_or_a_phone_staff_dial_by_hand(cast: Cast, why: str) -> None:
    if why == "no provider":
        cast.desk.house = replace(cast.desk.house, account=None)
    else:
        await cast.set_phone(cast.nora.id, None)
    assert await cast.desk.do(calls.start, cast.nora, cast.callback) is False
    assert (await cast.row())["state"] == "scheduled"
    assert await cast.desk.look(calls.stage, cast.callback) is None


async def test_a_call_is_made_by_one_and_the_others_hear_by_whom(cast: Cast) -> None:
    await cast.ring()
    with pytest.raises(AlreadyTaken) as refused:
        await cast.desk.do(calls.start, cast.tom, cast.callback)
    assert (refused.value.message, refused.value.facts) == ("Already taken by Nora.", {"by": "Nora"})


@pytest.mark.parametrize(
    ("minutes", "allowed"),
    [
        (0, True),  # in the window
        (120, True),  # its last minute
        (121, True),  # late, and still day
        (60 * 10, True),  # 20:00
        (60 * 11, False),  # 21:00
        (60 * 21, False),  # 7:00
        (60 * 22, True),  # 8:00
    ],
)
async def test_nobody_is_rung_at_night_unless_they_asked_for_it(cast: Cast, minutes: int, allowed: bool) -> None:
    cast.clock.forward(minutes=minutes)
    if allowed:
        assert await cast.desk.do(calls.start, cast.nora, cast.callback)
    else:
        with pytest.raises(IllegalMove, match="night"):
            await cast.desk.do(calls.start, cast.nora, cast.callback)


async def test_who_asked_to_be_called_in_the_evening_is(cast: Cast) -> None:
    night = TEN_IN_NEW_YORK + timedelta(hours=12)
    window = update(t.callback).values(window_from=night, window_to=night + timedelta(hours=1))
    await cast.desk.store.write(lambda db: db.execute(window) and None)
    cast.clock.at = night
    assert await cast.desk.do(calls.start, cast.nora, cast.callback)


@pytest.mark.parametrize("callback", ["", "nobody", "x" * 64])
async def test_what_nobody_asked_for_cannot_be_called(cast: Cast, callback: str) -> None:
    with pytest.raises(NotFound):
        await cast.desk.do(calls.start, cast.nora, callback)


async def test_the_console_sees_each_stage(cast: Cast) -> None:
    async def stage() -> tuple[str, str | None]:
        found = await cast.desk.look(calls.stage, cast.callback)
        assert found is not None
        return found["stage"], found["came_of"]

    patient = await cast.press()
    assert await stage() == ("calling_patient", None)
    rung = len(cast.bells)
    await cast.desk.do(call_hooks.patient_picked_up, cast.told(patient, "CA2", answered_by="human"))
    assert await stage() == ("connected", None)
    assert len(cast.bells) == rung + 1
    assert cast.bells[-1].listed
    await cast.desk.do(call_hooks.reported, cast.told(patient, "CA2", status="completed", sequence="3"))
    assert await stage() == ("ended", "spoke")


async def test_the_console_sees_that_the_staffs_phone_rings_and_that_nobody_took_it(cast: Cast) -> None:
    leg = await cast.ring()
    assert await cast.desk.look(calls.stage, cast.callback) == {
        "attempt": 1,
        "staff": cast.nora.id,
        "uncertain": False,
        "stage": "ringing_you",
        "came_of": None,
    }
    await cast.desk.do(call_hooks.reported, cast.told(leg, "CA1", status="no-answer", sequence="2"))
    found = await cast.desk.look(calls.stage, cast.callback)
    assert found is not None
    assert (found["stage"], found["came_of"]) == ("ended", "staff_missed")


async def test_a_call_that_is_called_off_before_it_is_asked_for_is_never_placed(cast: Cast) -> None:
    await cast.desk.do(calls.start, cast.nora, cast.callback)
    leg = await cast.leg("staff")
    await cast.desk.do(call_off, cast.callback)
    assert await cast.desk.do(call_jobs.begin, await cast.lease("place_call", leg.id), leg.id) is None
    assert (await cast.leg("staff")).state is CallState.CANCELED


async def test_who_died_after_asking_for_a_call_that_is_called_off_since_leaves_one_that_may_ring(cast: Cast) -> None:
    await cast.desk.do(calls.start, cast.nora, cast.callback)
    leg = await cast.leg("staff")
    assert await cast.desk.do(call_jobs.begin, await cast.lease("place_call", leg.id), leg.id) is not None
    await cast.desk.do(call_off, cast.callback)
    assert await cast.desk.do(call_jobs.begin, await cast.lease("place_call", leg.id, again=True), leg.id) is None
    assert (await cast.leg("staff")).state is CallState.MAYBE_PLACED  # it is looked for, and hung up when it is found


async def test_a_second_1_rings_no_second_patient(cast: Cast) -> None:
    await cast.press()
    staff = await cast.leg("staff")
    again = await cast.desk.do(call_hooks.staff_pressed, cast.told(staff, "CA1", digits="1"))
    assert again == voice.wait_for_patient(cast.desk.house, staff.id)
    count = select(t.call.c.id).where(t.call.c.leg == "patient")
    assert len(await cast.desk.look(lambda db: list(db.execute(count)))) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"attempt": 0},
        {"attempt": 2},
        {"callback": "another"},
        {"call": "another"},
        {"sid": "CA9"},
        {"sid": "CA2"},
    ],
)
async def test_a_request_whose_ids_do_not_belong_together_is_hung_up(cast: Cast, change: dict[str, Any]) -> None:
    await cast.press()
    staff = await cast.leg("staff")
    told = replace(cast.told(staff, "CA1", digits="1", status="completed", answered_by="human"), **change)
    for hook in (call_hooks.staff_picked_up, call_hooks.staff_pressed, call_hooks.patient_picked_up):
        assert await cast.desk.do(hook, told) == HANG_UP
    await cast.desk.do(call_hooks.reported, told)
    assert (await cast.leg("staff")).state is CallState.IN_PROGRESS


async def test_a_call_that_was_called_off_is_hung_up_whoever_picks_up(cast: Cast) -> None:
    patient = await cast.press()
    staff = await cast.leg("staff")
    await cast.desk.do(call_off, cast.callback)
    assert await cast.desk.do(call_hooks.staff_picked_up, cast.told(staff, "CA1")) == HANG_UP
    assert await cast.desk.do(call_hooks.patient_picked_up, cast.told(patient, "CA2", answered_by="human")) == HANG_UP


async def test_a_call_that_is_over_is_hung_up_while_the_other_side_still_rings(cast: Cast) -> None:
    await cast.press()
    staff = await cast.leg("staff")
    await cast.desk.do(call_hooks.reported, cast.told(staff, "CA1", status="completed", sequence="3"))
    assert await cast.desk.do(call_hooks.staff_picked_up, cast.told(staff, "CA1")) == HANG_UP
    assert await cast.desk.do(call_hooks.staff_pressed, cast.told(staff, "CA1", digits="1")) == HANG_UP


async def test_a_patient_who_picks_up_when_staff_have_gone_hears_who_called(cast: Cast) -> None:
    patient = await cast.press()
    staff = await cast.leg("staff")
    await cast.desk.do(call_hooks.reported, cast.told(staff, "CA1", status="completed", sequence="3"))
    answer = await cast.desk.do(call_hooks.patient_picked_up, cast.told(patient, "CA2", answered_by="human"))
    assert answer == voice.leave_word(cast.desk.house, "en")
    await cast.desk.do(call_hooks.reported, cast.told(patient, "CA2", status="completed", sequence="3"))
    assert ((await cast.row())["state"], (await cast.row())["attempts"]) == ("scheduled", 1)


async def test_one_sides_address_is_not_the_others(cast: Cast) -> None:
    patient = await cast.press()
    staff = await cast.leg("staff")
    assert await cast.desk.do(call_hooks.patient_picked_up, cast.told(staff, "CA1", answered_by="human")) == HANG_UP
    assert await cast.desk.do(call_hooks.staff_pressed, cast.told(patient, "CA2", digits="1")) == HANG_UP


async def test_words_that_twilio_may_invent_change_nothing(cast: Cast) -> None:
    leg = await cast.ring()
    for status in ("", "paused", "COMPLETED", "in progress"):
        await cast.desk.do(call_hooks.reported, cast.told(leg, "CA1", status=status, sequence="7"))
    assert (await cast.leg("staff")).state is CallState.RINGING


async def test_an_erased_conversation_has_no_calls(cast: Cast) -> None:
    leg = await cast.ring()
    await cast.desk.store.write(lambda db: erase_conversation(db, cast.conversation))
    assert await cast.desk.do(call_hooks.staff_picked_up, cast.told(leg, "CA1")) == HANG_UP
    await cast.desk.do(call_hooks.reported, cast.told(leg, "CA1", status="completed"))
    assert await cast.desk.look(lambda db: list(db.execute(select(t.call)))) == []
    with pytest.raises(HeardError):
        await cast.desk.do(calls.start, cast.nora, cast.callback)
