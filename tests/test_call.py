"""The ledger of a call leg: every state with every event, and what Twilio's words mean."""

from __future__ import annotations

from itertools import permutations

import pytest

from handoff.call import RANKS, REPORTS, CallEvent, CallState, after, came_of, has_ended, is_machine

STATES = ("attempting", "maybe_placed", "queued", "ringing", "in_progress")  # the others have ended
ENDS = ("completed", "busy", "no_answer", "failed", "canceled")

# event: what it makes of each state of STATES; "-" is the same state
TABLE = {
    "accepted": "queued queued - - -",
    "refused": "failed - - - -",
    "uncertain": "maybe_placed - - - -",
    "dropped": "canceled - - - -",
    "rings": "ringing ringing ringing - -",
    "answered": "in_progress in_progress in_progress in_progress -",
    "completed": "completed completed completed completed completed",
    "busy": "busy busy busy busy -",
    "no_answer": "no_answer no_answer no_answer no_answer -",
    "failed": "failed failed failed failed failed",
    "canceled": "canceled canceled canceled canceled completed",
    "given_up": "failed failed failed failed failed",
}


def test_the_table_names_every_event_and_every_state() -> None:
    assert set(TABLE) == {str(event) for event in CallEvent}
    assert {*STATES, *ENDS} == {str(state) for state in CallState}


@pytest.mark.parametrize("event", list(CallEvent))
@pytest.mark.parametrize("state", list(CallState))
def test_each_state_with_each_event(state: CallState, event: CallEvent) -> None:
    row = dict(zip(STATES, TABLE[event].split(), strict=True))
    wanted = row.get(state, "-")
    assert after(state, event) == (state if wanted == "-" else CallState(wanted))


@pytest.mark.parametrize("state", list(CallState))
def test_states_go_forward_only_and_an_end_is_the_end(state: CallState) -> None:
    moved = [after(state, event) for event in CallEvent]
    assert all(RANKS[one] > RANKS[state] or one is state for one in moved)
    assert has_ended(state) is (set(moved) == {state}) is (str(state) in ENDS)


@pytest.mark.parametrize("order", list(permutations(("initiated", "ringing", "in-progress", "completed"))))
def test_reports_in_any_order_come_to_the_same_end(order: tuple[str, ...]) -> None:
    state = CallState.ATTEMPTING
    for word in order:
        state = after(state, REPORTS[word])
    assert state is CallState.COMPLETED


@pytest.mark.parametrize(
    ("answered_by", "spoke", "state", "came"),
    [
        (None, True, CallState.COMPLETED, "spoke"),
        ("human", True, CallState.FAILED, "spoke"),
        ("machine_start", False, CallState.COMPLETED, "voicemail"),
        ("machine_end_beep", False, CallState.COMPLETED, "voicemail"),
        ("fax", False, CallState.COMPLETED, "voicemail"),
        ("human", False, CallState.COMPLETED, "no_answer"),
        ("unknown", False, CallState.COMPLETED, "no_answer"),
        (None, False, CallState.BUSY, "busy"),
        (None, False, CallState.NO_ANSWER, "no_answer"),
        (None, False, CallState.CANCELED, "no_answer"),
        (None, False, CallState.FAILED, "failed"),
    ],
)
def test_what_came_of_the_patients_leg(answered_by: str | None, spoke: bool, state: CallState, came: str) -> None:
    assert came_of(answered_by, spoke, state) == came


@pytest.mark.parametrize(
    ("answered_by", "machine"),
    [(None, False), ("", False), ("human", False), ("unknown", False), ("machine_start", True), ("machine_end_other", True), ("fax", True)],
)
def test_only_what_is_certainly_a_machine_is_one(answered_by: str | None, machine: bool) -> None:
    assert is_machine(answered_by) is machine
