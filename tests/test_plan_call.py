"""A call can be planned wherever a conversation may be read: also when it is back with the bot and out of the queue."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from handoff.desk import callback_acts, views
from handoff.errors import NotAllowed
from handoff.staff.access import Person, Role
from tests.cast import Cast
from tests.fakes import until
from tests.service import Node, Staff

NUMBER = "+1 202 555 0143"


async def can(cast: Cast, person: Person) -> list[str]:
    item = await cast.desk.look(lambda db: views.item(db, cast.desk.house, person, cast.ana))
    return list(item["can"])


async def test_a_supervisor_plans_a_call_for_a_patient_who_talks_to_the_bot(cast: Cast) -> None:
    assert await cast.state() == ("bot", "bot")
    assert "plan_call" in await can(cast, cast.priya)
    assert await can(cast, cast.maria) == []  # what is told to the bot alone is not hers to read
    (window, *_) = cast.desk.house.hours.windows(cast.clock.now(), 1)
    with pytest.raises(NotAllowed):
        await cast.desk.do(callback_acts.plan_one, cast.maria, cast.ana, NUMBER, window, "")
    item = await cast.desk.do(callback_acts.plan_one, cast.priya, cast.ana, NUMBER, window, "the bill")
    assert views.is_shown(item)
    done = await cast.desk.do(callback_acts.log_attempt, cast.priya, item["callback"]["id"], "spoke", "")
    assert done["callback"] is None
    assert not views.is_shown(done)
    assert "plan_call" in done["can"]  # and another one, if it takes that
    await cast.desk.do(callback_acts.plan_one, cast.priya, cast.ana, NUMBER, window, "the bill again")


async def test_who_looks_at_a_thread_that_leaves_the_queue_keeps_what_may_be_done_with_it(tmp_path: Path) -> None:
    async with Node(tmp_path) as node:
        maria, priya = await node.staff("Maria"), await node.staff("Priya", Role.SUPERVISOR)
        ana = await node.patient()
        await ana.person()
        await ana.press("Chat with a person")
        conversation = await maria.sees_waiting()
        for one in (maria, priya):
            await one.open(conversation)
        await maria.ask("take", conversation=conversation)
        await maria.ask("hand_back", conversation=conversation)

        def gone(console: Staff) -> list[dict[str, Any]]:
            return [data for event, data in console.events if event == "gone"]

        await until(lambda: gone(maria) and gone(priya))
        assert gone(maria)[-1]["item"]["can"] == ["mark"]  # and nothing of what is said there from now on
        item = gone(priya)[-1]["item"]
        assert (item["state"], "plan_call" in item["can"]) == ("bot", True)
