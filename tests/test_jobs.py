"""Jobs on both databases: claimed once, done once, in order, again after a failure, and never stuck."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select, update
from sqlalchemy.exc import IntegrityError

from handoff import jobs
from handoff.errors import BotFailed
from handoff.jobs import Fenced, Job, Lease
from handoff.runner import Handler, Runner
from handoff.settings import Settings
from handoff.store import Store, open_store
from handoff.store import tables as t
from tests.fakes import FakeClock, SequentialIds, until

EFFECT = t.audit  # a row here is what a handler brings about


class Table:
    """The jobs of a test, and what is seen of them."""

    def __init__(self, store: Store, clock: FakeClock, ids: SequentialIds) -> None:
        self.store, self.clock, self.ids = store, clock, ids

    async def leave(self, key: str = "ana", **more: Any) -> Job:
        given = {"kind": "work", "key": key, "payload": {}, "ids": self.ids, "now": self.clock.now(), **more}
        return await self.store.write(lambda db: jobs.enqueue(db, **given))

    async def claim(self, owner: str = "north", limit: int = 10, mine: tuple[str, ...] = ()) -> list[Job]:
        return await self.store.write(lambda db: jobs.claim(db, now=self.clock.now(), owner=owner, limit=limit, mine=mine))

    async def finish(self, job: Job) -> None:
        lease = lease_of(job)
        await self.store.write(lambda db: jobs.finish(db, lease, now=self.clock.now()))

    async def retry(self, job: Job, delay: float = 0.0) -> bool:
        lease, wait = lease_of(job), timedelta(seconds=delay)
        return await self.store.write(lambda db: jobs.retry(db, lease, now=self.clock.now(), delay=wait, error="bot_failed"))

    async def leases_end(self) -> None:
        """Every lease is past, by whichever clock."""
        await self.store.write(
            lambda db: db.execute(update(t.job).where(t.job.c.state == "running").values(lease_until=self.clock.at - timedelta(days=365)))
        )

    async def row(self, job: Job | str) -> Any:
        name = job if isinstance(job, str) else job.id
        return await self.store.read(lambda db: db.execute(select(t.job).where(t.job.c.id == name)).one())

    async def states(self) -> list[str]:
        return await self.store.read(lambda db: list(db.execute(select(t.job.c.state).order_by(t.job.c.id)).scalars()))

    async def until(self, true: Callable[[list[str]], bool]) -> None:
        """Wait until the states of all jobs, in order, are so."""
        async with asyncio.timeout(20):
            while not true(await self.states()):
                await asyncio.sleep(0.01)

    async def effects(self) -> list[str]:
        return await self.store.read(lambda db: list(db.execute(select(EFFECT.c.act).order_by(EFFECT.c.id)).scalars()))

    def effect(self, job: Job) -> Callable[[Connection], None]:
        """A handler's transaction: the effect and the end of the job together."""
        lease = lease_of(job)

        def deed(db: Connection) -> None:
            row = {"id": self.ids.new(), "at": self.clock.now(), "who": lease.owner, "act": job.id, "conversation": None, "detail": {}}
            db.execute(EFFECT.insert(), row)
            jobs.finish(db, lease, now=self.clock.now())

        return deed


def lease_of(job: Job) -> Lease:
    assert job.lease is not None
    return job.lease


@pytest.fixture
def table(store: Store, clock: FakeClock, ids: SequentialIds) -> Table:
    return Table(store, clock, ids)


