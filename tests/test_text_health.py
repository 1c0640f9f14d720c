"""What an operator hears of texting: in the console, from `heard doctor`, in the metrics; and that no sentence of ours gives a patient away."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from handoff.desk import text_health
from handoff.desk.work import Desk
from handoff.doctor import examine
from handoff.metrics import Metrics
from handoff.simulator.faults import Failure
from tests.fakes import FakeClock
from tests.texting import Sender
from tests.twilio import ANA

MAY_STAND = {
    "minutes",
    "opens",
    *("begins", "ends", "ending", "when"),
    "number",  # repeated back to whoever has just typed it, for one wrong digit rings a stranger
    "ahead",
    "clinic",
    *("crisis", "to_call", "to_text", "one", "other", "whom"),  # whom to call in danger: numbers of routing.yml
    "day",
    "emergency",
    "from",
    "hour",
    "hours",
    "name",
    "phone",
    "time",
    "to",
    "until",
    "url",  # of the console
    "when",
    "code",
}


@pytest.mark.parametrize(("code", "notice"), [(20003, "account"), (21611, "sender_paused"), (21408, "operator")])
async def test_what_hinders_texts_is_told(desk: Desk, clock: FakeClock, code: int, notice: str) -> None:
    async with Sender(desk, clock) as sender:
        ana = await sender.patient()
        assert await desk.look(text_health.notices, clock.now()) == []
        sender.twilio.faults.refusals[ANA] = code
        await sender.say(ana, "How was it?")
        await sender.run()
        assert await desk.look(text_health.notices, clock.now()) == [notice]
        page = (await Metrics().page(sender.desk)).decode()
        assert f'heard_texts_hindered{{by="{notice}"}} 1.0' in page
        assert f'heard_texts{{state="{"failed" if notice == "operator" else "queued"}"}} 1.0' in page
        assert ANA not in page
        found = [finding for finding in await examine(desk.house.settings, clock=clock) if finding.subject == "texts"]
        assert [finding.grade for finding in found] == ["fail" if notice == "account" else "warn"]


async def test_the_cap_and_doubts_are_told(desk: Desk, clock: FakeClock) -> None:
    async with Sender(desk, clock, texts_per_day=2) as sender:
        ana = await sender.patient()
        sender.twilio.faults.failures.extend([Failure.RESET, Failure.RESET])
        await sender.say(ana, "a" * 300, "Anything to add?")
        await sender.run_until(timedelta(minutes=5))
        assert await desk.look(text_health.doubts, clock.now()) == (0, 0)
        clock.forward(minutes=11)
        assert await desk.look(text_health.doubts, clock.now()) == (0, 1)  # nobody looked: it is stuck
        await sender.run_until(timedelta(minutes=30))
        assert await desk.look(text_health.doubts, clock.now()) == (1, 0)
        assert await desk.look(text_health.notices, clock.now()) == ["daily_cap"]
        assert await desk.look(text_health.spent_today, clock.now(), sender.desk.house.settings) == 2


@pytest.mark.parametrize("language", ["en", "es"])
def test_no_sentence_has_a_place_for_a_patients_words_or_reasons(language: str) -> None:
    """A text lies open on a locked screen: sentences name the clinic, staff, times and numbers of ours, and nothing else."""
    tree = yaml.safe_load(Path(f"config/messages/{language}/service.yml").read_text(encoding="utf-8"))
    assert set(re.findall(r"\{(\w+)", str(tree))) - MAY_STAND == set()
