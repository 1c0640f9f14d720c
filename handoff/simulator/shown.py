"""What a phone on the screen shows: its texts, its calls, and what goes wrong on purpose."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from handoff.simulator.calls import Call
from handoff.simulator.faults import EVERYONE, Callbacks, Faults
from handoff.simulator.parties import Handset
from handoff.simulator.texts import Text
from handoff.simulator.twilio import Twilio

LATEST = 200
SLOW = 12.0  # seconds: longer than our side waits for an answer


def phone_json(twilio: Twilio, number: str) -> dict[str, Any]:
    """One phone: the texts and calls of a number, oldest first, and the call that goes on."""
    calls = twilio.calls_to(number)
    going_on = next((call for call in reversed(calls) if call.state in ("ringing", "in-progress") and not _at_mailbox(call)), None)
    return {
        "number": number,
        "texts": [_text(text) for text in twilio.texts if number in (text.sender, text.to)][-LATEST:],
        "calls": [_call(call) for call in calls if call is not going_on and call.state != "queued"][-LATEST:],
        "call": _call(going_on) if going_on else None,
        "error": twilio.faults.errors.get(number, 0),
        "opted_out": any(known == number for known, _ in twilio.opted_out),
    }


def faults_json(faults: Faults) -> dict[str, bool]:
    return {"slow": faults.slow > 0, "lost": faults.callbacks is Callbacks.LOST, "deaf": faults.deaf}


def set_faults(twilio: Twilio, number: str, *, error: int, opted_out: bool, slow: bool, lost: bool, deaf: bool) -> None:
    """`error` and `opted_out` are the number's, the rest is everybody's."""
    faults, ours = twilio.faults, twilio.account.numbers
    faults.errors.pop(number, None)
    if error:
        faults.errors[number or EVERYONE] = error
    twilio.opted_out -= {(number, own) for own in ours}
    if opted_out:
        twilio.opted_out |= {(number, own) for own in ours}
    faults.slow = SLOW if slow else 0.0
    faults.callbacks = Callbacks.LOST if lost else Callbacks.ONCE
    faults.deaf = deaf
    twilio.hub.change()


def _text(text: Text) -> dict[str, Any]:
    mine = text.direction == "inbound"
    return {
        "sid": text.sid,
        "mine": mine,
        "body": text.body,
        "media": text.media,
        "at": _moment(text.created),
        "state": text.state,
        "error": text.error,
        "reached": text.reached,
        "taken": text.taken if mine else None,
    }


def _call(call: Call) -> dict[str, Any]:
    return {
        "sid": call.sid,
        "sender": call.sender,
        "at": _moment(call.created),
        "state": call.state,
        "mailbox": _at_mailbox(call),
        "said": list(call.said),
        "asked": call.asked,
        "bridged": call.bridged,
        "started": _moment(call.started) if call.started else None,
        "seconds": call.seconds,
        "alive": call.alive,
    }


def _at_mailbox(call: Call) -> bool:
    return isinstance(call.party, Handset) and call.party.is_mailbox


def _moment(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