class TestLeaving:
    async def test_a_job_due_now_is_born_running_where_it_was_left(self, table: Table) -> None:
        job = await table.leave(claimed_by="north")
        assert job.lease == Lease(job.id, "north", 1)
        assert (await table.row(job)).state == "running"
        assert await table.claim("south") == []

    async def test_behind_another_of_its_key_it_waits(self, table: Table) -> None:
        await table.leave(claimed_by="north")
        assert (await table.leave(claimed_by="north")).lease is None
        assert (await table.leave(key="ben", claimed_by="north")).lease is not None

    async def test_planned_for_later_it_waits(self, table: Table) -> None:
        job = await table.leave(claimed_by="north", run_at=table.clock.now() + timedelta(minutes=1))
        assert job.lease is None
        assert await table.claim() == []
        table.clock.forward(minutes=1)
        assert [claimed.id for claimed in await table.claim()] == [job.id]

    async def test_one_name_stands_for_one_unfinished_job(self, table: Table) -> None:
        first = await table.leave(dedupe="purge")
        assert (await table.leave(dedupe="purge")).id == first.id
        (claimed,) = await table.claim()
        assert (await table.leave(dedupe="purge")).id == first.id
        await table.finish(claimed)
        assert (await table.leave(dedupe="purge")).id != first.id

    async def test_what_its_cause_undoes_was_never_left(self, table: Table) -> None:
        def deed(db: Connection) -> None:
            jobs.enqueue(db, ids=table.ids, now=table.clock.now(), kind="work", key="ana", payload={})
            raise BotFailed

        with pytest.raises(BotFailed):
            await table.store.write(deed)
        assert await table.states() == []

    async def test_twenty_at_once_under_one_key_give_one_that_runs(self, table: Table) -> None:
        left = await asyncio.gather(*[table.leave(claimed_by="north") for _ in range(20)])
        assert sum(job.lease is not None for job in left) == 1
        assert sorted(await table.states()) == ["ready"] * 19 + ["running"]


class TestClaiming:
    async def test_the_first_of_each_key_and_no_second(self, table: Table) -> None:
        ana, _, ben = await table.leave(), await table.leave(), await table.leave(key="ben")
        assert [job.id for job in await table.claim()] == [ana.id, ben.id]
        assert await table.claim() == []

    async def test_a_job_that_waits_to_be_tried_again_holds_its_key(self, table: Table) -> None:
        first, second = await table.leave(), await table.leave()
        (claimed,) = await table.claim()
        assert await table.retry(claimed, delay=60)
        assert await table.claim() == []
        table.clock.forward(seconds=61)
        (again,) = await table.claim()
        assert (again.id, again.attempts) == (first.id, 2)
        await table.finish(again)
        assert [job.id for job in await table.claim()] == [second.id]

    async def test_a_job_planned_for_tomorrow_does_not_hold_its_key(self, table: Table) -> None:
        await table.leave(run_at=table.clock.now() + timedelta(days=1))
        today = await table.leave()
        assert [job.id for job in await table.claim()] == [today.id]

    async def test_at_most_so_many(self, table: Table) -> None:
        for number in range(5):
            await table.leave(key=f"key {number}")
        assert len(await table.claim(limit=2)) == 2
        assert len(await table.claim(limit=10)) == 3

    async def test_the_database_itself_refuses_a_second_that_runs(self, table: Table) -> None:
        await table.leave(claimed_by="north")
        second = await table.leave()
        with pytest.raises(IntegrityError):
            await table.store.write(lambda db: db.execute(update(t.job).where(t.job.c.id == second.id).values(state="running")))

    async def test_of_200_jobs_and_four_nodes_at_once_none_is_claimed_twice(self, table: Table) -> None:
        for number in range(200):
            await table.leave(key=f"key {number % 50}")
        seen: list[str] = []

        async def node(name: str) -> None:
            while len(seen) < 200:
                for job in await table.claim(name, limit=7):
                    seen.append(job.id)
                    await table.finish(job)

        async with asyncio.timeout(60):
            await asyncio.gather(*[node(name) for name in ("north", "south", "east", "west")])
        assert len(set(seen)) == len(seen) == 200


