"""A phone on the screen: somebody picks it up, at any moment from its first ring on, and presses its keys."""

from __future__ import annotations

import asyncio

from handoff.phone import TwilioPhone
from handoff.simulator.parties import Handset, Pickup
from tests.fakes import until
from tests.simulator.our_side import OurSide
from tests.simulator.test_calls import SCREEN, call, line, ours, phone, screen_document
from tests.twilio import NORA, Line

__all__ = ["line", "ours", "phone"]  # fixtures


async def test_a_phone_on_the_screen_is_answered_by_hand() -> None:
    async with Line(by_hand=True) as line, OurSide(line) as ours:
        phone, handset = TwilioPhone(line.twilio.account, total=5), Handset()
        ours.says["/twilio/voice"] = screen_document()
        line.twilio.parties[NORA] = handset
        await call(line, phone)
        await line.time.forward(3)
        handset.choose(Pickup.ANSWERED)
        ringing = line.twilio.calls[0]
        await until(lambda: ringing.asked)
        ringing.digits.put_nowait("1")
        await line.time.forward(0)
        await until(lambda: ours.told("/twilio/pressed", "Digits") == ["1"])
        await line.twilio.settled()
        assert ringing.state == "completed"
        await phone.close()
    assert not [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]


async def test_a_phone_picked_up_while_our_side_is_still_told_that_it_rings_is_picked_up(
    line: Line, ours: OurSide, phone: TwilioPhone
) -> None:
    handset = line.twilio.parties[NORA] = Handset()
    handset.choose(Pickup.ANSWERED)
    handset.choose(Pickup.BUSY)  # it no longer rings
    await call(line, phone)
    await line.twilio.settled()
    assert line.twilio.calls[0].said == [SCREEN]
    assert line.twilio.calls[0].state == "completed"
