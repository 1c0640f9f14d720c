"""Calls as chance will have it: whoever is at the phones and whatever goes wrong, what a call may never do it does not."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path

import pytest

from handoff.call import CallState, has_ended
from handoff.desk import calls
from handoff.errors import IllegalMove
from handoff.simulator.faults import Callbacks, Failure
from handoff.simulator.parties import Party, answers, declines, is_busy, is_dead, lets_ring, seems, voicemail
from tests.phoning import Clinic
from tests.twilio import NORA

ROUNDS = int(os.environ.get("CALL_ROUNDS", "6"))
WHISPERS = {"Heard has a call for you about a patient. Press 1 to take it.", "That was not 1. Press 1 to take the call, or hang up."}


def at_the_phone(chance: random.Random, keys: str) -> Party:
    stays = chance.choice([1, 3, 8, 15, 40])
    found: Party = chance.choice(
        [
            *(answers(keys), answers(keys, after=1, stays=stays), answers("", stays=stays), answers("9" + keys)),
            *(declines(), lets_ring(), is_busy(), is_dead(), voicemail(), voicemail(after=3)),
            *(seems(answers(keys), "unknown"), seems(answers(keys, stays=stays), "machine_start")),
        ]
    )
    return found


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_happens(tmp_path: Path, sqlite_at_head: Path, seed: int) -> None:
    """Every leg ends; the callback is with nobody's phone any more; nobody is rung twice for one call, connected twice, or a fourth time."""
    shutil.copy(sqlite_at_head, tmp_path / "heard.db")
    chance = random.Random(seed)
    async with Clinic(tmp_path) as clinic:
        for number in (f"+1202555{1000 + one}" for one in range(ROUNDS)):
            await one_callback(clinic, chance, number)


async def one_callback(clinic: Clinic, chance: random.Random, number: str) -> None:
    faults = clinic.twilio.faults
    _, callback = await clinic.asked_for_a_call(number)
    nora, met = len(clinic.rings(NORA)), clinic.met
    tries = chance.choice([1, 1, 2, 4])
    for _ in range(tries):
        clinic.is_at(NORA, at_the_phone(chance, "1"))
        clinic.is_at(number, at_the_phone(chance, ""))
        faults.callbacks = chance.choice([Callbacks.ONCE, Callbacks.ONCE, *Callbacks])
        faults.failures.clear()
        faults.failures.extend(chance.choice([None, None, None, *Failure]) for _ in range(2))  # type: ignore[misc]
        try:
            await clinic.desk.do(calls.start, clinic.nora, callback)
        except IllegalMove:
            break
        await clinic.passes(chance.choice([2, 9, 14, 30]))
        if chance.random() < 0.15 and (await clinic.callback(callback))["state"] == "dialling":
            await clinic.call_off(callback)
        await clinic.passes(60 * 11)
    row, legs = await clinic.callback(callback), await clinic.legs(callback)
    assert all(has_ended(CallState(leg["state"])) for leg in legs), legs
    assert row["state"] in ("scheduled", "connected", "cancelled", "escalated"), row
    assert row["attempts"] <= 3
    placed = [leg for leg in legs if leg["leg"] == "patient"]
    assert len(clinic.rings(number)) <= len(placed) <= 3
    assert len(clinic.rings(NORA)) - nora <= tries
    assert clinic.met - met <= len([leg for leg in placed if leg["outcome"] == "spoke"]) <= 1
    for call in clinic.rings(NORA)[nora:]:
        assert set(call.said[:1]) <= WHISPERS
        assert not any(number in words for words in call.said)