class TestLeases:
    async def test_a_lease_that_ended_is_taken_over_and_the_slow_one_is_fenced(self, table: Table) -> None:
        await table.leave()
        (slow,) = await table.claim("north")
        await table.leases_end()
        (quick,) = await table.claim("south")
        assert (quick.id, lease_of(quick).epoch) == (slow.id, lease_of(slow).epoch + 1)
        with pytest.raises(Fenced):
            await table.store.write(table.effect(slow))
        await table.store.write(table.effect(quick))
        with pytest.raises(Fenced):
            await table.store.write(table.effect(quick))
        assert await table.effects() == [quick.id]

    async def test_the_fenced_cannot_retry_renew_or_give_back(self, table: Table) -> None:
        await table.leave()
        (slow,) = await table.claim("north")
        await table.leases_end()
        await table.claim("south")
        held = (await table.row(slow)).lease_until
        with pytest.raises(Fenced):
            await table.retry(slow)
        await table.store.write(lambda db: jobs.renew(db, now=table.clock.now() + timedelta(hours=1), owner="north", jobs=(slow.id,)))
        await table.store.write(lambda db: jobs.give_back(db, lease_of(slow)))
        row = await table.row(slow)
        assert (row.state, row.lease_owner, row.lease_until) == ("running", "south", held)

    async def test_a_renewed_lease_is_not_taken_over(self, table: Table) -> None:
        await table.leave()
        (job,) = await table.claim("north")
        await table.leases_end()
        await table.store.write(lambda db: jobs.renew(db, now=table.clock.now(), owner="north", jobs=(job.id,)))
        assert await table.claim("south") == []

    async def test_what_this_node_works_on_is_not_taken_from_itself_when_the_clock_jumps(self, table: Table) -> None:
        """Neither claimed anew nor declared a killer, though every lease seems to have ended."""
        for number in range(20):
            await table.leave(key=f"key {number}")
        mine = tuple(job.id for job in await table.claim("north", limit=20))
        await table.store.write(lambda db: db.execute(update(t.job).values(attempts=5)))
        table.clock.forward(hours=1)
        await table.leases_end()
        assert await table.claim("north", mine=mine) == []
        assert set(await table.states()) == {"running"}

    async def test_a_job_lost_on_the_way_to_its_own_node_is_found_after_five_seconds(self, table: Table) -> None:
        job = await table.leave(claimed_by="north")
        assert await table.claim("north") == []
        table.clock.forward(seconds=6)
        if table.store.dialect == "postgresql":  # leases are told by the database's clock there
            older = (await table.row(job)).lease_until - timedelta(seconds=6)
            await table.store.write(lambda db: db.execute(update(t.job).values(lease_until=older)))
        assert await table.claim("south") == []
        assert [found.id for found in await table.claim("north")] == [job.id]

    async def test_a_job_that_was_lost_three_times_is_put_off_and_never_given_up(self, table: Table) -> None:
        job = await table.leave(max_attempts=2, dedupe="timer:ana")
        for _ in range(2):
            for _ in range(3):
                assert [claimed.id for claimed in await table.claim()] == [job.id]
                await table.leases_end()
            assert await table.claim() == []
            row = await table.row(job)
            assert (row.state, row.dedupe) == ("ready", "timer:ana")  # whoever sets the next timer still finds this one
            assert await table.claim() == []
            table.clock.forward(minutes=5)

    async def test_one_that_is_put_off_holds_back_nothing(self, table: Table) -> None:
        await table.leave(key="ana")
        for _ in range(3):
            await table.claim()
            await table.leases_end()
        assert await table.claim() == []
        after = await table.leave(key="ana")
        assert [claimed.id for claimed in await table.claim()] == [after.id]

    async def test_a_node_that_comes_back_alone_has_the_jobs_of_the_dead_at_once(self, table: Table) -> None:
        job = await table.leave(claimed_by="before the crash")
        assert await table.claim("after") == []
        await table.store.write(lambda db: jobs.take_over(db, owner="after"))
        (found,) = await table.claim("after")
        assert (found.id, found.attempts) == (job.id, 2)

    async def test_giving_back_costs_no_attempt(self, table: Table) -> None:
        await table.leave()
        (job,) = await table.claim("north")
        assert await table.store.write(lambda db: jobs.give_back_all(db, owner="north")) == 1
        (again,) = await table.claim("south")
        assert (again.id, again.attempts) == (job.id, 1)


class TestEnds:
    async def test_dead_after_the_last_attempt_and_the_name_is_free_again(self, table: Table) -> None:
        first = await table.leave(dedupe="purge", max_attempts=2)
        (job,) = await table.claim()
        assert await table.retry(job)
        (job,) = await table.claim()
        assert not await table.retry(job)
        row = await table.row(first)
        assert (row.state, row.last_error) == ("dead", "bot_failed")
        assert (await table.leave(dedupe="purge")).id != first.id

    async def test_cancelled_by_name_or_by_key_it_never_runs(self, table: Table) -> None:
        await table.leave(dedupe="timer:ana")
        await table.leave(key="ben", kind="send")
        await table.leave(key="ben", kind="other")
        await table.store.write(lambda db: jobs.cancel(db, dedupe="timer:ana"))
        assert await table.store.write(lambda db: jobs.cancel_key(db, kind="send", key="ben", now=table.clock.now())) == 1
        assert await table.states() == ["cancelled", "cancelled", "ready"]
        assert [job.kind for job in await table.claim()] == ["other"]

    async def test_cancelled_while_it_runs_it_has_no_effect(self, table: Table) -> None:
        await table.leave(dedupe="timer:ana")
        (job,) = await table.claim()
        await table.store.write(lambda db: jobs.cancel(db, dedupe="timer:ana"))
        with pytest.raises(Fenced):
            await table.store.write(table.effect(job))
        assert await table.effects() == []

    async def test_when_the_clock_went_back_what_was_due_is_due_and_plans_stay(self, table: Table) -> None:
        await table.leave(key="due")
        await table.leave(key="planned", run_at=table.clock.now() + timedelta(minutes=10))
        await table.leave(key="tried")
        (tried,) = [job for job in await table.claim() if job.key == "tried"]
        await table.store.write(lambda db: jobs.give_back_all(db, owner="north"))
        (tried,) = [job for job in await table.claim() if job.key == "tried"]
        await table.retry(tried, delay=30)
        await table.store.write(lambda db: jobs.give_back_all(db, owner="north"))
        table.clock.forward(hours=-1)
        assert await table.claim() == []
        await table.store.write(lambda db: jobs.pull_forward(db, now=table.clock.now()))
        assert {job.key for job in await table.claim()} == {"due", "tried"}

    async def test_counts(self, table: Table) -> None:
        await table.leave(claimed_by="north")
        await table.leave(key="ben")
        table.clock.forward(seconds=70)
        counted = await table.store.read(lambda db: jobs.counts(db, table.clock.now()))
        assert counted == {"ready": 1, "running": 1, "dead": 0, "oldest_due": 70.0}


class TestRunner:
    @pytest.fixture
    async def run(self, table: Table) -> AsyncIterator[Callable[..., Runner]]:
        """Starts runners, and stops them after the test."""
        started: list[Runner] = []

        def start(handler: Handler, node: str = "north", **more: Any) -> Runner:
            given = {"alone": False, **more}
            runner = Runner(table.store, {"work": handler, "other": handler}, node=node, clock=table.clock, rng=random.Random(7), **given)
            runner.start()
            started.append(runner)
            return runner

        yield start
        await asyncio.gather(*[runner.stop(drain=1.0) for runner in started])

    def does(self, table: Table, seen: list[str] | None = None) -> Handler:
        async def handler(job: Job) -> None:
            if seen is not None:
                seen.append(job.id)
            await table.store.write(table.effect(job))

        return handler

    async def all_end(self, table: Table, state: str = "done") -> None:
        await table.until(lambda states: set(states) == {state})

    async def test_it_does_what_was_there_and_what_comes(self, table: Table, run: Callable[..., Runner]) -> None:
        await table.leave()
        runner = run(self.does(table))
        await self.all_end(table)
        runner.adopt(await table.leave(claimed_by="north"))
        runner.adopt(await table.leave(key="ben"))
        await self.all_end(table)
        assert len(await table.effects()) == 3

    async def test_an_adopted_job_starts_without_asking_the_database(self, table: Table, run: Callable[..., Runner]) -> None:
        asked = asyncio.Event()

        async def handler(job: Job) -> None:
            asked.set()
            await table.store.write(table.effect(job))

        runner = run(handler)
        job = await table.leave(claimed_by="north")
        runner.adopt(job)
        await asyncio.sleep(0)
        assert asked.is_set()
        await self.all_end(table)
        assert (await table.row(job)).lease_epoch == 1  # nobody claimed it a second time

    async def test_one_after_the_other_of_a_key_and_several_keys_at_once(self, table: Table, run: Callable[..., Runner]) -> None:
        at_work: dict[str, int] = {}
        most = {"of one key": 0, "in all": 0}
        order: list[str] = []

        async def handler(job: Job) -> None:
            at_work[job.key] = at_work.get(job.key, 0) + 1
            most["of one key"] = max(most["of one key"], at_work[job.key])
            most["in all"] = max(most["in all"], sum(at_work.values()))
            order.append(job.id)
            await asyncio.sleep(0.01)
            at_work[job.key] -= 1
            await table.store.write(table.effect(job))

        for number in range(24):
            await table.leave(key=f"key {number % 4}")
        run(handler)
        await self.all_end(table)
        assert most["of one key"] == 1
        assert most["in all"] > 1
        keys = [[job for job in order if (await table.row(job)).key == f"key {number}"] for number in range(4)]
        assert [sorted(key) for key in keys] == keys

    async def test_a_kind_that_is_slow_holds_back_no_other_kind(self, table: Table, run: Callable[..., Runner]) -> None:
        end, done = asyncio.Event(), self.does(table)

        async def handler(job: Job) -> None:
            if job.kind == "work":
                await end.wait()
            await done(job)

        runner = run(handler, concurrency=2)
        for number in range(8):
            runner.adopt(await table.leave(key=f"slow {number}", claimed_by="north" if number < 5 else None))
        runner.adopt(await table.leave(kind="other", key="adopted", claimed_by="north"))
        await table.leave(kind="other", key="found")
        runner.wake()
        await table.until(lambda states: states[-2:] == ["done", "done"])
        assert await table.states() == ["running"] * 5 + ["ready"] * 3 + ["done"] * 2
        end.set()
        await self.all_end(table)

    async def test_a_failure_is_tried_again_later_and_in_the_end_is_dead(self, table: Table, run: Callable[..., Runner]) -> None:
        tried: list[int] = []

        async def handler(job: Job) -> None:
            tried.append(job.attempts)
            raise BotFailed

        job = await table.leave(max_attempts=3)
        runner = run(handler)
        for attempt in (1, 2):
            await until(lambda: len(tried) == attempt)  # noqa: B023 - waited for at once
            await table.until(lambda states: states == ["ready"])
            row = await table.row(job)
            assert timedelta() <= row.run_at - table.clock.now() <= timedelta(seconds=2**attempt)
            table.clock.forward(seconds=2**attempt)
            runner.wake()
        await self.all_end(table, "dead")
        assert tried == [1, 2, 3]
        assert (await table.row(job)).last_error == "bot_failed"

    async def test_a_job_that_takes_too_long_is_ended_and_tried_again(self, table: Table, run: Callable[..., Runner]) -> None:
        async def handler(job: Job) -> None:
            await asyncio.sleep(60)

        job = await table.leave(max_attempts=1)
        run(handler, limit=0.05)
        await self.all_end(table, "dead")
        assert (await table.row(job)).last_error == "TimeoutError"

    async def test_a_kind_that_nobody_knows_is_dead_in_the_end_and_others_go_on(self, table: Table, run: Callable[..., Runner]) -> None:
        await table.leave(kind="odd", max_attempts=1)
        await table.leave(key="ben")
        run(self.does(table))
        await table.until(lambda states: states == ["dead", "done"])

    async def test_a_planned_job_runs_when_its_time_has_come(self, table: Table, run: Callable[..., Runner]) -> None:
        job = await table.leave(run_at=table.clock.now() + timedelta(minutes=5))
        runner = run(self.does(table))
        await asyncio.sleep(0.05)
        assert (await table.row(job)).state == "ready"
        table.clock.forward(minutes=5)
        runner.wake()
        await self.all_end(table)

    async def test_stopping_waits_for_what_runs_and_gives_back_the_rest(self, table: Table, run: Callable[..., Runner]) -> None:
        begun, gate = asyncio.Event(), asyncio.Event()

        async def handler(job: Job) -> None:
            begun.set()
            if job.key == "quick":
                await gate.wait()
                await table.store.write(table.effect(job))
            await asyncio.sleep(60)

        quick, stuck = await table.leave(key="quick"), await table.leave(key="stuck")
        runner = run(handler)
        await table.until(lambda states: states == ["running", "running"])
        await begun.wait()
        stopping = asyncio.create_task(runner.stop(drain=0.5))
        gate.set()
        await stopping
        assert ((await table.row(quick)).state, (await table.row(stuck)).state) == ("done", "ready")
        assert (await table.row(stuck)).attempts == 0

    async def test_a_clock_that_goes_back_an_hour_stops_nothing(self, table: Table, run: Callable[..., Runner]) -> None:
        runner = run(self.does(table))
        await until(lambda: runner._seen is not None)
        await table.leave()
        await table.leave(key="later", run_at=table.clock.now() + timedelta(days=1))
        table.clock.forward(hours=-1)
        runner.wake()
        await table.until(lambda states: sorted(states) == ["done", "ready"])

    async def test_a_zombie_comes_back_and_its_effects_are_all_fenced(self, table: Table, run: Callable[..., Runner]) -> None:
        """North reads, sleeps through its leases, wakes up after south did the work."""
        gate, asleep = asyncio.Event(), 0

        async def zombie(job: Job) -> None:
            nonlocal asleep
            asleep += 1
            await gate.wait()
            await table.store.write(table.effect(job))

        left = [await table.leave(key=f"key {number}") for number in range(10)]
        run(zombie)
        await until(lambda: asleep == 10)
        await table.leases_end()
        run(self.does(table), "south")
        await self.all_end(table)
        gate.set()
        await asyncio.sleep(0.2)
        assert sorted(await table.effects()) == sorted(job.id for job in left)
        rows = await table.store.read(lambda db: db.execute(select(EFFECT.c.who).distinct()).scalars().all())
        assert rows == ["south"]

    async def test_two_nodes_with_their_own_stores_do_every_job_once(
        self, table: Table, settings: Settings, run: Callable[..., Runner]
    ) -> None:
        other = open_store(settings)
        elsewhere = Table(other, table.clock, table.ids)
        try:
            for number in range(120):
                await table.leave(key=f"key {number % 30}", claimed_by="north" if number % 3 == 0 else None)
            await table.store.write(lambda db: jobs.give_back_all(db, owner="north"))

            async def handler(job: Job) -> None:
                await elsewhere.store.write(elsewhere.effect(job))

            run(self.does(table))
            south = Runner(other, {"work": handler}, node="south", clock=table.clock, alone=False)
            south.start()
            try:
                await self.all_end(table)
            finally:
                await south.stop()
        finally:
            await other.close()
        assert len(await table.effects()) == len(set(await table.effects())) == 120

    async def test_its_loop_survives_a_database_that_is_away(
        self, table: Table, run: Callable[..., Runner], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        fails = 3
        read = table.store.read

        async def flaky(query: Callable[[Connection], Any]) -> Any:
            nonlocal fails
            if fails:
                fails -= 1
                raise RuntimeError
            return await read(query)

        monkeypatch.setattr(table.store, "read", flaky)
        runner = run(self.does(table))
        job = await table.leave()
        for _ in range(4):
            runner.wake()
            await asyncio.sleep(0.02)
        fails = 0
        runner.wake()
        await self.all_end(table)
        assert (await table.row(job)).state == "done"


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
async def test_a_look_at_the_jobs_does_not_read_those_that_are_done(store: Store, clock: FakeClock) -> None:
    def plan(db: Connection) -> list[str]:
        told = {"at": clock.now(), "node": "north", "clock": round(clock.now().timestamp() * 1000), "mine": [], "but": []}
        query = jobs._claimable("sqlite").params(told).compile(db, compile_kwargs={"literal_binds": True})
        return [row.detail for row in db.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}").all()]

    steps = await store.read(plan)
    assert any("job USING INDEX job_due" in step for step in steps), steps
    assert not any(step.startswith("SCAN job") and "INDEX" not in step for step in steps), steps
